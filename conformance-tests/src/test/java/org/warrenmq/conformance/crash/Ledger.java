package org.warrenmq.conformance.crash;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.warrenmq.conformance.crash.Account.Survivor;
import org.warrenmq.conformance.crash.Tally.Count;

/**
 * The books of a run over all its broker processes: an {@link Account} per queue, transactions
 * without an answer, and everything that was found wrong. For any thread.
 */
final class Ledger {
  private static final int SEQUENCE_BITS = 40;
  private static final int MOST_VIOLATIONS = 40;

  private final Map<String, Account> accounts = new ConcurrentHashMap<>();
  private final Set<Transaction> inDoubt = ConcurrentHashMap.newKeySet();
  private final List<String> violations = new CopyOnWriteArrayList<>();
  private final CountDownLatch violated = new CountDownLatch(1);
  private final Map<String, TopologyBooks> topologies = new ConcurrentHashMap<>();
  private final AtomicLong publishers = new AtomicLong();
  private final long mostBytes;
  private final History history;
  final Tally tally = new Tally();

  /** A queue takes no more of the load's messages once it holds so many octets. */
  Ledger(long mostBytes) {
    this(mostBytes, History.forgotten());
  }

  /** The same; all entries go to a history as well. */
  Ledger(long mostBytes, History history) {
    this.mostBytes = mostBytes;
    this.history = history;
  }

  /** A message in a queue. */
  record Place(String queue, long id) {}

  /** What one commit does. */
  static final class Transaction {
    final List<Place> publishes = new ArrayList<>();
    final List<Place> acks = new ArrayList<>();
  }

  Account account(String queue) {
    return accounts.computeIfAbsent(
        queue, name -> new Account(name, mostBytes, tally, this::violation, history));
  }

  /** That of a queue with limits; only these can be in one ledger. */
  LimitedAccount account(Limits limits) {
    return (LimitedAccount)
        accounts.computeIfAbsent(
            limits.queue(), _ -> new LimitedAccount(limits, tally, this::violation, history));
  }

  /** The books of the exchanges, queues and bindings whose names begin like that. */
  TopologyBooks topology(String prefix) {
    return topologies.computeIfAbsent(prefix, name -> new TopologyBooks(name, this, history));
  }

  /** The id before the first message of a new publisher. */
  long newPublisher() {
    return publishers.incrementAndGet() << SEQUENCE_BITS;
  }

  static long publisher(long id) {
    return id >>> SEQUENCE_BITS;
  }

  /** As in its message-id property: publisher and number. */
  static String name(long id) {
    return publisher(id) + "-" + (id & ((1L << SEQUENCE_BITS) - 1));
  }

  /** The reverse; 0 for what is none of ours. */
  static long id(String name) {
    String[] parts = String.valueOf(name).split("-", -1);
    if (parts.length != 2 || !parts[0].matches("\\d{1,7}") || !parts[1].matches("\\d{1,12}")) {
      return 0;
    }
    return Long.parseLong(parts[0]) << SEQUENCE_BITS | Long.parseLong(parts[1]);
  }

  // ---------------------------------------------------------------- transactions

  /** Its commit is about to be sent: before that none of its publishes may be seen. */
  void committing(Transaction transaction, Bodies bodies) {
    for (Place place : transaction.publishes) {
      Account account = account(place.queue());
      account.publishing(place.id(), bodies.of(place.id()).length);
      account.inDoubt(place.id());
    }
    transaction.acks.forEach(place -> account(place.queue()).inDoubt(place.id()));
    history.asked((ledger, _) -> ledger.inDoubt.add(transaction));
    inDoubt.add(transaction);
  }

  void committed(Transaction transaction) {
    transaction.publishes.forEach(place -> account(place.queue()).committedPublish(place.id()));
    transaction.acks.forEach(place -> account(place.queue()).gone(place.id()));
    history.answered((ledger, _) -> ledger.inDoubt.remove(transaction));
    inDoubt.remove(transaction);
    tally.add(Count.COMMITTED);
  }

  // ---------------------------------------------------------------- after a restart

  /** Compares the books with what all queues hold; the books stay as they are. */
  void compare(Map<String, List<Survivor>> found, long cutoff) {
    found.forEach((queue, survivors) -> account(queue).check(survivors, cutoff));
    if (!found.keySet().containsAll(accounts.keySet())) {
      throw new IllegalStateException("not all queues were read: " + found.keySet());
    }
    var places = new HashSet<Place>();
    found.forEach(
        (queue, survivors) ->
            survivors.forEach(survivor -> places.add(new Place(queue, survivor.id()))));
    inDoubt.forEach(transaction -> check(transaction, places));
  }

  /** Goes on from what the queues hold. */
  void adopt(Map<String, List<Survivor>> found) {
    history.answered((ledger, _) -> ledger.inDoubt.clear());
    inDoubt.clear();
    found.forEach((queue, survivors) -> account(queue).reconcile(survivors));
  }

  /** All or nothing: its messages are there and what it acknowledged is not, or the reverse. */
  private void check(Transaction transaction, Set<Place> found) {
    long published = transaction.publishes.stream().filter(found::contains).count();
    long unsettled = transaction.acks.stream().filter(found::contains).count();
    boolean happened = published == transaction.publishes.size() && unsettled == 0;
    boolean didNot = published == 0 && unsettled == transaction.acks.size();
    if (happened || didNot) {
      tally.add(Count.IN_DOUBT);
    } else {
      violation(
          "a transaction was cut in half: %d of %d publishes, %d of %d acks; %s"
              .formatted(
                  published,
                  transaction.publishes.size(),
                  transaction.acks.size() - unsettled,
                  transaction.acks.size(),
                  transaction.publishes));
    }
  }

  // ---------------------------------------------------------------- what is wrong

  void violation(String what) {
    if (violations.size() < MOST_VIOLATIONS) {
      violations.add(what);
    }
    violated.countDown();
  }

  List<String> violations() {
    return List.copyOf(violations);
  }

  /** Waits until something is wrong, for a time at most. */
  boolean awaitViolation(long millis) throws InterruptedException {
    return violated.await(millis, TimeUnit.MILLISECONDS);
  }
}
