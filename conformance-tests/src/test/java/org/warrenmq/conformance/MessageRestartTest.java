package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.impl.LongStringHelper;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which messages are there after a restart, and what has become of them. On the test thread. */
class MessageRestartTest extends RestartTest {

  @Test
  @Behaviour({99, 125, 180})
  void manyPersistentMessagesSurviveInOrder() throws Exception {
    int count = 5000;
    String queue = durableQueue();
    keepMany(queue, count);
    restartBroker();
    assertThat(channel().queueDeclarePassive(queue).getMessageCount()).isEqualTo(count);
    Inbox inbox = Inbox.consume(channel(), queue, true);
    assertThat(inbox.texts(count)).isEqualTo(numbers(1, count));
    inbox.assertNoMore();
  }

  @Test
  @Behaviour({124, 180})
  void propertiesAndAddressSurvive() throws Exception {
    String exchange = durableExchange(BuiltinExchangeType.TOPIC);
    String queue = durableQueue();
    channel().queueBind(queue, exchange, "#");
    List<AMQP.BasicProperties> sent =
        List.of(all(), PERSISTENT, properties().headers(Map.of()).build());
    for (AMQP.BasicProperties properties : sent) {
      send(exchange, "some.key", properties, "text");
    }
    restartBroker();
    for (AMQP.BasicProperties properties : sent) {
      GetResponse response = hold(channel(), queue);
      assertThat(response.getProps()).isEqualTo(properties);
      assertThat(response.getEnvelope().getExchange()).isEqualTo(exchange);
      assertThat(response.getEnvelope().getRoutingKey()).isEqualTo("some.key");
      assertThat(text(response)).isEqualTo("text");
    }
  }

  @Test
  @Behaviour({122, 180})
  void headersOfEveryTypeSurvive() throws Exception {
    String queue = durableQueue();
    Map<String, @Nullable Object> headers = new HashMap<>();
    headers.put("S", LongStringHelper.asLongString("long"));
    headers.put("I", Integer.MIN_VALUE);
    headers.put("D", new BigDecimal("12.345"));
    headers.put("T", Date.from(Instant.ofEpochSecond(1_700_000_000L)));
    headers.put("F", Map.of("inner", LongStringHelper.asLongString("nested"), "empty", Map.of()));
    headers.put("b", Byte.MIN_VALUE);
    headers.put("d", 1.0e-300);
    headers.put("f", 1.5f);
    headers.put("l", Long.MAX_VALUE);
    headers.put("s", Short.MIN_VALUE);
    headers.put("t", true);
    headers.put("V", null);
    headers.put("A", List.of(1, 2L, LongStringHelper.asLongString("three"), List.of()));
    send("", queue, properties().headers(headers).build(), "");
    restartBroker();
    assertThat(hold(channel(), queue).getProps().getHeaders()).isEqualTo(headers);
  }

  @Test
  @Behaviour({34, 180})
  void bodiesOfAnySizeSurvive() throws Exception {
    String queue = durableQueue();
    Channel channel = newChannel();
    channel.confirmSelect();
    List<byte[]> bodies = bodies(0, 1, 4088, 65_535, 65_536, 65_537, 131_064, 1 << 20, 5 << 20, 3);
    for (byte[] body : bodies) {
      channel.basicPublish("", queue, PERSISTENT, body);
    }
    channel.waitForConfirmsOrDie(LIMIT.toMillis());
    restartBroker();
    for (byte[] body : bodies) {
      assertThat(hold(channel(), queue).getBody()).isEqualTo(body);
    }
    assertThat(channel().basicGet(queue, true)).isNull();
  }

  @Test
  @Behaviour(180)
  void transientMessagesAreGoneFromBetweenTheOthers() throws Exception {
    String queue = durableQueue();
    for (int i = 1; i <= 9; i += 3) {
      keep("", queue, "" + i);
      send("", queue, "" + (i + 1));
      send("", queue, NO_PROPERTIES.builder().deliveryMode(1).build(), "" + (i + 2));
    }
    assertThat(ready(queue)).isEqualTo(9);
    restartBroker();
    assertThat(ready(queue)).isEqualTo(3);
    keep("", queue, "10");
    assertThat(drain(queue)).containsExactly("1", "4", "7", "10");
  }

  @Test
  @Behaviour({103, 115, 180})
  void aMessageToSeveralQueuesIsInEachDurableOne() throws Exception {
    String exchange = durableExchange(BuiltinExchangeType.FANOUT);
    String first = durableQueue();
    String second = durableQueue();
    String passing = queue();
    String copied = durableQueue();
    for (String queue : List.of(first, passing, second)) {
      channel().queueBind(queue, exchange, "");
    }
    Channel channel = newChannel();
    channel.confirmSelect();
    var confirmed = new ArrayList<Long>();
    channel.addConfirmListener(
        (tag, multiple) -> confirmed.add(multiple ? -tag : tag), (tag, _) -> confirmed.add(0L));
    channel.basicPublish(exchange, "", PERSISTENT, bytes("persistent"));
    channel.waitForConfirmsOrDie(LIMIT.toMillis());
    channel.basicPublish(exchange, "", NO_PROPERTIES, bytes("transient"));
    channel.waitForConfirmsOrDie(LIMIT.toMillis());
    AMQP.BasicProperties copies =
        properties().headers(Map.of("CC", List.of(first, copied))).build();
    channel.basicPublish("", second, copies, new byte[70_000]);
    channel.waitForConfirmsOrDie(LIMIT.toMillis());
    channel.close();
    assertThat(confirmed).extracting(Math::abs).containsExactly(1L, 2L, 3L);
    restartBroker();
    assertThat(queueExists(passing)).isFalse();
    assertThat(hold(channel(), copied).getBody()).hasSize(70_000);
    // One queue's message is settled, the other's is its own.
    assertThat(take(first)).isEqualTo("persistent");
    assertThat(channel().queuePurge(first)).isNotNull();
    assertThat(take(second)).isEqualTo("persistent");
    assertThat(hold(channel(), second).getBody()).hasSize(70_000);
    assertThat(drain(first)).isEmpty();
  }

  @Test
  @Behaviour({100, 180})
  void purgedMessagesStayGone() throws Exception {
    String queue = durableQueue();
    keep("", queue, "1", "2", "3", "4");
    Channel holder = newConnection().createChannel();
    assertThat(text(hold(holder, queue))).isEqualTo("1");
    assertThat(channel().queuePurge(queue).getMessageCount()).isEqualTo(3);
    keep("", queue, "5");
    restartBroker();
    assertThat(drain(queue)).containsExactly("1", "5");
  }

  @Test
  @Behaviour({119, 180})
  void onlyCommittedTransactionsSurvive() throws Exception {
    String in = durableQueue();
    String out = durableQueue();
    String alsoOut = durableQueue();
    keep("", in, "acked and committed", "acked only");
    Channel tx = newChannel();
    tx.txSelect();
    tx.basicAck(tag(hold(tx, in)), false);
    for (String queue : List.of(out, alsoOut)) {
      tx.basicPublish("", queue, PERSISTENT, bytes("committed"));
      tx.basicPublish("", queue, NO_PROPERTIES, bytes("committed, but transient"));
    }
    tx.txCommit();
    tx.basicPublish("", out, PERSISTENT, bytes("rolled back"));
    tx.txRollback();
    tx.basicAck(tag(hold(tx, in)), false);
    tx.basicPublish("", out, PERSISTENT, bytes("never committed"));
    restartBroker();
    assertThat(drain(in)).containsExactly("acked only");
    assertThat(drain(out)).containsExactly("committed");
    assertThat(drain(alsoOut)).containsExactly("committed");
  }

  @Test
  @Behaviour({46, 180})
  void publishesWithoutConfirmsSurviveAStopInOrder() throws Exception {
    String queue = durableQueue();
    Channel channel = newChannel();
    for (int i = 1; i <= 500; i++) {
      channel.basicPublish("", queue, PERSISTENT, bytes("" + i));
    }
    // A get is in order with the publishes of its channel: the queue has them all.
    assertThat(text(channel.basicGet(queue, true))).isEqualTo("1");
    channel.close();
    restartBroker();
    assertThat(drain(queue)).isEqualTo(numbers(2, 500));
  }

  @Test
  @Behaviour({83, 180})
  void countsOfPurgeAndDeleteAreRightAfterwards() throws Exception {
    String purged = durableQueue();
    String deleted = durableQueue();
    keepMany(purged, 300);
    keepMany(deleted, 200);
    Channel getter = newConnection().createChannel();
    getter.basicGet(deleted, true);
    getter.close();
    restartBroker();
    assertThat(channel().queuePurge(purged).getMessageCount()).isEqualTo(300);
    assertThat(channel().queuePurge(purged).getMessageCount()).isZero();
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - queue '" + deleted + "' in vhost '/' not empty",
        () -> channel().queueDelete(deleted, false, true));
    assertThat(channel().queueDelete(deleted).getMessageCount()).isEqualTo(199);
  }

  private AMQP.BasicProperties all() {
    return properties()
        .contentType("text/plain")
        .contentEncoding("gzip")
        .headers(Map.of("k", 1))
        .priority(7)
        .correlationId("correlation ü")
        .replyTo("reply.queue")
        .expiration("3600000")
        .messageId("message-1")
        .timestamp(Date.from(Instant.ofEpochSecond(1_700_000_000L)))
        .type("a.type")
        .userId(broker.user())
        .appId("an app")
        .clusterId("a cluster")
        .build();
  }

  private static List<byte[]> bodies(int... sizes) {
    var random = new Random(1);
    return IntStream.of(sizes)
        .mapToObj(
            size -> {
              var body = new byte[size];
              random.nextBytes(body);
              return body;
            })
        .toList();
  }

  private static List<String> numbers(int from, int to) {
    return IntStream.rangeClosed(from, to).mapToObj(Integer::toString).toList();
  }
}
