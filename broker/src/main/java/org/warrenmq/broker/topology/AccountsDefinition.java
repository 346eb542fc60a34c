package org.warrenmq.broker.topology;

import org.warrenmq.broker.topology.TopologyChange.AccountsBegun;
import org.warrenmq.store.DefinitionKey;

/**
 * That users are kept, as a record of the store: without it there is a first user to be made, who
 * does not come back when he was deleted. Stateless, any thread.
 */
final class AccountsDefinition {
  static final int KIND = 4;

  private AccountsDefinition() {}

  static DefinitionKey key() {
    return DefinitionBytes.key().name("users").toKey(KIND);
  }

  static byte[] value() {
    return DefinitionBytes.record().toArray();
  }

  static AccountsBegun read(byte[] value) {
    DefinitionBytes.of(value, "users");
    return new AccountsBegun();
  }
}
