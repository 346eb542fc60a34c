package org.warrenmq.store;

import java.util.List;

/**
 * The keys that an owner remembers, as recovery reads them; immutable.
 *
 * @param keys in the order in which they came; one that was forgotten and came again may be there
 *     twice
 */
public record WindowState(long queueId, List<RememberedKey> keys) {

  /**
   * One of them.
   *
   * @param number as it was handed over; the next ones get larger ones
   * @param until when it is forgotten by itself, in milliseconds since the epoch
   */
  public record RememberedKey(long number, long until, byte[] key) {}
}
