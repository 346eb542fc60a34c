package org.warrenmq.conformance.power;

import java.util.Arrays;

/** What happens to a broker, and when the power goes. */
enum Scenario {
  /** Under load. */
  STEADY,
  /** While a new folder is made, and at the first requests. */
  FIRST,
  /** Under load, and once more while the broker recovers from that. */
  RECOVERY,
  /** While a backup is made; the copy is looked at as well. */
  BACKUP,
  /** After a kill under load, while the next process starts and works. */
  KILLCUT,
  /** After a second process has answered for a queue that a killed one had written, not synced. */
  ADOPT,
  /** After a second process has confirmed what follows on a tail of that kind. */
  KILLTAIL;

  static Scenario named(String name) {
    return Arrays.stream(values())
        .filter(one -> one.toString().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no scenario is called " + name));
  }

  @Override
  public String toString() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
