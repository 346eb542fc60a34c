package org.warrenmq.broker.auth;

/** Which queues and exchanges of a virtual host somebody may do what with. Immutable. */
public record ResourcePermissions(
    PermissionPattern configure, PermissionPattern write, PermissionPattern read) {

  /**
   * Reads three regular expressions.
   *
   * @throws IllegalArgumentException when one of them is none
   */
  public static ResourcePermissions of(String configure, String write, String read) {
    return new ResourcePermissions(
        PermissionPattern.of(configure), PermissionPattern.of(write), PermissionPattern.of(read));
  }

  PermissionPattern pattern(Operation operation) {
    return switch (operation) {
      case CONFIGURE -> configure;
      case WRITE -> write;
      case READ -> read;
    };
  }
}
