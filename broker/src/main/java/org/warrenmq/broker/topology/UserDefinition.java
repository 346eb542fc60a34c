package org.warrenmq.broker.topology;

import java.util.ArrayList;
import java.util.List;
import org.warrenmq.broker.auth.Limits;
import org.warrenmq.broker.auth.PasswordHash;
import org.warrenmq.broker.topology.TopologyChange.UserSet;
import org.warrenmq.store.DefinitionKey;

/** A user as a record of the store. Stateless, any thread. */
final class UserDefinition {
  static final int KIND = 5;

  private UserDefinition() {}

  static DefinitionKey key(String name) {
    return DefinitionBytes.key().name(name).toKey(KIND);
  }

  static byte[] value(UserSet user) {
    DefinitionBytes bytes =
        DefinitionBytes.record()
            .name(user.name())
            .name(user.password().algorithm().wireName())
            .text(user.password().base64())
            .number(user.limits().connections())
            .number(user.limits().channels())
            .number(user.tags().size());
    user.tags().forEach(bytes::name);
    return bytes.toArray();
  }

  static UserSet read(byte[] value) {
    DefinitionBytes bytes = DefinitionBytes.of(value, "a user");
    String name = bytes.name();
    PasswordHash.Algorithm algorithm = PasswordHash.Algorithm.named(bytes.name());
    PasswordHash password = new PasswordHash(algorithm, bytes.text());
    Limits limits = new Limits((int) bytes.number(), (int) bytes.number(), -1);
    List<String> tags = new ArrayList<>();
    for (long left = bytes.number(); left > 0; left--) {
      tags.add(bytes.name());
    }
    return new UserSet(name, password, tags, limits);
  }
}
