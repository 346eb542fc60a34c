package org.warrenmq.conformance.crash;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.warrenmq.conformance.crash.Tally.Count;

/**
 * The books of one queue: what must, may and cannot be in it. Kept by all threads of the load under
 * its own lock; after a crash only by the test thread. What is certainly gone has no entry, so that
 * its return is noticed as the arrival of something unknown.
 */
class Account {
  /** A queue beyond this takes no more of the load's messages. */
  private static final int MOST_MESSAGES = 3_000;

  private static final int SHOWN = 5;

  private final String queue;
  final Tally tally;
  private final Consumer<String> violations;
  private final History history;
  private final long mostBytes;
  final Map<Long, Entry> entries = new HashMap<>();
  private int alive;
  private long aliveBytes;

  /** A message may have been given to a get with auto-ack that never saw it. */
  private boolean autoGetting;

  static final class Entry {
    final int size;
    boolean confirmed;
    boolean delivered;

    /** When an ack, a reject or a purge was sent; 0 if none was. */
    long settledAt;

    /** A transaction without an answer publishes or acknowledges it. */
    boolean inDoubt;

    Entry(int size) {
      this.size = size;
    }
  }

  /**
   * A message found in the queue after a restart.
   *
   * @param id 0 when it has none of ours
   * @param tag its delivery tag
   * @param redelivered as the broker says
   * @param intact whether its body is what was sent
   */
  record Survivor(long id, long tag, boolean redelivered, boolean intact) {}

  Account(String queue, long mostBytes, Tally tally, Consumer<String> violations, History history) {
    this.queue = queue;
    this.mostBytes = mostBytes;
    this.tally = tally;
    this.violations = violations;
    this.history = history;
  }

  /** An entry here, for the history. */
  private interface Line {
    void in(Account account, long time);
  }

  private long asked(Line line) {
    return history.asked((ledger, time) -> line.in(ledger.account(queue), time));
  }

  private void answered(Line line) {
    history.answered((ledger, time) -> line.in(ledger.account(queue), time));
  }

  // ---------------------------------------------------------------- while the broker lives

  synchronized boolean isFull() {
    return alive >= MOST_MESSAGES || aliveBytes >= mostBytes;
  }

  /** Messages that nobody has settled. */
  synchronized int alive() {
    return alive;
  }

  synchronized void publishing(long id, int size) {
    asked((account, _) -> account.publishing(id, size));
    if (entries.put(id, new Entry(size)) != null) {
      throw new IllegalStateException("sent twice: " + Ledger.name(id));
    }
    alive++;
    aliveBytes += size;
  }

  synchronized void confirmed(long id) {
    answered((account, _) -> account.confirmed(id));
    // Settled and checked messages may be gone already.
    Entry entry = entries.get(id);
    if (entry != null) {
      entry.confirmed = true;
    }
  }

  /** The broker does not take it. That says nothing here: it may be a disk that failed. */
  void refused(long id) {}

  /** A consumer has it; whatever comes next, it has been delivered. */
  synchronized void delivered(long id, boolean redelivered, boolean intact) {
    answered((account, _) -> account.delivered(id, redelivered, intact));
    Entry entry = entries.get(id);
    if (entry == null) {
      violate("delivers %s, which cannot be there", Ledger.name(id));
      return;
    }
    if (entry.settledAt != 0) {
      violate("delivers %s, which was settled since the start", Ledger.name(id));
    }
    if (entry.delivered && !redelivered) {
      violate("delivers %s again without saying so", Ledger.name(id));
    }
    if (!intact) {
      violate("has changed the body of %s", Ledger.name(id));
    }
    entry.delivered = true;
    tally.add(Count.DELIVERED);
  }

  /** An ack or a reject is about to be sent. */
  synchronized void settling(long id) {
    settling(id, asked((account, time) -> account.settling(id, time)));
  }

  private synchronized void settling(long id, long time) {
    Entry entry = entries.get(id);
    if (entry != null && entry.settledAt == 0) {
      settle(entry, time);
    }
  }

  /** A purge is about to be sent; returns how many messages it must count. */
  synchronized int purging() {
    return purging(asked((account, time) -> account.purging(time)));
  }

  private synchronized int purging(long time) {
    int purged = alive;
    entries.values().stream()
        .filter(entry -> entry.settledAt == 0)
        .forEach(entry -> settle(entry, time));
    return purged;
  }

  private void settle(Entry entry, long time) {
    entry.settledAt = time;
    alive--;
    aliveBytes -= entry.size;
    tally.add(Count.SETTLED);
  }

  /** A get with auto-ack is about to be sent. */
  synchronized void autoGetting() {
    asked((account, _) -> account.autoGetting());
    autoGetting = true;
  }

  /** The answer to it. */
  synchronized void autoGot(@Nullable Long id) {
    autoGot();
    if (id != null) {
      settling(id);
    }
  }

  private synchronized void autoGot() {
    answered((account, _) -> account.autoGot());
    autoGetting = false;
  }

  // ---------------------------------------------------------------- transactions

  synchronized void inDoubt(long id) {
    asked((account, _) -> account.inDoubt(id));
    Entry entry = entries.get(id);
    if (entry != null) {
      entry.inDoubt = true;
    }
  }

  synchronized void committedPublish(long id) {
    answered((account, _) -> account.committedPublish(id));
    Entry entry = entries.get(id);
    if (entry != null) {
      entry.inDoubt = false;
      entry.confirmed = true;
    }
  }

  /** From now on it must not be seen again. */
  synchronized void gone(long id) {
    answered((account, time) -> account.gone(id, time));
    gone(id, System.nanoTime());
  }

  private synchronized void gone(long id, long time) {
    Entry entry = entries.remove(id);
    if (entry != null && entry.settledAt == 0) {
      settle(entry, time);
    }
  }

  // ---------------------------------------------------------------- after a restart

  /**
   * Compares the books with all that the queue holds.
   *
   * @param cutoff what was settled before this time must not come back
   */
  synchronized void check(List<Survivor> survivors, long cutoff) {
    var seen = new HashSet<Long>();
    var last = new HashMap<Long, Long>();
    for (Survivor survivor : survivors) {
      long id = survivor.id();
      Entry entry = entries.get(id);
      if (!seen.add(id)) {
        violate("holds %s twice", Ledger.name(id));
      } else if (entry == null) {
        violate("holds %s, which cannot be there", Ledger.name(id));
      } else {
        check(survivor, entry, cutoff);
      }
      Long before = last.put(Ledger.publisher(id), id);
      if (before != null && before > id) {
        violate("holds %s after %s", Ledger.name(id), Ledger.name(before));
      }
    }
    checkMissing(seen, last);
  }

  private void check(Survivor survivor, Entry entry, long cutoff) {
    String name = Ledger.name(survivor.id());
    if (!survivor.intact()) {
      violate("has changed the body of %s", name);
    }
    if (entry.delivered && !survivor.redelivered()) {
      violate("does not say that %s was delivered before", name);
    }
    if (entry.settledAt != 0 && entry.settledAt - cutoff < 0) {
      violate("brings back %s, which was settled long before the end", name);
    }
    if (entry.delivered) {
      tally.add(Count.REDELIVERED);
    }
    if (entry.settledAt != 0) {
      tally.add(Count.RETURNED);
    } else if (entry.confirmed) {
      tally.add(Count.SURVIVED);
    } else if (!entry.inDoubt) {
      tally.add(Count.UNCONFIRMED_KEPT);
    }
  }

  /**
   * @param last the newest message found of each publisher
   */
  void checkMissing(Set<Long> seen, Map<Long, Long> last) {
    var missing = new ArrayList<Long>();
    entries.forEach(
        (id, entry) -> {
          if (seen.contains(id) || entry.inDoubt) {
            return;
          }
          if (entry.settledAt != 0) {
            tally.add(Count.STAYED_GONE);
          } else if (entry.confirmed) {
            missing.add(id);
          } else if (!autoGetting && id < last.getOrDefault(Ledger.publisher(id), 0L)) {
            violate("misses %s, and holds what was sent after it", Ledger.name(id));
          } else {
            tally.add(Count.UNCONFIRMED_GONE);
          }
        });
    if (missing.size() > (autoGetting ? 1 : 0)) {
      Stream<String> names = missing.stream().sorted().limit(SHOWN).map(Ledger::name);
      violate(
          "has lost %d of %d confirmed messages, such as %s",
          missing.size(), alive, names.toList());
    }
  }

  /** From now on the books say what the queue holds. */
  synchronized void reconcile(List<Survivor> survivors) {
    answered((account, _) -> account.reconcile(survivors));
    var found = new HashMap<Long, Entry>();
    for (Survivor survivor : survivors) {
      Entry entry = entries.get(survivor.id());
      if (entry != null) {
        entry.confirmed = true;
        entry.delivered = true;
        entry.settledAt = 0;
        entry.inDoubt = false;
        found.put(survivor.id(), entry);
      }
    }
    entries.clear();
    entries.putAll(found);
    alive = found.size();
    aliveBytes = found.values().stream().mapToLong(entry -> entry.size).sum();
    autoGetting = false;
  }

  final void violate(String what, Object... values) {
    violations.accept(queue + " " + what.formatted(values));
  }
}
