package org.warrenmq.broker.auth;

/**
 * Which routing keys somebody may publish to a topic exchange with, and bind to it with. Immutable.
 *
 * @param write as given, with variables
 * @param read as given, with variables
 */
public record TopicPermissions(
    String write, String read, PermissionPattern mayWrite, PermissionPattern mayRead) {

  /**
   * Reads two regular expressions, for a user in a virtual host, whose names may be in them as
   * {@code {username}} and {@code {vhost}}.
   *
   * @throws IllegalArgumentException when one of them is none
   */
  public static TopicPermissions of(String user, String vhost, String write, String read) {
    return new TopicPermissions(
        write, read, expanded(user, vhost, write), expanded(user, vhost, read));
  }

  private static PermissionPattern expanded(String user, String vhost, String pattern) {
    return PermissionPattern.of(pattern.replace("{username}", user).replace("{vhost}", vhost));
  }

  /** Whether it covers a routing key; nobody configures one. */
  boolean cover(Operation operation, String key) {
    return switch (operation) {
      case WRITE -> mayWrite.covers(key);
      case READ -> mayRead.covers(key);
      case CONFIGURE -> true;
    };
  }
}
