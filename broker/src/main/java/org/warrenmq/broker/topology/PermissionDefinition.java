package org.warrenmq.broker.topology;

import org.warrenmq.broker.topology.TopologyChange.PermissionsSet;
import org.warrenmq.store.DefinitionKey;

/** What a user may do in a virtual host, as a record of the store. Stateless, any thread. */
final class PermissionDefinition {
  static final int KIND = 6;

  private PermissionDefinition() {}

  static DefinitionKey key(String user, String vhost) {
    return DefinitionBytes.key().name(user).name(vhost).toKey(KIND);
  }

  static byte[] value(PermissionsSet permissions) {
    return DefinitionBytes.record()
        .name(permissions.user())
        .name(permissions.vhost())
        .text(permissions.configure())
        .text(permissions.write())
        .text(permissions.read())
        .toArray();
  }

  static PermissionsSet read(byte[] value) {
    DefinitionBytes bytes = DefinitionBytes.of(value, "permissions");
    return new PermissionsSet(bytes.name(), bytes.name(), bytes.text(), bytes.text(), bytes.text());
  }
}
