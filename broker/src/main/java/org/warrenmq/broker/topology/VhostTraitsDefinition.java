package org.warrenmq.broker.topology;

import java.util.ArrayList;
import java.util.List;
import org.warrenmq.broker.topology.TopologyChange.VhostDescribed;
import org.warrenmq.store.DefinitionKey;

/** What is noted of a virtual host, as a record of the store. Stateless, any thread. */
final class VhostTraitsDefinition {
  static final int KIND = 12;

  private static final int PROTECTED = 1;

  private VhostTraitsDefinition() {}

  static DefinitionKey key(String vhost) {
    return DefinitionBytes.key().name(vhost).toKey(KIND);
  }

  static byte[] value(VhostDescribed described) {
    VhostTraits traits = described.traits();
    String type = traits.defaultQueueType();
    DefinitionBytes bytes =
        DefinitionBytes.record()
            .name(described.vhost())
            .text(traits.description())
            .name(type == null ? "" : type)
            .flags(traits.isProtected() ? PROTECTED : 0)
            .number(traits.tags().size());
    traits.tags().forEach(bytes::name);
    return bytes.toArray();
  }

  static VhostDescribed read(byte[] value) {
    DefinitionBytes bytes = DefinitionBytes.of(value, "what is noted of a virtual host");
    String vhost = bytes.name();
    String description = bytes.text();
    String type = bytes.name();
    boolean isProtected = (bytes.flags() & PROTECTED) != 0;
    List<String> tags = new ArrayList<>();
    for (long left = bytes.number(); left > 0; left--) {
      tags.add(bytes.name());
    }
    return new VhostDescribed(
        vhost, new VhostTraits(description, tags, type.isEmpty() ? null : type, isProtected));
  }
}
