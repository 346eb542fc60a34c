package org.warrenmq.broker.config;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.auth.Limits;
import org.warrenmq.broker.auth.PermissionPattern;

/**
 * What new virtual hosts begin with, by their names. Immutable, any thread.
 *
 * @param limits the first that matches holds
 * @param policies operator policies, which all hold that match
 * @param users who gets permissions, and is made where there is no such user
 */
public record VhostDefaults(List<LimitsFor> limits, List<PolicyFor> policies, List<UserFor> users) {
  public static final VhostDefaults NONE = new VhostDefaults(List.of(), List.of(), List.of());

  public VhostDefaults {
    limits = List.copyOf(limits);
    policies = List.copyOf(policies);
    users = List.copyOf(users);
  }

  /**
   * @param vhosts those it is for
   */
  public record LimitsFor(PermissionPattern vhosts, Limits limits) {}

  /**
   * @param vhosts those it is for
   * @param pattern the names of queues
   * @param definition by the names of policies
   */
  public record PolicyFor(
      String name,
      PermissionPattern vhosts,
      String pattern,
      String applyTo,
      Map<String, Long> definition) {
    public PolicyFor {
      definition = new TreeMap<>(definition);
    }
  }

  /**
   * @param vhosts those where the user has permissions
   * @param password null: none that lets in
   */
  public record UserFor(
      String name, PermissionPattern vhosts, @Nullable String password, FirstRights rights) {
    /** Without the password: this may end up in a log. */
    @Override
    public String toString() {
      return "UserFor[" + name + "]";
    }
  }
}
