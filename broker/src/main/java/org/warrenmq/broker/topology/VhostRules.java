package org.warrenmq.broker.topology;

import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.WireString;

/** What virtual hosts may be called. Stateless, any thread. */
final class VhostRules {
  /** Clients name it in a short string. */
  private static final int MAX_OCTETS = 255;

  /** Characters; together with its tags it is a part of what a virtual host takes. */
  private static final int MAX_DESCRIPTION = 1024;

  private static final int MOST_TAGS = 64;

  private VhostRules() {}

  /**
   * @throws ChannelError when nobody notes that of a virtual host
   */
  static void check(VhostTraits traits) {
    if (traits.description().length() > MAX_DESCRIPTION) {
      throw Refusal.invalidVhost(
          "its description has more than " + MAX_DESCRIPTION + " characters");
    }
    if (traits.tags().size() > MOST_TAGS) {
      throw Refusal.invalidVhost("there are more than " + MOST_TAGS + " tags");
    }
    for (String tag : traits.tags()) {
      if (WireString.encodedLength(tag) > MAX_OCTETS) {
        throw Refusal.invalidVhost("a tag has more than " + MAX_OCTETS + " octets");
      }
    }
    String type = traits.defaultQueueType();
    if (type != null && !QueueRules.isType(type)) {
      throw Refusal.invalidVhost("there are no queues of type '" + type + "'");
    }
  }

  /**
   * @throws ChannelError when none may have that name
   */
  static void checkName(String name) {
    if (name.isEmpty()) {
      throw Refusal.invalidVhost("its name is empty");
    }
    if (WireString.bytes(name).length > MAX_OCTETS) {
      throw Refusal.invalidVhost("its name has more than " + MAX_OCTETS + " octets");
    }
  }
}
