package org.warrenmq.admin.http;

import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.node.Caller;

/** What a caller has to be to use an endpoint; refusals are RabbitMQ's. Immutable, any thread. */
public enum Authority {
  /** Nobody in particular. */
  NONE,
  /** Who says so in the form that is posted; otherwise as the next. */
  LOGIN,
  /** Anybody with one of the administration's tags. */
  MANAGEMENT,
  /** The same, and the endpoint asks whose the thing is that the path names. */
  OWNER,
  /** The same with permissions in the virtual host that the path names, or an administrator. */
  VHOST,
  /** The same, or who may see everything. */
  VHOST_VISIBLE,
  /** A policymaker with permissions in the virtual host, or an administrator. */
  POLICYMAKER,
  /** A policymaker. */
  GLOBAL_POLICYMAKER,
  /** Who may see everything. */
  MONITORING,
  /** The user that the path names, or an administrator. */
  SELF,
  ADMINISTRATOR,
  /** Who owns the data folder. */
  LOCAL;

  /**
   * Whether the caller may use an endpoint; on threads that may wait.
   *
   * @param vhost the virtual host that the path names, or null
   * @param user the user that the path names, or null
   * @throws ApiError when not
   */
  public void check(Caller caller, @Nullable String vhost, @Nullable String user) {
    if (this != NONE && !caller.isManagement()) {
      throw ApiError.notAuthorised("Not management user");
    }
    boolean may =
        switch (this) {
          case NONE, LOGIN, MANAGEMENT, OWNER -> true;
          case VHOST -> enters(caller, vhost);
          case VHOST_VISIBLE -> caller.isMonitoring() || enters(caller, vhost);
          case POLICYMAKER -> caller.isPolicymaker() && enters(caller, vhost);
          case GLOBAL_POLICYMAKER -> caller.isPolicymaker();
          case MONITORING -> caller.isMonitoring();
          case SELF -> caller.isAdministrator() || caller.name().equals(user);
          case ADMINISTRATOR -> caller.isAdministrator();
          case LOCAL -> caller.isLocal();
        };
    if (!may) {
      throw ApiError.notAuthorised(refusal());
    }
  }

  private static boolean enters(Caller caller, @Nullable String vhost) {
    return vhost == null || caller.isAdministrator() || caller.mayEnter(vhost);
  }

  private String refusal() {
    return switch (this) {
      case VHOST, VHOST_VISIBLE -> "User not authorised to access virtual host";
      case MONITORING -> "Not monitor user";
      case ADMINISTRATOR -> "Not administrator user";
      case LOCAL -> "Only over the socket in the data folder";
      case NONE, LOGIN, MANAGEMENT, OWNER, POLICYMAKER, GLOBAL_POLICYMAKER, SELF ->
          "User not authorised to access object";
    };
  }
}
