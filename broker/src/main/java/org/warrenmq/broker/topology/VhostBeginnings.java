package org.warrenmq.broker.topology;

import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.broker.auth.Limits;
import org.warrenmq.broker.auth.PasswordHash;
import org.warrenmq.broker.config.FirstRights;
import org.warrenmq.broker.config.VhostDefaults;
import org.warrenmq.broker.topology.TopologyChange.PermissionsSet;
import org.warrenmq.broker.topology.TopologyChange.PolicySet;
import org.warrenmq.broker.topology.TopologyChange.UserSet;
import org.warrenmq.broker.topology.TopologyChange.VhostLimitsSet;
import org.warrenmq.codec.FieldTable;

/**
 * Gives a new virtual host the limits, operator policies and users that the configuration has for
 * it. Lives in the topology's room, or on the node's main thread before that is open.
 */
final class VhostBeginnings {
  private static final Logger log = LoggerFactory.getLogger(VhostBeginnings.class);

  private final Catalogue catalogue;
  private final Decisions decisions;
  private final VhostDefaults defaults;

  VhostBeginnings(Catalogue catalogue, Decisions decisions, VhostDefaults defaults) {
    this.catalogue = catalogue;
    this.decisions = decisions;
    this.defaults = defaults;
  }

  private static PolicySpec spec(VhostDefaults.PolicyFor policy, String vhost) {
    FieldTable.Builder definition = FieldTable.builder();
    for (Map.Entry<String, Long> entry : policy.definition().entrySet()) {
      definition.put(entry.getKey(), entry.getValue());
    }
    return new PolicySpec(
        PolicySpec.Kind.OPERATOR,
        vhost,
        policy.name(),
        policy.pattern(),
        policy.applyTo(),
        PolicySpec.USUAL_PRIORITY,
        definition.build());
  }

  /** There are no queues yet that would have to hear of it. */
  void apply(VirtualHost vhost) {
    String name = vhost.name();
    defaults.limits().stream()
        .filter(rule -> rule.vhosts().covers(name))
        .findFirst()
        .map(VhostDefaults.LimitsFor::limits)
        .filter(limits -> !limits.equals(Limits.NONE))
        .ifPresent(
            limits -> {
              decisions.make(new VhostLimitsSet(name, limits));
              log.info("vhost '{}' begins with the limits {}", name, limits.byName());
            });
    for (VhostDefaults.PolicyFor policy : defaults.policies()) {
      if (policy.vhosts().covers(name)) {
        decisions.make(new PolicySet(spec(policy, name)));
        log.info("vhost '{}' begins with the operator policy '{}'", name, policy.name());
      }
    }
    for (VhostDefaults.UserFor user : defaults.users()) {
      if (user.vhosts().covers(name)) {
        allow(user, name);
      }
    }
  }

  private void allow(VhostDefaults.UserFor user, String vhost) {
    FirstRights rights = user.rights();
    if (catalogue.accounts().accounts().find(user.name()) == null) {
      String password = user.password();
      PasswordHash hash =
          password == null || password.isEmpty()
              ? new PasswordHash(PasswordHash.Algorithm.SHA256, "")
              : PasswordHash.of(password);
      decisions.make(new UserSet(user.name(), hash, List.copyOf(rights.tags()), Limits.NONE));
      log.info("user '{}' was created for vhost '{}'", user.name(), vhost);
    }
    decisions.make(
        new PermissionsSet(user.name(), vhost, rights.configure(), rights.write(), rights.read()));
  }
}
