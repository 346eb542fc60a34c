package org.warrenmq.broker.amqp;

import static org.warrenmq.codec.ReplyCode.PRECONDITION_FAILED;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.queue.QueueAddress;
import org.warrenmq.engine.queue.SettleBatch;
import org.warrenmq.engine.queue.Settlement;

/**
 * A channel's deliveries: gives out delivery tags and remembers what awaits an ack. Runs on the
 * connection's loop.
 */
final class DeliveryTracker {
  /** An entry of the ring, in bytes. */
  private static final int COST = 24;

  /** What is left of the queue of a message that was got, which may be gone, in bytes, about. */
  private static final int GOT_COST = 128;

  /** Deliveries that go back at once at the end of a channel. */
  private static final int SLICE = 4096;

  private final RoomLoop loop;
  private final ReadGate gate;

  /** Their sources: a {@link Subscription}, or {@link Taken} for basic.get. */
  private final DeliveryRing ring = new DeliveryRing();

  private boolean ended;

  /** What the gate knows of. */
  private long counted;

  private long lastTag;
  private int toConsumers;
  private int got;
  private @Nullable SettleBatch settlingGets;

  /** Where the last basic.get found something: mostly the next one asks there, too. */
  private @Nullable Taken latest;

  /** The largest tag that was given back since its ack did not come in time; 0 before that. */
  private long givenBack;

  /**
   * Where a message taken by basic.get comes from.
   *
   * @param ackTimeout milliseconds in which it has to be acked, or {@link AckTimeout#NONE}
   */
  record Taken(QueueAddress queue, long ackTimeout) {}

  DeliveryTracker(RoomLoop loop, ReadGate gate) {
    this.loop = loop;
    this.gate = gate;
  }

  private void count() {
    long cost = ended ? 0 : (long) COST * ring.capacity() + (long) GOT_COST * got;
    if (cost != counted) {
      gate.keep(cost - counted);
      counted = cost;
    }
  }

  /** Entries of the ring were settled; to be called before the next one is added. */
  void tidy() {
    ring.tidy();
    count();
  }

  /** What awaits an ack. */
  DeliveryRing outstanding() {
    return ring;
  }

  /** The last tag that was given out. */
  long lastTag() {
    return lastTag;
  }

  /** The tag of a delivery that needs no ack. */
  long untracked() {
    return ++lastTag;
  }

  /** The tag of a delivery to a consumer. */
  long track(Subscription subscription, long position) {
    toConsumers++;
    subscription.delivered();
    return add(subscription, position);
  }

  /**
   * The tag of a message taken by basic.get.
   *
   * @param ackTimeout milliseconds in which it has to be acked, or {@link AckTimeout#NONE}
   */
  long track(QueueAddress queue, long ackTimeout, long position) {
    got++;
    Taken source = latest;
    if (source == null || source.queue != queue || source.ackTimeout != ackTimeout) {
      source = new Taken(queue, ackTimeout);
      latest = source;
    }
    return add(source, position);
  }

  private long add(Object source, long position) {
    ring.add(++lastTag, position, source);
    count();
    return lastTag;
  }

  /** Deliveries to consumers that are not settled; messages taken by basic.get do not count. */
  int toConsumers() {
    return toConsumers;
  }

  /**
   * Settles one delivery, or with multiple all up to it; tag 0 with multiple means all.
   *
   * @param commitLater whether it only counts from the commit of a transaction on
   * @throws ChannelError when the tag is not outstanding; nothing is settled then
   */
  void settle(long tag, boolean multiple, Settlement settlement, boolean commitLater) {
    int last = ring.size() - 1;
    int first = 0;
    if (tag != 0 || !multiple) {
      last = find(tag);
      if (last < 0) {
        // Too late for this one, but what else is meant is outstanding.
        last = multiple ? ring.upTo(tag) - 1 : -1;
      }
      first = multiple ? 0 : Math.max(0, last);
    }
    for (int i = first; i <= last; i++) {
      if (commitLater) {
        ring.hold(i, settlement);
      } else {
        settle(i, settlement);
      }
    }
    tidy();
  }

  /** The entry of a tag, or -1 when it may be one that was given back. */
  private int find(long tag) {
    int entry = ring.find(tag);
    if (entry < 0 && (tag <= 0 || tag > givenBack)) {
      throw new ChannelError(PRECONDITION_FAILED, "unknown delivery tag " + tag);
    }
    return entry;
  }

  /**
   * The channel has ended: everything outstanding goes back to its queue, whatever a transaction
   * holds. A long ring is emptied in slices, as no turn may be long; {@code done} runs after the
   * last.
   */
  void returnAll(Runnable done) {
    ring.forgetHeld();
    int slice = Math.min(ring.size(), SLICE);
    for (int i = 0; i < slice; i++) {
      settle(i, Settlement.REQUEUED);
    }
    tidy();
    if (ring.size() > 0) {
      loop.send(loop, () -> returnAll(done));
    } else {
      ended = true;
      count();
      done.run();
    }
  }

  /** A message taken by basic.get that the client never sees goes back to its queue. */
  void returnUnseen(QueueAddress queue, long position) {
    settleGot(queue, position, Settlement.UNDELIVERED);
  }

  /**
   * An entry of the ring was not acked in time: it goes back to its queue, also when a transaction
   * holds it. Acks that come later are of no effect, no fault of the client's.
   */
  void giveBack(int entry) {
    givenBack = Math.max(givenBack, ring.tag(entry));
    settle(entry, Settlement.REQUEUED);
  }

  /** Gives everything back to its queue, but for what a transaction has settled. */
  void recover() {
    for (int i = 0; i < ring.size(); i++) {
      if (ring.held(i) == null) {
        settle(i, Settlement.RETURNED);
      }
    }
    tidy();
  }

  /** Adds the homes of the queues that a commit would settle something in. */
  void addHomesOfHeld(Set<LoopStore> homes) {
    for (int i = 0; i < ring.size(); i++) {
      if (ring.held(i) != null) {
        switch (ring.source(i)) {
          case Subscription subscription -> homes.add(subscription.consumer().queue().home());
          case Taken taken -> homes.add(taken.queue.home());
          case null, default -> {
            // Settled otherwise in the meantime.
          }
        }
      }
    }
  }

  /** The transaction commits: its settlements count. */
  void commit() {
    for (int i = 0; i < ring.size(); i++) {
      Settlement settlement = ring.held(i);
      if (settlement != null) {
        settle(i, settlement);
      }
    }
    ring.forgetHeld();
    tidy();
  }

  /** The transaction rolls back: what it settled is outstanding as before. */
  void rollback() {
    ring.forgetHeld();
  }

  private void settle(int entry, Settlement settlement) {
    switch (ring.source(entry)) {
      case null -> {
        return;
      }
      case Subscription subscription -> {
        toConsumers--;
        if (subscription.settled()) {
          gate.keep(-subscription.cost());
        }
        subscription.settle(ring.position(entry), settlement);
      }
      case Taken taken -> {
        got--;
        settleGot(taken.queue, ring.position(entry), settlement);
      }
      case Object other -> throw new IllegalStateException("no source of deliveries: " + other);
    }
    ring.settled(entry);
  }

  private void settleGot(QueueAddress queue, long position, Settlement settlement) {
    settlingGets = SettleBatch.open(settlingGets, loop, queue, null, settlement);
    settlingGets.add(position);
  }
}
