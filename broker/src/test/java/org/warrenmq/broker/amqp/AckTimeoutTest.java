package org.warrenmq.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.warrenmq.broker.config.BrokerConfig;
import org.warrenmq.broker.config.BrokerConfig.ConsumerTimeout;
import org.warrenmq.broker.topology.QueueEntry;
import org.warrenmq.codec.AmqpError;
import org.warrenmq.codec.BasicMethod;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.ReplyCode;
import org.warrenmq.engine.queue.Settlement;

/** With a clock that is turned by hand. */
class AckTimeoutTest {
  private static final long SECOND = 1000;
  private static final String CAPABLE = "consumer_cancel_notify";

  /** What two looks take at a second's timeout. */
  private static final long LATE = 200;

  /** A channel with queue q, with nothing that times out but what says so. */
  private static final class Bench {
    private final HandSession hand;
    private final QueueEntry queue;
    private final DeliveryTracker deliveries;
    private final Consumers consumers;
    private final Gets gets;

    Bench(ConsumerTimeout timeout, String capability) {
      hand = new HandSession(limits(timeout), capability);
      queue = hand.queue("q");
      deliveries = new DeliveryTracker(hand.loop, hand.session.gate());
      Declarations declarations = new Declarations(hand.session, hand.channel);
      consumers = new Consumers(hand.session, hand.channel, deliveries, declarations);
      gets = new Gets(hand.session, hand.channel, deliveries, declarations, consumers);
    }

    Bench() {
      this(new ConsumerTimeout(AckTimeout.NONE, ConsumerTimeout.Action.REQUEUE), CAPABLE);
    }

    private static BrokerConfig.Limits limits(ConsumerTimeout timeout) {
      BrokerConfig.Limits some = BrokerConfig.defaults().limits();
      return new BrokerConfig.Limits(
          some.heartbeat(),
          some.handshakeTimeout(),
          some.frameMax(),
          some.initialFrameMax(),
          some.channelMax(),
          some.maxMessageSize(),
          some.memoryWatermark(),
          timeout);
    }

    void consume(String tag, FieldTable arguments) {
      consumers.consume(new BasicMethod.Consume("q", tag, false, false, false, false, arguments));
      hand.run();
    }

    void consume(String tag, long timeout) {
      consume(tag, FieldTable.builder().put("x-consumer-timeout", timeout).build());
    }

    void get() {
      gets.get(new BasicMethod.Get("q", false));
      hand.run();
    }

    void settle(long tag, boolean multiple) {
      deliveries.settle(tag, multiple, Settlement.ACKED, false);
      hand.run();
    }

    /** Publishes many, and reads what is delivered of them. */
    void publishMany() {
      for (int i = 0; i < 90; i++) {
        hand.publish(queue, Collections.nCopies(100, "m").toArray(String[]::new));
        hand.said();
      }
    }

    /** Deliveries to consumers that await an ack. */
    int outstanding() {
      return deliveries.toConsumers();
    }
  }

  private final List<Bench> benches = new ArrayList<>();
  private final Bench bench = bench(new Bench());
  private final HandSession hand = bench.hand;
  private final HandSession.Channel channel = hand.channel;

  private Bench bench(Bench one) {
    benches.add(one);
    return one;
  }

  private Bench bench(long timeout, ConsumerTimeout.Action action, String capability) {
    return bench(new Bench(new ConsumerTimeout(timeout, action), capability));
  }

  /** What was written has to be released. */
  @AfterEach
  void read() {
    benches.forEach(each -> each.hand.said());
  }

  @Test
  @DisplayName(
      "what is not acked in time goes back, never too early, and its consumer is cancelled")
  void overdue() {
    bench.consume("slow", SECOND);
    hand.publish(bench.queue, "a", "b");
    hand.pass(SECOND - 50);
    assertThat(hand.ready(bench.queue)).isZero();
    hand.pass(50 + LATE);
    assertThat(hand.ready(bench.queue)).isEqualTo(2);
    assertThat(channel.replies).last().isEqualTo(new BasicMethod.Cancel("slow", true));
    assertThat(channel.error).isNull();
    assertThat(hand.get(bench.queue).redelivered()).isTrue();
    hand.publish(bench.queue, "c");
    assertThat(hand.ready(bench.queue)).as("nobody consumes").isEqualTo(2);
  }

  @Test
  @DisplayName("who acks in time goes on for ever, and then nothing is kept")
  void inTime() {
    long before = hand.kept();
    bench.consume("quick", SECOND);
    for (int i = 1; i <= 100; i++) {
      hand.publish(bench.queue, "m");
      hand.pass(SECOND / 2);
      bench.settle(i, false);
    }
    assertThat(channel.replies).hasSize(1);
    hand.pass(LATE);
    assertThat(hand.kept() - before).as("the consumer, and the ring").isLessThan(700);
    assertThat(bench.outstanding()).isZero();
  }

  @Test
  @DisplayName("what was delivered later stays with the client of a consumer that is cancelled")
  void later() {
    bench.consume("slow", SECOND);
    hand.publish(bench.queue, "a");
    hand.pass(SECOND / 2);
    hand.publish(bench.queue, "b");
    hand.pass(SECOND / 2 + LATE);
    assertThat(channel.replies).last().isEqualTo(new BasicMethod.Cancel("slow", true));
    assertThat(hand.ready(bench.queue)).isEqualTo(1);
    bench.settle(2, false);
    hand.pass(10 * SECOND);
    assertThat(hand.ready(bench.queue)).isEqualTo(1);
    assertThat(Collections.frequency(channel.replies, new BasicMethod.Cancel("slow", true)))
        .isEqualTo(1);
  }

  @Test
  @DisplayName("each consumer has its own time")
  void several() {
    bench.consume("patient", 60 * SECOND);
    hand.publish(bench.queue, "a");
    bench.consumers.cancel(new BasicMethod.Cancel("patient", false));
    hand.run();
    bench.consume("slow", SECOND);
    hand.publish(bench.queue, "b");
    hand.pass(SECOND + LATE);
    assertThat(hand.ready(bench.queue)).isEqualTo(1);
    hand.pass(58 * SECOND);
    assertThat(bench.outstanding()).isEqualTo(1);
    hand.pass(10 * SECOND);
    assertThat(bench.outstanding()).isZero();
    assertThat(hand.ready(bench.queue)).isEqualTo(2);
  }

  @Test
  @DisplayName("an ack that comes too late is no fault, and settles what else it means")
  void lateAck() {
    bench.consume("patient", 60 * SECOND);
    hand.publish(bench.queue, "a");
    bench.consumers.cancel(new BasicMethod.Cancel("patient", false));
    hand.run();
    bench.consume("slow", SECOND);
    hand.publish(bench.queue, "b");
    hand.pass(SECOND + LATE);
    bench.settle(2, false);
    assertThat(bench.outstanding()).isEqualTo(1);
    bench.settle(2, true);
    assertThat(bench.outstanding()).isZero();
    assertThat(hand.ready(bench.queue)).isEqualTo(1);
    assertThatThrownBy(() -> bench.settle(3, false))
        .isInstanceOf(ChannelError.class)
        .hasMessageContaining("unknown delivery tag 3");
    assertThatThrownBy(() -> bench.settle(0, false)).isInstanceOf(ChannelError.class);
  }

  @Test
  @DisplayName("what a transaction has acked and not committed is not acked")
  void uncommitted() {
    bench.consume("slow", SECOND);
    hand.publish(bench.queue, "a");
    bench.deliveries.settle(1, false, Settlement.ACKED, true);
    hand.pass(SECOND + LATE);
    bench.deliveries.commit();
    hand.run();
    assertThat(hand.ready(bench.queue)).isEqualTo(1);
  }

  @Test
  @DisplayName("many go back in several turns, past those that have time")
  void many() {
    bench.consume("patient", AckTimeout.NONE);
    bench.publishMany();
    bench.consumers.cancel(new BasicMethod.Cancel("patient", false));
    hand.run();
    bench.consume("slow", SECOND);
    bench.publishMany();
    hand.pass(SECOND + LATE + 50);
    assertThat(hand.ready(bench.queue)).isEqualTo(9000);
    assertThat(bench.outstanding()).isEqualTo(9000);
  }

  @Test
  @DisplayName("a cancel of the client's own meanwhile is answered, once")
  void cancelledByBoth() {
    bench.consume("slow", SECOND);
    hand.publish(bench.queue, "a");
    bench.consumers.timedOut(subscription());
    bench.consumers.cancel(new BasicMethod.Cancel("slow", false));
    assertThat(channel.parked).isTrue();
    hand.run();
    assertThat(channel.parked).isFalse();
    assertThat(channel.replies).hasSize(2).last().isEqualTo(new BasicMethod.CancelOk("slow"));
    assertThat(bench.outstanding()).as("it is the client's still").isEqualTo(1);
  }

  private Subscription subscription() {
    return (Subscription) bench.deliveries.outstanding().source(0);
  }

  @Test
  @DisplayName("a message that was got goes back, too, after the node's time")
  void got() {
    Bench node = bench(SECOND, ConsumerTimeout.Action.REQUEUE, CAPABLE);
    node.hand.publish(node.queue, "a");
    node.get();
    assertThat(node.deliveries.outstanding().size()).isEqualTo(1);
    node.hand.pass(SECOND + LATE);
    assertThat(node.hand.ready(node.queue)).isEqualTo(1);
    assertThat(node.hand.channel.error).isNull();
    node.settle(1, false);
    assertThat(node.hand.ready(node.queue)).isEqualTo(1);
  }

  @Test
  @DisplayName("a consumer may have all the time where the node would not give it")
  void noneOfItsOwn() {
    Bench node = bench(SECOND, ConsumerTimeout.Action.REQUEUE, CAPABLE);
    node.consume("patient", AckTimeout.NONE);
    node.hand.publish(node.queue, "a");
    node.hand.pass(60 * SECOND);
    assertThat(node.outstanding()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName(
      "the channel is closed where that is wished, or the client could not be told otherwise")
  void channelClosed(boolean wished) {
    ConsumerTimeout.Action action =
        wished ? ConsumerTimeout.Action.CLOSE_CHANNEL : ConsumerTimeout.Action.REQUEUE;
    Bench closing = bench(60 * SECOND, action, wished ? CAPABLE : "connection.blocked");
    closing.consume("slow", FieldTable.EMPTY);
    closing.hand.publish(closing.queue, "a");
    closing.hand.pass(59 * SECOND);
    assertThat(closing.hand.channel.error).isNull();
    closing.hand.pass(10 * SECOND);
    AmqpError error = closing.hand.channel.error;
    assertThat(error).isInstanceOf(ChannelError.class);
    assertThat(error.code()).isEqualTo(ReplyCode.PRECONDITION_FAILED);
    assertThat(error.text())
        .isEqualTo(
            "PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out. Timeout value"
                + " used: 60000 ms. This timeout value can be configured, see consumers doc guide"
                + " to learn more");
  }

  @Test
  @DisplayName("a channel that ends looks no longer")
  void stopped() {
    long before = hand.kept();
    bench.consume("slow", SECOND);
    hand.publish(bench.queue, "a");
    hand.pass(LATE);
    bench.consumers.stop();
    bench.deliveries.returnAll(() -> bench.consumers.release(() -> {}));
    hand.run();
    // That it may read the queue belongs to the connection.
    hand.session.access().forget();
    assertThat(hand.kept()).isEqualTo(before);
    hand.pass(2 * SECOND);
    assertThat(channel.replies).hasSize(1);
    assertThat(hand.ready(bench.queue)).isEqualTo(1);
  }
}
