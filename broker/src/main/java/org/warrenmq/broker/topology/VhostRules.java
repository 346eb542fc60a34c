package org.warrenmq.broker.topology;

import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.WireString;

/** What virtual hosts may be called. Stateless, any thread. */
final class VhostRules {
  /** Clients name it in a short string. */
  private static final int MAX_OCTETS = 255;

  private VhostRules() {}

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
