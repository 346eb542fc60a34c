package org.warrenmq.conformance.crash;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.warrenmq.conformance.crash.Tally.Count;

/**
 * The books of a queue with limits, to which one client publishes at a time and from which one
 * takes, so that its order is that of the ids. What is said of time needs no patience: a message
 * was appended after it was sent and before it was confirmed, and whatever a get finds or does not
 * find was so between the request and the answer. Times are milliseconds of the machine's clock,
 * which the broker goes by too.
 */
final class LimitedAccount extends Account {
  /** The clock is read in whole milliseconds, and may be set by some. */
  private static final long MARGIN_MILLIS = 100;

  /** No more messages than that are sent in one time to live. */
  private static final int MOST_IN_TIME = 1_000;

  private final Limits limits;
  private final Map<Long, Long> sentAt = new HashMap<>();

  /** When a message certainly was in the queue, if it ever was. */
  private final Map<Long, Long> thereAt = new HashMap<>();

  /** Taken by gets, and neither settled nor given back. */
  private final Set<Long> held = new HashSet<>();

  private final ArrayDeque<Long> sentInTime = new ArrayDeque<>();
  private long survived;

  LimitedAccount(Limits limits, Tally tally, Consumer<String> violations, History history) {
    super(limits.queue(), Long.MAX_VALUE, tally, violations, history);
    this.limits = limits;
  }

  Limits limits() {
    return limits;
  }

  /** Messages found after restarts. */
  synchronized long survived() {
    return survived;
  }

  // ---------------------------------------------------------------- while the broker lives

  /** The broker keeps it short, but for one without a limit of length. */
  @Override
  synchronized boolean isFull() {
    Long oldest;
    while ((oldest = sentInTime.peek()) != null && oldest + limits.ttl() < now()) {
      sentInTime.remove();
    }
    return sentInTime.size() >= MOST_IN_TIME;
  }

  @Override
  synchronized void publishing(long id, int size) {
    super.publishing(id, size);
    sentAt.put(id, now());
    if (limits.expires()) {
      sentInTime.add(now());
    }
  }

  @Override
  synchronized void confirmed(long id) {
    super.confirmed(id);
    thereAt.put(id, now());
    if (limits.rejects() && isLeftAlone()) {
      long kept = entries.values().stream().filter(e -> e.confirmed && e.settledAt == 0).count();
      if (kept > limits.most()) {
        violate("takes %s as number %d", Ledger.name(id), kept);
      }
    }
  }

  @Override
  synchronized void refused(long id) {
    if (!limits.rejects()) {
      violate("refuses %s", Ledger.name(id));
    }
    // If it is seen after all, it is unknown.
    gone(id);
    if (isLeftAlone()) {
      long before = entries.entrySet().stream().filter(e -> isReadyBefore(id, e)).count();
      if (before < limits.most()) {
        violate("refuses %s after %d messages", Ledger.name(id), before);
      }
    }
  }

  private static boolean isReadyBefore(long id, Map.Entry<Long, Entry> other) {
    return other.getKey() < id && other.getValue().settledAt == 0;
  }

  /** Nobody takes from it while somebody publishes, and nothing leaves by itself. */
  private boolean isLeftAlone() {
    return limits.holds() == 0 && !limits.expires();
  }

  /**
   * The answer to a get: in time, and nothing that was before it and still has time is passed over.
   *
   * @param id null when there was no message
   * @param askedAt before the get was sent
   */
  synchronized void got(@Nullable Long id, long askedAt) {
    if (id != null) {
      checkInTime(id, askedAt);
    }
    if (limits.expires()) {
      checkPassedOver(id, askedAt, now());
    }
    if (id != null) {
      held.add(id);
    }
  }

  private void checkPassedOver(@Nullable Long id, long askedAt, long now) {
    String given = id == null ? "nothing" : Ledger.name(id);
    entries.forEach(
        (other, entry) -> {
          boolean wasBefore = id == null ? wasThere(other, askedAt) : other < id;
          if (wasBefore && mustBeFound(other, entry, now)) {
            long left = sentAt.get(other) + limits.ttl() - now;
            violate("gives %s and not %s, which has %d ms", given, Ledger.name(other), left);
          }
        });
  }

  private boolean mustBeFound(long id, Entry entry, long now) {
    return entry.confirmed
        && entry.settledAt == 0
        && !held.contains(id)
        && now + MARGIN_MILLIS < sentAt.get(id) + limits.ttl();
  }

  private boolean wasThere(long id, long time) {
    return thereAt.getOrDefault(id, Long.MAX_VALUE) < time;
  }

  private void checkInTime(long id, long askedAt) {
    Long there = thereAt.get(id);
    if (limits.expires() && there != null && askedAt > there + limits.ttl() + MARGIN_MILLIS) {
      violate("gives %s %d ms after its time", Ledger.name(id), askedAt - there - limits.ttl());
    }
  }

  /** Something taken by a get is about to be given back. */
  synchronized void givingBack(long id) {
    held.remove(id);
  }

  /** A channel is closed: what was taken over it is back. */
  synchronized void gaveAllBack() {
    held.clear();
  }

  // ---------------------------------------------------------------- after a restart

  /** The broker was gone at this time: what it did, it did before. */
  synchronized void ended(long time) {
    sentAt.keySet().forEach(id -> thereAt.putIfAbsent(id, time));
    held.clear();
  }

  @Override
  synchronized void check(List<Survivor> survivors, long cutoff) {
    if (survivors.size() > limits.mostAfterRestart()) {
      violate("holds %d messages", survivors.size());
    }
    long before = 0;
    for (Survivor survivor : survivors) {
      if (survivor.id() < before) {
        violate("holds %s after %s", Ledger.name(survivor.id()), Ledger.name(before));
      }
      before = survivor.id();
    }
    survived += survivors.size();
    super.check(survivors, cutoff);
  }

  @Override
  void checkMissing(Set<Long> seen, Map<Long, Long> last) {
    var missing = new TreeMap<Long, Entry>();
    entries.forEach(
        (id, entry) -> {
          if (seen.contains(id)) {
            return;
          }
          if (entry.settledAt == 0) {
            missing.put(id, entry);
          } else {
            tally.add(Count.STAYED_GONE);
          }
        });
    if (limits.drops()) {
      checkDropped(missing, seen);
    } else if (!limits.expires()) {
      // Those that expire have been looked at one by one.
      checkKept(missing, seen);
    }
    missing
        .values()
        .forEach(
            entry ->
                tally.add(
                    entry.confirmed
                        ? limits.drops() ? Count.DROPPED : Count.EXPIRED
                        : Count.UNCONFIRMED_GONE));
  }

  private void checkKept(TreeMap<Long, Entry> missing, Set<Long> seen) {
    List<Long> lost = missing.keySet().stream().filter(id -> missing.get(id).confirmed).toList();
    if (!lost.isEmpty()) {
      violate("has lost %d confirmed messages, such as %s", lost.size(), names(lost));
    }
    // Once it is full it stays so until somebody takes.
    long newest = seen.stream().mapToLong(id -> id).max().orElse(0);
    if (isLeftAlone() && !missing.isEmpty() && missing.firstKey() < newest) {
      violate("misses %s, and holds what was sent after it", Ledger.name(missing.firstKey()));
    }
  }

  /**
   * What is dropped is the oldest that is ready, when there are as many others as may be. So where
   * something is missing, what is older was outstanding then, and what is newer is there, or was
   * taken, or dropped later.
   */
  private void checkDropped(TreeMap<Long, Entry> missing, Set<Long> seen) {
    long newest = seen.stream().mapToLong(id -> id).max().orElse(0);
    for (Map.Entry<Long, Entry> entry : entries.entrySet()) {
      newest = entry.getValue().confirmed ? Math.max(newest, entry.getKey()) : newest;
    }
    // All up to there came into the queue, as it takes everything.
    Long youngest = missing.floorKey(newest);
    if (youngest == null) {
      return;
    }
    long older = seen.stream().filter(id -> id < youngest).count();
    if (older > limits.holds()) {
      violate("misses %s, and holds %d that are older", Ledger.name(youngest), older);
    }
    long newer =
        entries.entrySet().stream()
            .filter(e -> e.getKey() > youngest)
            .filter(e -> seen.contains(e.getKey()) || e.getValue().settledAt != 0)
            .count();
    if (newer < limits.most()) {
      violate("has dropped %s for %d that are newer", Ledger.name(youngest), newer);
    }
  }

  private static List<String> names(List<Long> ids) {
    return ids.stream().limit(5).map(Ledger::name).toList();
  }

  @Override
  synchronized void reconcile(List<Survivor> survivors) {
    super.reconcile(survivors);
    sentAt.keySet().retainAll(entries.keySet());
    thereAt.keySet().retainAll(entries.keySet());
  }

  private static long now() {
    return System.currentTimeMillis();
  }
}
