package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.queue.QueueCommand.SubscribeReply;

/**
 * A channel with one consumer; writes its batches early or late, settles in any order, and may
 * close in the middle. On the test's thread.
 */
final class SimulatedSubscriber implements Subscriber {
  private enum State {
    ASKED,
    REFUSED,
    SUBSCRIBED,
    LEFT
  }

  private final String name;
  private final HandLoop home;
  private final QueueLedger ledger;
  private final Questions questions;
  private final SplittableRandom random;
  private final Consumer consumer;
  private final ArrayDeque<DeliveryBatch> unwritten = new ArrayDeque<>();
  private final List<Long> outstanding = new ArrayList<>();

  /** Sizes of the batches taken: from then on the queue must not add to them. */
  private final Map<DeliveryBatch, Integer> taken = new HashMap<>();

  private @Nullable SettleBatch settling;
  private State state = State.ASKED;

  /** What the channel lets its consumer have outstanding, as basic.qos with global does; or 0. */
  private int limit;

  /** Granted, and neither delivered nor given back. */
  private int granted;

  /** The limit was there from the start: then nothing comes that was not granted. */
  private boolean wasLimitedThroughout;

  private boolean settlesAtOnce;
  private boolean wants;
  private boolean leaving;
  private boolean closed;
  private int cancels;

  SimulatedSubscriber(
      String name,
      HandLoop home,
      QueueLedger ledger,
      Questions questions,
      SplittableRandom random) {
    this.name = name;
    this.home = home;
    this.ledger = ledger;
    this.questions = questions;
    this.random = random;
    boolean noAck = random.nextInt(5) == 0;
    this.limit = random.nextInt(3) == 0 ? random.nextInt(1, 20) : 0;
    this.wasLimitedThroughout = limit > 0;
    this.settlesAtOnce = random.nextInt(4) == 0;
    int prefetch = random.nextInt(3) == 0 ? 0 : random.nextInt(1, 40);
    this.consumer =
        new Consumer(
            ledger.queue(),
            this,
            noAck,
            random.nextInt(12) == 0,
            prefetch,
            random.nextInt(2),
            limit > 0);
  }

  @Override
  public RoomLoop loop() {
    return home.rooms();
  }

  @Override
  public String toString() {
    return name;
  }

  void subscribe() {
    boolean gone = ledger.isKnownGone();
    var reply =
        questions.<SubscribeReply>ask(
            loop(),
            name + " subscribes",
            answer -> {
              assertThat(!gone || answer == SubscribeReply.GONE)
                  .as("subscribed to the dead")
                  .isTrue();
              state = answer == SubscribeReply.OK ? State.SUBSCRIBED : State.REFUSED;
              if (answer == SubscribeReply.OK) {
                ledger.subscribed();
              }
            });
    loop().send(ledger.queue().loop(), new QueueCommand.Subscribe(consumer, reply));
  }

  boolean canLeave() {
    return state == State.SUBSCRIBED && !leaving;
  }

  void unsubscribe() {
    leaving = true;
    boolean gone = ledger.isKnownGone();
    var reply =
        questions.<Boolean>ask(
            loop(),
            name + " unsubscribes",
            was -> {
              assertThat(gone && was).as("left the dead").isFalse();
              assertThat(was).as("was there, or was cancelled").isEqualTo(cancels == 0);
              state = State.LEFT;
            });
    loop().send(ledger.queue().loop(), new QueueCommand.Unsubscribe(consumer, reply));
  }

  /** The channel closes: nothing is written any more, and all comes back. */
  void close() {
    switch (random.nextInt(4)) {
      case 0 -> {
        unsubscribe();
        giveAllBack();
      }
      case 1 -> {
        giveAllBack();
        unsubscribe();
      }
      default -> {
        loop().send(ledger.queue().loop(), new QueueCommand.Stop(consumer));
        giveAllBack();
        unsubscribe();
      }
    }
  }

  private void giveAllBack() {
    closed = true;
    unwritten.clear();
    while (!outstanding.isEmpty()) {
      settle(outstanding.removeFirst(), Settlement.REQUEUED);
    }
  }

  @Override
  public void deliver(DeliveryBatch batch) {
    assertThat(state).as("%s gets deliveries", name).isEqualTo(State.SUBSCRIBED);
    assertThat(cancels).as("%s gets deliveries after its end", name).isZero();
    assertThat(batch.consumer()).isSameAs(consumer);
    assertThat(batch.count()).isBetween(1, DeliveryBatch.MAX_MESSAGES);
    taken.put(batch, batch.count());
    granted -= batch.granted();
    for (int i = 0; i < batch.count(); i++) {
      long position = batch.position(i);
      ledger.delivered(position, batch.message(i), batch.redelivered(i), consumer.noAck());
      if (!consumer.noAck()) {
        outstanding.add(position);
      }
    }
    if (consumer.prefetch() > 0) {
      assertThat(outstanding.size())
          .as("prefetch of %s", name)
          .isLessThanOrEqualTo(consumer.prefetch());
    }
    if (wasLimitedThroughout) {
      assertThat(outstanding.size() + granted).as("limit of %s", name).isLessThanOrEqualTo(limit);
    }
    if (closed) {
      while (!outstanding.isEmpty()) {
        settle(outstanding.removeFirst(), Settlement.UNDELIVERED);
      }
      return;
    }
    if (settlesAtOnce && !consumer.noAck()) {
      // Within the turn in which they came, as a broker does that fails to write them.
      settle(outstanding.removeLast(), Settlement.ACKED);
    }
    unwritten.add(batch);
    assertThat(unwritten.size()).as("window of %s", name).isLessThanOrEqualTo(2);
    if (random.nextBoolean()) {
      write();
    }
  }

  boolean hasUnwritten() {
    return !unwritten.isEmpty();
  }

  /** With nothing under way to it: whether its limits keep it from getting more. */
  boolean isBlocked() {
    return unwritten.size() == 2
        || (limit > 0 && outstanding.size() + granted >= limit)
        || (consumer.prefetch() > 0 && outstanding.size() >= consumer.prefetch());
  }

  QueueLedger ledger() {
    return ledger;
  }

  /** The socket took the oldest batch. */
  void write() {
    DeliveryBatch batch = unwritten.poll();
    if (batch != null) {
      batch.flushedToClient();
    }
  }

  boolean holdsDeliveries() {
    return !outstanding.isEmpty();
  }

  /** Settles some deliveries, in any order and of mixed kinds. */
  void settleSome() {
    for (int i = random.nextInt(outstanding.size() + 1); i > 0; i--) {
      long position = outstanding.remove(random.nextInt(2) * random.nextInt(outstanding.size()));
      settle(position, anySettlement(random));
    }
    serve();
  }

  static Settlement anySettlement(SplittableRandom random) {
    return switch (random.nextInt(5)) {
      case 0 -> Settlement.ACKED;
      case 1 -> Settlement.REJECTED;
      case 2 -> Settlement.REQUEUED;
      case 3 -> Settlement.RETURNED;
      default -> Settlement.UNDELIVERED;
    };
  }

  void settle(long position, Settlement settlement) {
    ledger.settled(position, settlement);
    settling = SettleBatch.open(settling, loop(), ledger.queue(), consumer, settlement);
    settling.add(position);
  }

  /** The channel's limit comes, goes or changes. */
  void limit() {
    boolean was = limit > 0;
    limit = random.nextBoolean() ? 0 : random.nextInt(1, 20);
    wasLimitedThroughout = false;
    if (was != limit > 0) {
      wants = false;
      loop().send(ledger.queue().loop(), new QueueCommand.Limit(consumer, limit > 0));
    }
    serve();
  }

  @Override
  public void wants(Consumer asking) {
    assertThat(asking).isSameAs(consumer);
    wants = limit > 0;
    serve();
  }

  @Override
  public void unused(Consumer returning, int grants) {
    granted -= grants;
    assertThat(granted).as("grants of %s", name).isNotNegative();
    serve();
  }

  private void serve() {
    int free = limit - outstanding.size() - granted;
    if (wants && free > 0) {
      wants = false;
      int share = random.nextInt(1, free + 1);
      granted += share;
      loop().send(ledger.queue().loop(), new QueueCommand.Grant(consumer, share));
    }
  }

  @Override
  public void cancelled(Consumer ended) {
    assertThat(ended).isSameAs(consumer);
    assertThat(state).as("%s is cancelled", name).isEqualTo(State.SUBSCRIBED);
    cancels++;
  }

  void verifyEnd() {
    assertThat(state).as("%s at the end", name).isNotIn(State.ASKED, State.SUBSCRIBED);
    assertThat(cancels).as("%s is cancelled once", name).isLessThanOrEqualTo(1);
    assertThat(cancels == 0 || ledger.isKnownGone()).as("%s cancelled for a reason", name).isTrue();
    assertThat(granted).as("grants of %s that nobody has", name).isZero();
    taken.forEach((batch, count) -> assertThat(batch.count()).isEqualTo(count));
  }
}
