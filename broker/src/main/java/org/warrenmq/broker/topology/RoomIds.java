package org.warrenmq.broker.topology;

import java.util.List;
import java.util.stream.LongStream;
import org.warrenmq.router.ExchangeSpec;

/**
 * The numbers under which an exchange keeps its state, never used for a queue or another exchange;
 * 0 for what it does not keep. Immutable.
 *
 * @param duplicates that of the keys by which it knows duplicates
 * @param delays that of messages that wait for their time
 * @param history that of the messages that came last
 */
public record RoomIds(long duplicates, long delays, long history) {
  /** Of an exchange without state. */
  public static final RoomIds NONE = new RoomIds(0, 0, 0);

  /** What an exchange needs, by numbers that nobody has. */
  static RoomIds of(ExchangeSpec exchange, long firstFree) {
    long next = firstFree;
    long duplicates = exchange.isDeduplicating() ? next++ : 0;
    long delays = exchange.isDelaying() ? next++ : 0;
    long history = exchange.isRemembering() ? next : 0;
    return new RoomIds(duplicates, delays, history);
  }

  /** Those that there are. */
  List<Long> all() {
    return LongStream.of(duplicates, delays, history).filter(id -> id != 0).boxed().toList();
  }

  boolean isNone() {
    return equals(NONE);
  }
}
