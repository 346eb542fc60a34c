package org.warrenmq.broker.auth;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Regular expressions as Perl writes them, for Java: a brace that repeats nothing is itself, in a
 * class brackets and ampersands are, and {@code [:alpha:]} is a class of POSIX. Made for one
 * expression.
 */
final class PerlSyntax {
  private static final Pattern REPETITION = Pattern.compile("\\{\\d+(,\\d*)?}");
  private static final Pattern WITH_BRACES = Pattern.compile("\\\\[pPxNgko]\\{[^}]*}");
  private static final Pattern POSIX = Pattern.compile("\\[:(\\^?)([a-z]+):]");

  private final String perl;
  private final StringBuilder java = new StringBuilder();
  private int next;

  private PerlSyntax(String perl) {
    this.perl = perl;
  }

  static String toJava(String perl) {
    PerlSyntax syntax = new PerlSyntax(perl);
    while (syntax.next < perl.length()) {
      syntax.element();
    }
    return syntax.java.toString();
  }

  private void element() {
    switch (perl.charAt(next)) {
      case '\\' -> escape();
      case '[' -> characterClass();
      case '{' -> {
        if (!copied(REPETITION)) {
          literal();
        }
      }
      default -> copy();
    }
  }

  private void copy() {
    java.append(perl.charAt(next++));
  }

  private void literal() {
    java.append('\\');
    copy();
  }

  private boolean copied(Pattern what) {
    Matcher matcher = matcher(what);
    boolean there = matcher.lookingAt();
    if (there) {
      java.append(matcher.group());
      next = matcher.end();
    }
    return there;
  }

  private Matcher matcher(Pattern what) {
    return what.matcher(perl).region(next, perl.length());
  }

  private void escape() {
    if (!copied(WITH_BRACES)) {
      copy();
      if (next < perl.length()) {
        copy();
      }
    }
  }

  private void characterClass() {
    copy();
    if (at('^')) {
      copy();
    }
    // Here it ends nothing.
    if (at(']')) {
      literal();
    }
    while (next < perl.length() && !at(']')) {
      switch (perl.charAt(next)) {
        case '\\' -> escape();
        case '&' -> literal();
        case '[' -> {
          if (!posix()) {
            literal();
          }
        }
        default -> copy();
      }
    }
    if (at(']')) {
      copy();
    }
  }

  private boolean at(char character) {
    return next < perl.length() && perl.charAt(next) == character;
  }

  private boolean posix() {
    Matcher matcher = matcher(POSIX);
    if (!matcher.lookingAt()) {
      return false;
    }
    String name = matcher.group(2);
    java.append(matcher.group(1).isEmpty() ? "\\p{" : "\\P{")
        .append(
            switch (name) {
              case "xdigit" -> "XDigit";
              case "ascii" -> "ASCII";
              default -> Character.toUpperCase(name.charAt(0)) + name.substring(1);
            })
        .append('}');
    next = matcher.end();
    return true;
  }
}
