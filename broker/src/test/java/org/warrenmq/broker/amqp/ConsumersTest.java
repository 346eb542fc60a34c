package org.warrenmq.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.warrenmq.broker.topology.QueueEntry;
import org.warrenmq.codec.BasicMethod;
import org.warrenmq.codec.ConnectionError;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.queue.QueueCommand;
import org.warrenmq.engine.queue.Settlement;

class ConsumersTest {
  private final HandSession hand = new HandSession();
  private final HandSession.Channel channel = hand.channel;
  private final QueueEntry queue = hand.queue("q");
  private final DeliveryTracker deliveries = new DeliveryTracker(hand.loop, hand.session.gate());
  private final Consumers consumers =
      new Consumers(hand.session, channel, deliveries, new Declarations(hand.session, channel));

  private void consume(String tag) {
    consumers.consume(
        new BasicMethod.Consume("q", tag, false, false, false, false, FieldTable.EMPTY));
    hand.run();
  }

  private static BasicMethod delivery(String consumer, long tag) {
    return new BasicMethod.Deliver(consumer, tag, false, "", "key");
  }

  private void deleteQueue() {
    hand.loop.send(
        hand.loop,
        new QueueCommand.Seal(queue.room(), false, false, new ReplyTo<>(hand.loop, _ -> {})));
    hand.run();
  }

  @Test
  @DisplayName("a consumer is answered, and gets what comes, until it is cancelled")
  void consumeAndCancel() {
    hand.publish(queue, "a");
    consumers.consume(
        new BasicMethod.Consume("q", "c", false, false, false, false, FieldTable.EMPTY));
    assertThat(channel.parked).as("until the queue has answered").isTrue();
    hand.run();
    assertThat(channel.parked).isFalse();
    assertThat(channel.replies).containsExactly(new BasicMethod.ConsumeOk("c"));
    hand.publish(queue, "b");
    assertThat(hand.said()).containsExactly(delivery("c", 1), "a", delivery("c", 2), "b");
    consumers.cancel(new BasicMethod.Cancel("c", false));
    hand.run();
    assertThat(channel.replies).last().isEqualTo(new BasicMethod.CancelOk("c"));
    hand.publish(queue, "c");
    assertThat(hand.said()).isEmpty();
    deliveries.settle(0, true, Settlement.ACKED, false);
    assertThat(hand.kept()).as("but for the ring").isLessThan(1000);
  }

  @Test
  @DisplayName("a tag is used once at a time")
  void tagInUse() {
    consume("c");
    assertThatThrownBy(() -> consume("c"))
        .isInstanceOf(ConnectionError.class)
        .hasMessage("NOT_ALLOWED - attempt to reuse consumer tag 'c'");
  }

  @Test
  @DisplayName("while the socket is full deliveries wait, and then come in order")
  void fullSocket() {
    consume("c");
    hand.writable(false);
    hand.publish(queue, "a");
    hand.publish(queue, "b", "c");
    assertThat(hand.said()).isEmpty();
    hand.writable(true);
    assertThat(hand.said())
        .containsExactly(delivery("c", 1), "a", delivery("c", 2), "b", delivery("c", 3), "c");
  }

  @Test
  @DisplayName("while memory is short, too, they go back to their queue")
  void givenUp() {
    consume("c");
    hand.writable(false);
    hand.publish(queue, "a");
    assertThat(hand.ready(queue)).isZero();
    consumers.giveUpUnwritten();
    assertThat(hand.ready(queue)).isEqualTo(1);
    hand.writable(true);
    assertThat(hand.said()).as("as if never delivered").containsExactly(delivery("c", 1), "a");
  }

  @Test
  @DisplayName("what an operation sets off comes after its answer")
  void heldBack() {
    consume("c");
    consumers.holdBack();
    hand.publish(queue, "a");
    deleteQueue();
    assertThat(hand.said()).isEmpty();
    assertThat(channel.replies).containsExactly(new BasicMethod.ConsumeOk("c"));
    consumers.answered();
    hand.run();
    assertThat(hand.said()).containsExactly(delivery("c", 1), "a");
    assertThat(channel.replies).last().isEqualTo(new BasicMethod.Cancel("c", true));
  }

  @Test
  @DisplayName("a client that can take it is told when a queue goes away, after its deliveries")
  void queueGone() {
    consume("c");
    hand.writable(false);
    hand.publish(queue, "a");
    deleteQueue();
    hand.writable(true);
    assertThat(hand.said()).containsExactly(delivery("c", 1), "a");
    assertThat(channel.replies).last().isEqualTo(new BasicMethod.Cancel("c", true));
  }

  @Test
  @DisplayName("the shared limit lets so many out, whoever consumes")
  void sharedPrefetch() {
    consumers.qos(new BasicMethod.Qos(0, 1, true));
    consume("c");
    consume("d");
    hand.publish(queue, "a", "b", "c");
    assertThat(hand.said()).hasSize(2);
    deliveries.settle(1, false, Settlement.ACKED, false);
    consumers.settled();
    hand.run();
    assertThat(hand.said()).hasSize(2);
    assertThat(hand.ready(queue)).isEqualTo(1);
  }

  @Test
  @DisplayName("at the end what the client has not seen is ready again, and then it is done")
  void release() {
    consume("c");
    hand.writable(false);
    hand.publish(queue, "a");
    boolean[] done = {false};
    channel.open = false;
    consumers.stop();
    consumers.release(() -> done[0] = true);
    assertThat(done[0]).as("before the queue has answered").isFalse();
    hand.run();
    assertThat(done[0]).isTrue();
    assertThat(hand.ready(queue)).isEqualTo(1);
    // That it may read the queue belongs to the connection.
    hand.session.access().forget();
    assertThat(hand.kept()).isZero();
  }
}
