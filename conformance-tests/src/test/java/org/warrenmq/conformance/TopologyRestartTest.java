package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which queues and exchanges are there after a restart, and as what. On the test thread. */
class TopologyRestartTest extends RestartTest {

  @Test
  @Behaviour({52, 180})
  void durableExchangesSurviveAsTheyWere() throws Exception {
    String direct = durableExchange(BuiltinExchangeType.DIRECT);
    String topic = durableExchange(BuiltinExchangeType.TOPIC);
    String autoDelete = exchangeName();
    channel().exchangeDeclare(autoDelete, BuiltinExchangeType.HEADERS, true, true, Map.of());
    String internal = exchangeName();
    channel()
        .exchangeDeclare(internal, BuiltinExchangeType.FANOUT, true, false, true, Map.of("odd", 1));
    restartBroker();
    channel().exchangeDeclare(direct, "direct", true, false, Map.of());
    channel().exchangeDeclare(topic, "topic", true, false, Map.of());
    channel().exchangeDeclare(autoDelete, "headers", true, true, Map.of());
    channel().exchangeDeclare(internal, "fanout", true, false, true, Map.of());
    expectChannelClose(
        406,
        inequivalent("type", direct, "fanout", "direct"),
        () -> channel().exchangeDeclare(direct, "fanout", true, false, Map.of()));
    expectChannelClose(
        406,
        inequivalent("durable", topic, "false", "true"),
        () -> channel().exchangeDeclare(topic, "topic", false, false, Map.of()));
    expectChannelClose(
        406,
        inequivalent("auto_delete", autoDelete, "false", "true"),
        () -> channel().exchangeDeclare(autoDelete, "headers", true, false, Map.of()));
    expectChannelClose(
        406,
        inequivalent("internal", internal, "false", "true"),
        () -> channel().exchangeDeclare(internal, "fanout", true, false, false, Map.of()));
    expectChannelClose(
        403,
        "ACCESS_REFUSED - cannot publish to internal exchange '" + internal + "' in vhost '/'",
        () -> publish(internal, "", "refused"));
  }

  @Test
  @Behaviour(180)
  void transientOnesAreGone() throws Exception {
    String exchange = exchange("fanout", Map.of());
    String queue = queue();
    String named = channel().queueDeclare().getQueue();
    String autoDeleteExchange = autoDeleteExchange("direct");
    keep("", queue, "gone with its queue");
    restartBroker();
    assertThat(exchangeExists(exchange)).isFalse();
    assertThat(exchangeExists(autoDeleteExchange)).isFalse();
    assertThat(queueExists(queue)).isFalse();
    assertThat(queueExists(named)).isFalse();
    // The name is free for anything, and nothing is left of what was there.
    assertThat(channel().queueDeclare(queue, true, false, false, Map.of()).getMessageCount())
        .isZero();
    assertThat(drain(queue)).isEmpty();
  }

  @Test
  @Behaviour({90, 91, 180})
  void queueArgumentsSurvive() throws Exception {
    Map<String, Object> arguments =
        Map.of(
            "x-max-length",
            1000L,
            "x-message-ttl",
            3_600_000,
            "x-dead-letter-exchange",
            "amq.fanout",
            "x-dead-letter-routing-key",
            "dead",
            "x-max-priority",
            (byte) 5,
            "x-single-active-consumer",
            true,
            "x-odd",
            List.of("a", Map.of("b", 2)));
    String queue = durableQueue(arguments);
    restartBroker();
    assertThatCode(() -> channel().queueDeclare(queue, true, false, false, arguments))
        .doesNotThrowAnyException();
    // Integers compare by value, whatever their width was when they were stored.
    Map<String, Object> others = new HashMap<>(arguments);
    others.putAll(Map.of("x-max-length", 1000, "x-message-ttl", 3_600_000L, "x-max-priority", 5));
    others.remove("x-odd");
    channel().queueDeclare(queue, true, false, false, others);
    others.put("x-dead-letter-routing-key", "other");
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - inequivalent arg 'x-dead-letter-routing-key' for queue '"
            + queue
            + "' in vhost '/': received 'other' but current is 'dead'",
        () -> channel().queueDeclare(queue, true, false, false, others));
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - inequivalent arg 'durable' for queue '"
            + queue
            + "' in vhost '/': received 'false' but current is 'true'",
        () -> channel().queueDeclare(queue, false, false, false, arguments));
  }

  @Test
  @Behaviour({80, 180})
  void aDurableQueueNamedByTheServerKeepsItsName() throws Exception {
    String queue =
        removeQueueLater(channel().queueDeclare("", true, false, false, null).getQueue());
    keep("", queue, "kept");
    restartBroker();
    assertThat(drain(queue)).containsExactly("kept");
    String next = removeQueueLater(channel().queueDeclare("", true, false, false, null).getQueue());
    assertThat(next).isNotEqualTo(queue);
  }

  @Test
  @Behaviour({89, 180})
  void aDurableAutoDeleteQueueWaitsForItsLastConsumer() throws Exception {
    String queue = queueName();
    channel().queueDeclare(queue, true, false, true, Map.of());
    keep("", queue, "kept");
    restartBroker();
    Inbox inbox = Inbox.consume(channel(), queue, false);
    assertThat(Inbox.text(inbox.next())).isEqualTo("kept");
    inbox.cancel();
    awaitNoQueue(queue);
  }

  @Test
  @Behaviour({83, 180})
  void whatWasDeletedStaysGone() throws Exception {
    String queue = durableQueue();
    String again = durableQueue();
    String exchange = durableExchange(BuiltinExchangeType.DIRECT);
    channel().queueBind(queue, exchange, "key");
    channel().queueBind(again, exchange, "key");
    keep(exchange, "key", "first life");
    channel().queueDelete(queue);
    channel().queueDelete(again);
    channel().exchangeDelete(exchange);
    channel().queueDeclare(again, true, false, false, Map.of());
    keep("", again, "second life");
    restartBroker();
    assertThat(queueExists(queue)).isFalse();
    assertThat(exchangeExists(exchange)).isFalse();
    assertThat(drain(again)).containsExactly("second life");
    // New ones of the same names inherit neither bindings nor messages.
    channel().exchangeDeclare(exchange, "direct", true);
    assertThat(channel().queueDeclare(queue, true, false, false, Map.of()).getMessageCount())
        .isZero();
    assertThat(reached(exchange, "key", queue, again)).isEmpty();
  }

  @Test
  @Behaviour({60, 180})
  void predeclaredExchangesKeepTheirBindings() throws Exception {
    String queue = durableQueue();
    String key = uniqueName("key");
    channel().queueBind(queue, "amq.direct", key);
    channel().queueBind(queue, "amq.topic", key + ".#");
    channel().queueBind(queue, "amq.headers", "", Map.of("unique", key));
    restartBroker();
    assertThat(reached("amq.direct", key, queue)).containsExactly(queue);
    assertThat(reached("amq.topic", key + ".a.b", queue)).containsExactly(queue);
    assertThat(reached("amq.headers", "", Map.of("unique", key), List.of(queue)))
        .containsExactly(queue);
    assertThat(reached("", queue, queue)).containsExactly(queue);
  }

  @Test
  @Behaviour({88, 180})
  void exclusiveQueuesAreGoneDurableOrNot() throws Exception {
    String durable = queueName();
    String other = queueName();
    channel().queueDeclare(durable, true, true, false, Map.of());
    channel().queueDeclare(other, false, true, false, Map.of());
    channel().queueBind(durable, "amq.direct", durable);
    keep("", durable, "gone with its owner");
    restartBroker();
    assertThat(queueExists(durable)).isFalse();
    assertThat(queueExists(other)).isFalse();
    Channel stranger = newConnection().createChannel();
    assertThat(stranger.queueDeclare(durable, true, true, false, Map.of()).getMessageCount())
        .isZero();
    assertThat(stranger.queueDeclare(other, true, false, false, Map.of()).getMessageCount())
        .isZero();
    // Neither a message nor the binding has come back with the name.
    send("amq.direct", durable, "unbound");
    assertThat(stranger.basicGet(durable, true)).isNull();
  }

  @Test
  @Behaviour(180)
  void everythingSurvivesOneRestartAfterTheOther() throws Exception {
    String exchange = durableExchange(BuiltinExchangeType.TOPIC);
    String queue = durableQueue();
    channel().queueBind(queue, exchange, "a.*");
    keep(exchange, "a.b", "1");
    restartBroker();
    keep(exchange, "a.c", "2");
    channel().queueBind(queue, exchange, "#.z");
    restartBroker();
    keep(exchange, "y.z", "3");
    restartBroker();
    assertThat(drain(queue)).containsExactly("1", "2", "3");
    restartBroker();
    assertThat(drain(queue)).isEmpty();
    assertThat(reached(exchange, "z", queue)).containsExactly(queue);
  }

  private static String inequivalent(String key, String exchange, String received, String now) {
    return "PRECONDITION_FAILED - inequivalent arg '%s' for exchange '%s' in vhost '/': received '%s' but current is '%s'"
        .formatted(key, exchange, received, now);
  }
}
