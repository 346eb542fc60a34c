package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Method;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Requests with nowait, on a plain socket where an unwanted reply cannot hide. */
class NoWaitTest extends MessagingTest {
  private static final int CHANNEL = 1;

  @Test
  @Behaviour(102)
  void queueRequestsGetNoReply() throws Exception {
    RawConnection raw = connect();
    String queue = queueName();
    String exchange = exchange("direct", Map.of());
    var bind = new AMQP.Queue.Bind.Builder().queue(queue).exchange(exchange).routingKey("key");
    raw.send(CHANNEL, new AMQP.Queue.Declare.Builder().queue(queue).nowait().build());
    raw.send(CHANNEL, bind.nowait().build());
    raw.publish(CHANNEL, exchange, "key", bytes("routed"));
    assertNoReply(raw);
    awaitReady(queue, 1);
    raw.send(CHANNEL, new AMQP.Queue.Purge.Builder().queue(queue).nowait().build());
    assertNoReply(raw);
    awaitReady(queue, 0);
    raw.send(CHANNEL, new AMQP.Queue.Delete.Builder().queue(queue).nowait().build());
    assertNoReply(raw);
    awaitNoQueue(queue);
  }

  @Test
  @Behaviour(102)
  void aNoWaitDeclareOfAnExistingQueueIsSilentToo() throws Exception {
    RawConnection raw = connect();
    String queue = queue();
    raw.send(CHANNEL, new AMQP.Queue.Declare.Builder().queue(queue).nowait().build());
    raw.send(CHANNEL, new AMQP.Queue.Declare.Builder().queue(queue).passive().nowait().build());
    assertNoReply(raw);
    assertThat(queueExists(queue)).isTrue();
  }

  @Test
  @Behaviour({83, 102})
  void aNoWaitDeleteOfAMissingQueueIsSilentToo() throws Exception {
    RawConnection raw = connect();
    raw.send(CHANNEL, new AMQP.Queue.Delete.Builder().queue(queueName()).nowait().build());
    assertNoReply(raw);
  }

  @Test
  @Behaviour(102)
  void exchangeRequestsGetNoReply() throws Exception {
    RawConnection raw = connect();
    String source = exchangeName();
    String target = exchangeName();
    for (String name : List.of(source, target)) {
      raw.send(
          CHANNEL,
          new AMQP.Exchange.Declare.Builder().exchange(name).type("fanout").nowait().build());
    }
    raw.send(
        CHANNEL,
        new AMQP.Exchange.Bind.Builder().source(source).destination(target).nowait().build());
    assertNoReply(raw);
    String queue = boundQueue(target, "");
    send(source, "key", "routed");
    assertThat(drain(queue)).containsExactly("routed");
    raw.send(
        CHANNEL,
        new AMQP.Exchange.Unbind.Builder().source(source).destination(target).nowait().build());
    assertNoReply(raw);
    send(source, "key", "lost");
    assertThat(drain(queue)).isEmpty();
    raw.send(CHANNEL, new AMQP.Exchange.Delete.Builder().exchange(source).nowait().build());
    assertNoReply(raw);
    assertThat(exchangeExists(source)).isFalse();
  }

  @Test
  @Behaviour(102)
  void queueUnbindHasNoNoWaitAndIsAnswered() throws Exception {
    RawConnection raw = connect();
    String exchange = exchange("direct", Map.of());
    String queue = boundQueue(exchange, "key");
    raw.send(
        CHANNEL,
        new AMQP.Queue.Unbind.Builder().queue(queue).exchange(exchange).routingKey("key").build());
    assertThat(raw.expect(CHANNEL, AMQP.Queue.UnbindOk.class)).isNotNull();
    send(exchange, "key", "lost");
    assertThat(drain(queue)).isEmpty();
  }

  @Test
  @Behaviour(102)
  void consumeAndCancelGetNoReply() throws Exception {
    RawConnection raw = connect();
    String queue = queue();
    fill(queue, 1);
    raw.send(
        CHANNEL,
        new AMQP.Basic.Consume.Builder().queue(queue).consumerTag("mine").nowait().build());
    AMQP.Basic.Deliver delivery = raw.expect(CHANNEL, AMQP.Basic.Deliver.class);
    assertThat(delivery.getConsumerTag()).isEqualTo("mine");
    assertThat(raw.read().bodySize()).isEqualTo(1);
    assertThat(raw.read().payload()).isEqualTo(bytes("1"));
    raw.send(CHANNEL, new AMQP.Basic.Cancel.Builder().consumerTag("mine").nowait().build());
    assertNoReply(raw);
    await("the end of the consumer", () -> observer().consumerCount(queue) == 0);
  }

  @Test
  @Behaviour(111)
  void confirmSelectGetsNoReplyButConfirms() throws Exception {
    RawConnection raw = connect();
    raw.send(CHANNEL, new AMQP.Confirm.Select.Builder().nowait().build());
    raw.publish(CHANNEL, "", queue(), bytes("x"));
    AMQP.Basic.Ack ack = raw.expect(CHANNEL, AMQP.Basic.Ack.class);
    assertThat(ack.getDeliveryTag()).isEqualTo(1);
    assertNoReply(raw);
  }

  @Test
  @Behaviour(102)
  void aMissingQueueStillClosesTheChannel() throws Exception {
    RawConnection raw = connect();
    String missing = queueName();
    List<Method> wrong =
        List.of(
            new AMQP.Queue.Declare.Builder().queue(missing).passive().nowait().build(),
            new AMQP.Queue.Bind.Builder().queue(missing).exchange("amq.direct").nowait().build(),
            new AMQP.Queue.Purge.Builder().queue(missing).nowait().build(),
            new AMQP.Basic.Consume.Builder().queue(missing).consumerTag("t").nowait().build());
    String text = "NOT_FOUND - no queue '" + missing + "' in vhost '/'";
    for (Method method : wrong) {
      raw.send(CHANNEL, method);
      raw.expectChannelClose(CHANNEL, 404, text);
      raw.send(CHANNEL, new AMQP.Channel.CloseOk.Builder().build());
      raw.openChannel(CHANNEL);
    }
  }

  @Test
  @Behaviour(102)
  void anInequivalentRedeclareStillClosesTheChannel() throws Exception {
    RawConnection raw = connect();
    String queue = queue();
    raw.send(CHANNEL, new AMQP.Queue.Declare.Builder().queue(queue).durable().nowait().build());
    raw.expectChannelClose(
        CHANNEL,
        406,
        "PRECONDITION_FAILED - inequivalent arg 'durable' for queue '"
            + queue
            + "' in vhost '/': received 'true' but current is 'false'");
    raw.send(CHANNEL, new AMQP.Channel.CloseOk.Builder().build());
    raw.openChannel(CHANNEL);
    String exchange = exchange("direct", Map.of());
    raw.send(
        CHANNEL,
        new AMQP.Exchange.Declare.Builder().exchange(exchange).type("fanout").nowait().build());
    raw.expectChannelClose(
        CHANNEL,
        406,
        "PRECONDITION_FAILED - inequivalent arg 'type' for exchange '"
            + exchange
            + "' in vhost '/': received 'fanout' but current is 'direct'");
  }

  private RawConnection connect() throws IOException {
    RawConnection raw = openRawConnection();
    raw.openChannel(CHANNEL);
    return raw;
  }

  /** Whatever was asked before, the next frame is the answer to this question. */
  private static void assertNoReply(RawConnection raw) throws IOException {
    raw.send(CHANNEL, new AMQP.Basic.Qos.Builder().build());
    assertThat(raw.expect(CHANNEL, AMQP.Basic.QosOk.class)).isNotNull();
  }
}
