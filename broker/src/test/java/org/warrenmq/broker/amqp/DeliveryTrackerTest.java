package org.warrenmq.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.warrenmq.broker.topology.QueueEntry;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.queue.DeliveryBatch;
import org.warrenmq.engine.queue.Settlement;

/** On a queue with three messages, which are taken one by one. */
class DeliveryTrackerTest {
  private final HandSession hand = new HandSession();
  private final QueueEntry queue = hand.queue("q");
  private final DeliveryTracker tracker = new DeliveryTracker(hand.loop, hand.session.gate());

  @BeforeEach
  void publish() {
    hand.publish(queue, "a", "b", "c");
  }

  private long take() {
    return tracker.track(queue.room(), AckTimeout.NONE, hand.get(queue).position());
  }

  private void settle(long tag, boolean multiple, Settlement settlement) {
    tracker.settle(tag, multiple, settlement, false);
  }

  private void settleLater(long tag, Settlement settlement) {
    tracker.settle(tag, false, settlement, true);
  }

  @Test
  @DisplayName("tags count from 1, whether an ack is awaited or not")
  void tags() {
    assertThat(take()).isEqualTo(1);
    assertThat(tracker.untracked()).isEqualTo(2);
    assertThat(take()).isEqualTo(3);
  }

  @Test
  @DisplayName("what is requeued is ready again, what is acked is gone")
  void settled() {
    take();
    take();
    take();
    settle(1, false, Settlement.ACKED);
    settle(3, false, Settlement.REQUEUED);
    assertThat(hand.ready(queue)).isEqualTo(1);
    assertThat(HandSession.text(hand.get(queue).message())).isEqualTo("c");
  }

  @Test
  @DisplayName("multiple means all up to a tag, and with tag 0 all")
  void multiple() {
    take();
    take();
    take();
    settle(2, true, Settlement.REQUEUED);
    assertThat(hand.ready(queue)).isEqualTo(2);
    settle(0, true, Settlement.REQUEUED);
    assertThat(hand.ready(queue)).isEqualTo(3);
    settle(0, true, Settlement.ACKED);
    assertThat(hand.ready(queue)).isEqualTo(3);
  }

  @Test
  @DisplayName("a tag that is not outstanding settles nothing")
  void unknown() {
    take();
    take();
    settle(1, false, Settlement.ACKED);
    for (long tag : new long[] {0, 1, 3, -1}) {
      assertThatThrownBy(() -> settle(tag, false, Settlement.ACKED))
          .isInstanceOf(ChannelError.class)
          .hasMessage("PRECONDITION_FAILED - unknown delivery tag " + tag);
    }
    assertThatThrownBy(() -> settle(3, true, Settlement.REQUEUED)).isInstanceOf(ChannelError.class);
    assertThat(hand.ready(queue)).isEqualTo(1);
  }

  @Test
  @DisplayName("in a transaction it counts from the commit on, or not at all")
  void transaction() {
    take();
    take();
    settleLater(1, Settlement.REQUEUED);
    Set<LoopStore> homes = new HashSet<>();
    tracker.addHomesOfHeld(homes);
    assertThat(homes).containsExactly(hand.store);
    assertThatThrownBy(() -> settleLater(1, Settlement.ACKED)).isInstanceOf(ChannelError.class);
    tracker.rollback();
    assertThat(hand.ready(queue)).isEqualTo(1);
    settleLater(1, Settlement.REQUEUED);
    tracker.commit();
    assertThat(hand.ready(queue)).isEqualTo(2);
    tracker.recover();
    assertThat(hand.ready(queue)).isEqualTo(3);
  }

  @Test
  @DisplayName("recover gives back what no transaction has settled")
  void recover() {
    take();
    take();
    settleLater(2, Settlement.ACKED);
    tracker.recover();
    assertThat(hand.ready(queue)).isEqualTo(2);
    tracker.commit();
    assertThat(hand.ready(queue)).isEqualTo(2);
  }

  @Test
  @DisplayName("at the end everything goes back, a turn's worth at a time, and nothing is charged")
  void end() {
    QueueEntry many = hand.queue("many");
    String[] bodies = new String[10_000];
    Arrays.fill(bodies, "x");
    hand.publish(many, bodies);
    for (int i = 0; i < bodies.length; i++) {
      tracker.track(many.room(), AckTimeout.NONE, hand.get(many).position());
    }
    settleLater(5, Settlement.ACKED);
    assertThat(hand.kept()).isGreaterThan(bodies.length * 100L);
    boolean[] done = {false};
    tracker.returnAll(() -> done[0] = true);
    assertThat(done[0]).as("all of it at once").isFalse();
    hand.run();
    assertThat(done[0]).isTrue();
    assertThat(hand.ready(many)).isEqualTo(bodies.length);
    assertThat(hand.kept()).isZero();
  }

  @Test
  @DisplayName("only deliveries to consumers count for the shared prefetch")
  void toConsumers() {
    Subscription subscription =
        new Subscription(
            new Unheard(hand.loop),
            "tag",
            () -> AckTimeout.NONE,
            new Subscription.Wish(queue, false, false, 0, 0, false));
    take();
    long tag = tracker.track(subscription, hand.get(queue).position());
    assertThat(tracker.toConsumers()).isEqualTo(1);
    settle(tag, false, Settlement.ACKED);
    assertThat(tracker.toConsumers()).isZero();
  }

  private record Unheard(RoomLoop loop) implements Subscription.Receiver {
    @Override
    public void deliver(Subscription subscription, DeliveryBatch batch) {
      throw new AssertionError("nobody subscribed");
    }

    @Override
    public void cancelledByQueue(Subscription subscription) {
      throw new AssertionError("nobody subscribed");
    }

    @Override
    public void wants(Subscription subscription) {
      throw new AssertionError("nobody subscribed");
    }

    @Override
    public void unused(int grants) {
      throw new AssertionError("nobody subscribed");
    }
  }
}
