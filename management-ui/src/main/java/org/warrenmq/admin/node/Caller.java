package org.warrenmq.admin.node;

import java.util.List;

/**
 * Who asks something of the administration, and has proved it. Immutable.
 *
 * @param tags what the user may do there, beside tags of anybody's own
 * @param isLocal whether it came over the socket in the data folder, which only the owner of that
 *     folder can open: an administrator, without a password
 * @param standing the node's own knowledge of them
 */
public record Caller(String name, List<String> tags, boolean isLocal, Standing standing) {
  private static final String ADMINISTRATOR = "administrator";
  private static final String MONITORING = "monitoring";
  private static final String POLICYMAKER = "policymaker";
  private static final String MANAGEMENT = "management";

  public Caller {
    tags = List.copyOf(tags);
  }

  /** Who came over the socket in the data folder. */
  public static Caller local() {
    return new Caller("local", List.of(ADMINISTRATOR), true, Standing.OWNER);
  }

  /** Whether they have permissions in a virtual host. On threads that may wait. */
  public boolean mayEnter(String vhost) {
    return standing.mayEnter(vhost);
  }

  public boolean isAdministrator() {
    return tags.contains(ADMINISTRATOR);
  }

  public boolean isMonitoring() {
    return isAdministrator() || tags.contains(MONITORING);
  }

  public boolean isPolicymaker() {
    return isAdministrator() || tags.contains(POLICYMAKER);
  }

  /** Whether the administration is any of their business. */
  public boolean isManagement() {
    return isMonitoring() || isPolicymaker() || tags.contains(MANAGEMENT);
  }
}
