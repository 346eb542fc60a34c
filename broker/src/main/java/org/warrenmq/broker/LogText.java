package org.warrenmq.broker;

/**
 * Text as the log may have it. Clients choose names, and errors quote them: none may end a line,
 * colour a terminal or turn the direction of what follows. Stateless, any thread.
 */
final class LogText {
  private LogText() {}

  /**
   * The text with its control and format characters, line separators and lone surrogates spelled
   * out. A backslash stays as it is: this is for reading, not for reading back.
   */
  static String escaped(String text) {
    if (text.codePoints().noneMatch(LogText::isHidden)) {
      return text;
    }
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(
            point -> {
              if (isHidden(point)) {
                escape(escaped, point);
              } else {
                escaped.appendCodePoint(point);
              }
            });
    return escaped.toString();
  }

  private static boolean isHidden(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          true;
      default -> false;
    };
  }

  private static void escape(StringBuilder escaped, int point) {
    switch (point) {
      case '\n' -> escaped.append("\\n");
      case '\r' -> escaped.append("\\r");
      case '\t' -> escaped.append("\\t");
      case 0x1B -> escaped.append("\\e");
      default -> {
        for (char unit : Character.toChars(point)) {
          escaped.append("\\u").append(hex(unit));
        }
      }
    }
  }

  private static String hex(char unit) {
    return Integer.toHexString(0x1_0000 | unit).substring(1);
  }
}
