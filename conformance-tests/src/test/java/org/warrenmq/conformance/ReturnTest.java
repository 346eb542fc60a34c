package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Return;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Messages that nobody takes: mandatory, immediate, and their returns. On the test thread. */
class ReturnTest extends MessagingTest {

  @Test
  @Behaviour(105)
  void anUnroutableMandatoryMessageComesBackWhole() throws Exception {
    String exchange = exchange("direct", Map.of());
    Channel channel = newChannel();
    LinkedBlockingQueue<Return> returned = returns(channel);
    AMQP.BasicProperties properties =
        NO_PROPERTIES
            .builder()
            .messageId("id-1")
            .priority(0)
            .contentType("text/plain")
            .headers(Map.of("h", 7))
            .build();
    channel.basicPublish(exchange, "nowhere", true, properties, bytes("body"));
    Return message = next(returned);
    assertThat(message.getReplyCode()).isEqualTo(312);
    assertThat(message.getReplyText()).isEqualTo("NO_ROUTE");
    assertThat(message.getExchange()).isEqualTo(exchange);
    assertThat(message.getRoutingKey()).isEqualTo("nowhere");
    assertThat(text(message.getBody())).isEqualTo("body");
    assertThat(message.getProperties()).isEqualTo(properties);
    assertThat(channel.isOpen()).isTrue();
  }

  @Test
  @Behaviour(105)
  void anEmptyMessageToAMissingQueueComesBack() throws Exception {
    Channel channel = newChannel();
    LinkedBlockingQueue<Return> returned = returns(channel);
    String missing = queueName();
    channel.basicPublish("", missing, true, NO_PROPERTIES, new byte[0]);
    Return message = next(returned);
    assertThat(message.getExchange()).isEmpty();
    assertThat(message.getRoutingKey()).isEqualTo(missing);
    assertThat(message.getBody()).isEmpty();
  }

  @Test
  @Behaviour(105)
  void onlyUnroutableMandatoryMessagesComeBack() throws Exception {
    String queue = queue();
    Channel channel = newChannel();
    LinkedBlockingQueue<Return> returned = returns(channel);
    channel.basicPublish("", queueName(), false, NO_PROPERTIES, bytes("not mandatory"));
    channel.basicPublish("", queue, true, NO_PROPERTIES, bytes("routed"));
    channel.basicPublish("", queueName(), true, NO_PROPERTIES, bytes("returned"));
    assertThat(text(next(returned).getBody())).isEqualTo("returned");
    assertThat(returned).isEmpty();
    awaitReady(queue, 1);
    assertThat(drain(queue)).containsExactly("routed");
  }

  @Test
  @Behaviour(106)
  void theReturnComesBeforeTheConfirm() throws Exception {
    Channel channel = newChannel();
    // The client calls both listeners on its reading thread, in the order of the wire.
    var events = new CopyOnWriteArrayList<String>();
    channel.addReturnListener(message -> events.add("return " + text(message.getBody())));
    channel.addConfirmListener(
        (tag, multiple) -> events.add("ack " + tag), (tag, multiple) -> events.add("nack " + tag));
    channel.confirmSelect();
    for (int i = 1; i <= 3; i++) {
      channel.basicPublish("", queueName(), true, NO_PROPERTIES, bytes("m" + i));
      channel.waitForConfirmsOrDie(LIMIT.toMillis());
    }
    await("the listeners", () -> events.size() == 6);
    assertThat(events)
        .containsExactly("return m1", "ack 1", "return m2", "ack 2", "return m3", "ack 3");
  }

  @Test
  @Behaviour(106)
  void unroutableMessagesAreConfirmedWithoutReturnUnlessMandatory() throws Exception {
    Channel channel = newChannel();
    LinkedBlockingQueue<Return> returned = returns(channel);
    channel.confirmSelect();
    channel.basicPublish("", queueName(), false, NO_PROPERTIES, bytes("nobody's"));
    assertThat(channel.waitForConfirms(LIMIT.toMillis())).isTrue();
    assertThat(returned).isEmpty();
  }

  @Test
  @Behaviour(107)
  void immediateIsNotImplemented() throws Exception {
    for (String target : List.of(queue(), queueName())) {
      Connection connection = newConnection();
      Channel channel = connection.createChannel();
      AMQP.Connection.Close close =
          expectConnectionClose(
              connection,
              540,
              "NOT_IMPLEMENTED - immediate=true",
              () -> channel.basicPublish("", target, false, true, NO_PROPERTIES, bytes("now")));
      assertThat(close.getClassId()).isEqualTo(60);
      assertThat(close.getMethodId()).isEqualTo(40);
    }
  }

  @Test
  @Behaviour(108)
  void inATransactionTheReturnComesWithTheCommit() throws Exception {
    Channel channel = newChannel();
    LinkedBlockingQueue<Return> returned = returns(channel);
    channel.txSelect();
    channel.basicPublish("", queueName(), true, NO_PROPERTIES, bytes("returned"));
    channel.basicQos(0);
    assertThat(returned).as("returns before the commit").isEmpty();
    channel.txCommit();
    assertThat(text(next(returned).getBody())).isEqualTo("returned");
    channel.txCommit();
    assertThat(returned).isEmpty();
  }

  @Test
  @Behaviour({108, 119})
  void aRollbackReturnsNothing() throws Exception {
    Channel channel = newChannel();
    LinkedBlockingQueue<Return> returned = returns(channel);
    channel.txSelect();
    channel.basicPublish("", queueName(), true, NO_PROPERTIES, bytes("dropped"));
    channel.txRollback();
    channel.basicPublish("", queueName(), true, NO_PROPERTIES, bytes("returned"));
    channel.txCommit();
    assertThat(text(next(returned).getBody())).isEqualTo("returned");
    assertThat(returned).isEmpty();
  }

  private static LinkedBlockingQueue<Return> returns(Channel channel) {
    var returned = new LinkedBlockingQueue<Return>();
    channel.addReturnListener(returned::add);
    return returned;
  }

  private static Return next(LinkedBlockingQueue<Return> returned) throws InterruptedException {
    Return message = returned.poll(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    assertThat(message).as("a return within %s", LIMIT).isNotNull();
    return message;
  }
}
