package org.warrenmq.codec;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * Strings as AMQP carries them: UTF-8, though any octets are let through. Stateless, any thread.
 *
 * <p>An octet that is no part of valid UTF-8 becomes a lone surrogate U+DC80 to U+DCFF and turns
 * back into that octet when written, so every name and key goes out exactly as it came in. Other
 * lone surrogates cannot come from the wire; they are written as {@code ?}.
 */
public final class WireString {
  /** The longest short string, in octets. */
  public static final int MAX_SHORT = 255;

  private static final int ESCAPE = 0xDC00;
  private static final long NON_ASCII = 0x8080_8080_8080_8080L;

  private WireString() {}

  /** Reads the given number of octets, which the caller knows to be there. */
  public static String decode(ByteBuf in, int length) {
    int from = in.readerIndex();
    in.skipBytes(length);
    if (isAscii(in, from, length)) {
      return in.toString(from, length, StandardCharsets.US_ASCII);
    }
    byte[] bytes = new byte[length];
    in.getBytes(from, bytes);
    return decodeUtf8(bytes, 0, length);
  }

  /** The string of a part of an array. */
  public static String decode(byte[] bytes, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      if (bytes[i] < 0) {
        return decodeUtf8(bytes, offset, length);
      }
    }
    return new String(bytes, offset, length, StandardCharsets.US_ASCII);
  }

  /** Whether it came as valid UTF-8. */
  static boolean isText(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (!isPair(text, i)) {
          return false;
        }
        i++;
      }
    }
    return true;
  }

  /** How many octets the string takes on the wire. */
  public static int encodedLength(String text) {
    int length = text.length();
    int octets = 0;
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        octets++;
      } else if (c < 0x800) {
        octets += 2;
      } else if (!Character.isSurrogate(c)) {
        octets += 3;
      } else if (isPair(text, i)) {
        octets += 4;
        i++;
      } else {
        octets++;
      }
    }
    return octets;
  }

  /** Writes the octets of the string, without a length. */
  public static void write(ByteBuf out, String text) {
    out.ensureWritable(text.length());
    if (!writeAscii(out, text)) {
      writeUtf8(out, text);
    }
  }

  /**
   * Writes a length octet and the string.
   *
   * @throws IllegalArgumentException if it takes more than 255 octets
   */
  public static void writeShort(ByteBuf out, String text) {
    int length = text.length();
    int start = out.writerIndex();
    if (length <= MAX_SHORT) {
      out.ensureWritable(1 + length);
      out.writeByte(length);
      if (writeAscii(out, text)) {
        return;
      }
      out.writerIndex(start);
    }
    int octets = encodedLength(text);
    if (octets > MAX_SHORT) {
      throw new IllegalArgumentException("no short string: " + octets + " octets");
    }
    out.ensureWritable(1 + octets);
    out.writeByte(octets);
    writeUtf8(out, text);
  }

  /** The octets of the string, without a length. */
  public static byte[] bytes(String text) {
    byte[] bytes = new byte[encodedLength(text)];
    fill(bytes, 0, text);
    return bytes;
  }

  /**
   * The string with its length octet, ready to be copied out many times.
   *
   * @throws IllegalArgumentException if it takes more than 255 octets
   */
  public static byte[] shortString(String text) {
    int octets = encodedLength(text);
    if (octets > MAX_SHORT) {
      throw new IllegalArgumentException("no short string: " + octets + " octets");
    }
    byte[] bytes = new byte[1 + octets];
    bytes[0] = (byte) octets;
    fill(bytes, 1, text);
    return bytes;
  }

  /** The string itself if it is a short string, else its beginning and three dots. */
  public static String cutToShort(String text) {
    if (text.length() <= MAX_SHORT && encodedLength(text) <= MAX_SHORT) {
      return text;
    }
    int octets = 0;
    int end = 0;
    while (end < text.length()) {
      int step = Character.charCount(text.codePointAt(end));
      octets += encodedLength(text.substring(end, end + step));
      if (octets > MAX_SHORT - 3) {
        break;
      }
      end += step;
    }
    return text.substring(0, end) + "...";
  }

  private static boolean isAscii(ByteBuf in, int from, int length) {
    int i = 0;
    for (; i + Long.BYTES <= length; i += Long.BYTES) {
      if ((in.getLong(from + i) & NON_ASCII) != 0) {
        return false;
      }
    }
    for (; i < length; i++) {
      if (in.getByte(from + i) < 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * Writes eight characters at a time, since bounds checks cost more than the shifts. If not all of
   * them are ASCII, the writer index stays where it was.
   */
  private static boolean writeAscii(ByteBuf out, String text) {
    int length = text.length();
    int at = out.writerIndex();
    int seen = 0;
    int i = 0;
    for (; i + Long.BYTES <= length; i += Long.BYTES) {
      long word = 0;
      for (int k = 0; k < Long.BYTES; k++) {
        char c = text.charAt(i + k);
        seen |= c;
        word = word << 8 | (c & 0xFF);
      }
      out.setLong(at + i, word);
    }
    for (; i < length; i++) {
      char c = text.charAt(i);
      seen |= c;
      out.setByte(at + i, c);
    }
    if (seen >= 0x80) {
      return false;
    }
    out.writerIndex(at + length);
    return true;
  }

  private static void writeUtf8(ByteBuf out, String text) {
    out.writeBytes(bytes(text));
  }

  private static void fill(byte[] to, int offset, String text) {
    int at = offset;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        to[at++] = (byte) c;
      } else if (c < 0x800) {
        to[at++] = (byte) (0xC0 | (c >> 6));
        to[at++] = (byte) (0x80 | (c & 0x3F));
      } else if (!Character.isSurrogate(c)) {
        to[at++] = (byte) (0xE0 | (c >> 12));
        to[at++] = (byte) (0x80 | (c >> 6 & 0x3F));
        to[at++] = (byte) (0x80 | (c & 0x3F));
      } else if (isPair(text, i)) {
        int point = Character.toCodePoint(c, text.charAt(++i));
        to[at++] = (byte) (0xF0 | (point >> 18));
        to[at++] = (byte) (0x80 | (point >> 12 & 0x3F));
        to[at++] = (byte) (0x80 | (point >> 6 & 0x3F));
        to[at++] = (byte) (0x80 | (point & 0x3F));
      } else {
        to[at++] = c >= ESCAPE + 0x80 && c <= ESCAPE + 0xFF ? (byte) (c - ESCAPE) : (byte) '?';
      }
    }
  }

  private static boolean isPair(String text, int i) {
    return Character.isHighSurrogate(text.charAt(i))
        && i + 1 < text.length()
        && Character.isLowSurrogate(text.charAt(i + 1));
  }

  private static String decodeUtf8(byte[] bytes, int offset, int length) {
    StringBuilder text = new StringBuilder(length);
    int end = offset + length;
    int at = offset;
    while (at < end) {
      int lead = bytes[at] & 0xFF;
      int size = sequenceLength(bytes, at, end);
      switch (size) {
        case 1 -> text.append((char) lead);
        case 2 -> text.append((char) (((lead & 0x1F) << 6) | tail(bytes, at + 1)));
        case 3 ->
            text.append(
                (char) ((lead & 0x0F) << 12 | tail(bytes, at + 1) << 6 | tail(bytes, at + 2)));
        case 4 ->
            text.appendCodePoint(
                (lead & 0x07) << 18
                    | tail(bytes, at + 1) << 12
                    | tail(bytes, at + 2) << 6
                    | tail(bytes, at + 3));
        default -> text.append((char) (ESCAPE + lead));
      }
      at += Math.max(1, size);
    }
    return text.toString();
  }

  /** Length of the valid sequence that starts here, 0 if none does. */
  private static int sequenceLength(byte[] bytes, int at, int end) {
    int lead = bytes[at] & 0xFF;
    if (lead < 0x80) {
      return 1;
    }
    int size = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
    if (size == 0 || at + size > end) {
      return 0;
    }
    for (int i = 1; i < size; i++) {
      if ((bytes[at + i] & 0xC0) != 0x80) {
        return 0;
      }
    }
    // Longer forms than needed, surrogates, and what lies beyond U+10FFFF show in the second octet.
    int second = bytes[at + 1] & 0xFF;
    boolean valid =
        switch (lead) {
          case 0xE0 -> second >= 0xA0;
          case 0xED -> second < 0xA0;
          case 0xF0 -> second >= 0x90;
          case 0xF4 -> second < 0x90;
          default -> true;
        };
    return valid ? size : 0;
  }

  private static int tail(byte[] bytes, int at) {
    return bytes[at] & 0x3F;
  }
}
