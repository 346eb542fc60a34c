package org.warrenmq.broker.config;

/**
 * One key with its value, as somebody gave it. Immutable, any thread.
 *
 * @param place where: a file with the number of the line, or a variable of the environment
 */
public record Given(String key, String value, String place) {
  /** Without the value, which may be a password: this may end up in a log. */
  @Override
  public String toString() {
    return key + " (" + place + ")";
  }
}
