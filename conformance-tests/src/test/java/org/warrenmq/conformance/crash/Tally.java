package org.warrenmq.conformance.crash;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;

/** What was done and what was checked, so that a run cannot pass for want of work; any thread. */
final class Tally {
  enum Count {
    CONFIRMED,
    REFUSED,
    DELIVERED,
    REQUEUED,
    SETTLED,
    COMMITTED,
    ROLLED_BACK,
    PURGES,
    TOPOLOGY,
    /** Messages that had to be there after a restart, and were. */
    SURVIVED,
    /** Of those, the ones that had to be marked as redelivered. */
    REDELIVERED,
    /** Published without an answer, and there. */
    UNCONFIRMED_KEPT,
    /** Published without an answer, and not there. */
    UNCONFIRMED_GONE,
    /** Confirmed, and dropped for newer ones. */
    DROPPED,
    /** Confirmed, and gone in time. */
    EXPIRED,
    /** Settled shortly before the end, and back. */
    RETURNED,
    /** Settled before the end, and gone. */
    STAYED_GONE,
    /** Transactions that nobody answered, found whole. */
    IN_DOUBT,
    TOPOLOGIES_CHECKED,
    STARTS_KILLED
  }

  private final Map<Count, LongAdder> counts = new EnumMap<>(Count.class);

  Tally() {
    for (Count count : Count.values()) {
      counts.put(count, new LongAdder());
    }
  }

  void add(Count what, long number) {
    counts.get(what).add(number);
  }

  void add(Count what) {
    add(what, 1);
  }

  void add(Tally other) {
    other.counts.forEach((count, number) -> add(count, number.sum()));
  }

  void clear() {
    counts.values().forEach(LongAdder::reset);
  }

  long of(Count what) {
    return counts.get(what).sum();
  }

  @Override
  public String toString() {
    return counts.entrySet().stream()
        .filter(entry -> entry.getValue().sum() > 0)
        .map(
            entry ->
                entry.getKey().name().toLowerCase(java.util.Locale.ROOT) + " " + entry.getValue())
        .collect(Collectors.joining(", "));
  }
}
