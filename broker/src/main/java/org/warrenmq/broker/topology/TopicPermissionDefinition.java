package org.warrenmq.broker.topology;

import org.warrenmq.broker.topology.TopologyChange.TopicPermissionsSet;
import org.warrenmq.store.DefinitionKey;

/** What a user may do at a topic exchange, as a record of the store. Stateless, any thread. */
final class TopicPermissionDefinition {
  static final int KIND = 7;

  private TopicPermissionDefinition() {}

  static DefinitionKey key(String user, String vhost, String exchange) {
    return DefinitionBytes.key().name(user).name(vhost).name(exchange).toKey(KIND);
  }

  static byte[] value(TopicPermissionsSet permissions) {
    return DefinitionBytes.record()
        .name(permissions.user())
        .name(permissions.vhost())
        .name(permissions.exchange())
        .text(permissions.write())
        .text(permissions.read())
        .toArray();
  }

  static TopicPermissionsSet read(byte[] value) {
    DefinitionBytes bytes = DefinitionBytes.of(value, "topic permissions");
    return new TopicPermissionsSet(
        bytes.name(), bytes.name(), bytes.name(), bytes.text(), bytes.text());
  }
}
