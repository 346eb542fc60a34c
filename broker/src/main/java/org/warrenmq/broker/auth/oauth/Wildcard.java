package org.warrenmq.broker.auth.oauth;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A pattern of a scope: stars stand for anything, the rest for itself, with what is special in it
 * percent-encoded. Immutable, any thread.
 */
record Wildcard(List<String> parts) {
  Wildcard {
    parts = List.copyOf(parts);
  }

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException when something in it is encoded wrongly
   */
  static Wildcard of(String pattern) {
    List<String> parts = new ArrayList<>();
    for (String part : pattern.split("\\*", -1)) {
      parts.add(URLDecoder.decode(part, StandardCharsets.UTF_8));
    }
    return new Wildcard(parts);
  }

  boolean matches(String subject) {
    String first = parts.getFirst();
    if (parts.size() == 1) {
      return subject.equals(first);
    }
    String last = parts.getLast();
    if (!subject.startsWith(first)
        || !subject.endsWith(last)
        || subject.length() < first.length() + last.length()) {
      return false;
    }
    int at = first.length();
    int end = subject.length() - last.length();
    for (String part : parts.subList(1, parts.size() - 1)) {
      int found = subject.indexOf(part, at);
      if (found < 0 || found + part.length() > end) {
        return false;
      }
      at = found + part.length();
    }
    return true;
  }
}
