package org.warrenmq.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.warrenmq.broker.topology.QueueEntry;
import org.warrenmq.codec.AmqpError;
import org.warrenmq.codec.BasicMethod;
import org.warrenmq.codec.TxMethod;
import org.warrenmq.engine.queue.QueueCommand;
import org.warrenmq.engine.queue.QueueSettings;
import org.warrenmq.engine.queue.QueueSettings.Overflow;
import org.warrenmq.engine.queue.Settlement;
import org.warrenmq.router.QueueDestination;

class TxBufferTest {
  private static final QueueSettings FULL =
      QueueSettings.NONE.withMaxLength(0, Overflow.REJECT_PUBLISH);

  private final HandSession hand = new HandSession();
  private final HandSession.Channel channel = hand.channel;
  private final QueueEntry queue = hand.queue("q");
  private final DeliveryTracker deliveries = new DeliveryTracker(hand.loop, hand.session.gate());
  private final TxBuffer transaction =
      new TxBuffer(hand.session, channel, deliveries, this::release);

  private void release(TxBuffer.Held held) {
    for (QueueDestination target : held.targets()) {
      QueueEntry entry = (QueueEntry) target;
      hand.session.gate().charge(QueueCommand.Publish.cost(held.message()));
      hand.loop.send(
          entry.room().loop(),
          new QueueCommand.Publish(entry.room(), held.message(), transaction, 0));
    }
  }

  private void add(String body, QueueDestination... targets) {
    transaction.add(
        new TxBuffer.Held(
            new BasicMethod.Publish("", "key", false, false),
            HandSession.message(body),
            targets,
            false));
  }

  @Test
  @DisplayName("publishes take effect with the commit, in order, and then it is answered")
  void commit() {
    add("a", queue);
    add("b", queue);
    assertThat(hand.ready(queue)).isZero();
    assertThat(hand.kept()).isPositive();
    transaction.commit();
    assertThat(channel.parked).isTrue();
    assertThat(channel.replies).isEmpty();
    hand.run();
    assertThat(channel.replies).containsExactly(new TxMethod.CommitOk());
    assertThat(channel.parked).isFalse();
    assertThat(HandSession.text(hand.get(queue).message())).isEqualTo("a");
    assertThat(HandSession.text(hand.get(queue).message())).isEqualTo("b");
    assertThat(hand.kept()).isZero();
    assertThat(hand.session.gate().holding()).as("all is accepted").isZero();
  }

  @Test
  @DisplayName("a commit of nothing is answered at once, and so is one of what goes nowhere")
  void nothing() {
    transaction.commit();
    assertThat(channel.replies).containsExactly(new TxMethod.CommitOk());
    assertThat(channel.parked).isFalse();
    add("a");
    transaction.commit();
    assertThat(channel.replies).containsExactly(new TxMethod.CommitOk(), new TxMethod.CommitOk());
  }

  @Test
  @DisplayName("a rollback forgets the publishes, and settles nothing")
  void rollback() {
    hand.publish(queue, "old");
    long tag = deliveries.track(queue.room(), AckTimeout.NONE, hand.get(queue).position());
    deliveries.settle(tag, false, Settlement.REQUEUED, true);
    long kept = hand.kept();
    add("a", queue);
    transaction.rollback();
    assertThat(channel.replies).containsExactly(new TxMethod.RollbackOk());
    assertThat(hand.kept()).isEqualTo(kept);
    assertThat(hand.ready(queue)).isZero();
    transaction.commit();
    hand.run();
    assertThat(hand.ready(queue)).isZero();
    deliveries.settle(tag, false, Settlement.REQUEUED, false);
    assertThat(hand.ready(queue)).isEqualTo(1);
  }

  @Test
  @DisplayName("a commit brings settlements and publishes about together")
  void settlements() {
    hand.publish(queue, "old");
    long tag = deliveries.track(queue.room(), AckTimeout.NONE, hand.get(queue).position());
    deliveries.settle(tag, false, Settlement.REQUEUED, true);
    add("new", queue);
    transaction.commit();
    hand.run();
    assertThat(channel.replies).containsExactly(new TxMethod.CommitOk());
    assertThat(hand.ready(queue)).isEqualTo(2);
  }

  @Test
  @DisplayName("what one queue refuses fails the commit; what others took has taken effect")
  void refused() {
    QueueEntry full = hand.queue("full", FULL);
    add("a", queue, full);
    transaction.commit();
    hand.run();
    AmqpError error = channel.error;
    assertThat(error).hasMessage("PRECONDITION_FAILED - partial tx completion");
    assertThat(error)
        .extracting(AmqpError::classId, AmqpError::methodId)
        .containsExactly(TxMethod.CLASS_ID, TxMethod.Commit.ID);
    assertThat(channel.replies).isEmpty();
    assertThat(hand.ready(queue)).isEqualTo(1);
  }

  @Test
  @DisplayName("a channel that closes meanwhile gets no answer, and goes on")
  void closedMeanwhile() {
    add("a", queue);
    transaction.commit();
    channel.open = false;
    hand.run();
    assertThat(channel.replies).isEmpty();
    assertThat(channel.parked).isFalse();
  }
}
