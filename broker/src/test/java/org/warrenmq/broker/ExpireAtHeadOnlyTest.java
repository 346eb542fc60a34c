package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.warrenmq.broker.config.BrokerConfig;

/** Messages that are due as a node is told to treat them. */
class ExpireAtHeadOnlyTest {
  private static final String QUEUE = "mixed";

  private static void publish(Channel channel, String body, String expiration) throws Exception {
    channel.basicPublish(
        "",
        QUEUE,
        new BasicProperties.Builder().expiration(expiration).build(),
        body.getBytes(StandardCharsets.UTF_8));
    channel.waitForConfirmsOrDie(TestBroker.LIMIT.toMillis());
  }

  private static Channel channel(Connection connection) throws Exception {
    Channel channel = connection.createChannel();
    channel.queueDeclare(QUEUE, false, false, false, Map.of());
    // When a message has left it, older ones of the same time to live are due.
    channel.queueDeclare("clock", false, false, false, Map.of("x-message-ttl", 100));
    channel.confirmSelect();
    return channel;
  }

  private static void letPass(Channel channel) throws Exception {
    channel.basicPublish("", "clock", null, new byte[1]);
    TestBroker.await("time to pass").until(() -> channel.messageCount("clock") == 0);
  }

  @Test
  @DisplayName("what is due stays behind what is not, and is never delivered")
  void staysBehindOthers() throws Exception {
    try (TestBroker broker = TestBroker.startWith(config -> config.withExpireAtHeadOnly(true));
        Connection connection = broker.connect()) {
      Channel channel = channel(connection);
      publish(channel, "first", "3600000");
      publish(channel, "second", "50");
      publish(channel, "third", "3600000");
      letPass(channel);
      assertThat(channel.messageCount(QUEUE)).isEqualTo(3);
      assertThat(text(channel.basicGet(QUEUE, true))).isEqualTo("first");
      assertThat(text(channel.basicGet(QUEUE, true))).isEqualTo("third");
      assertThat(channel.basicGet(QUEUE, true)).isNull();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("a consumer gets what is not due alone")
  void consumersGetTheOthers(boolean headOnly) throws Exception {
    try (TestBroker broker = TestBroker.startWith(config -> config.withExpireAtHeadOnly(headOnly));
        Connection connection = broker.connect()) {
      Channel channel = channel(connection);
      for (int i = 0; i < 200; i++) {
        publish(channel, "m" + i, i % 2 == 0 ? "3600000" : "50");
      }
      letPass(channel);
      var got = new java.util.concurrent.LinkedBlockingQueue<String>();
      channel.basicConsume(
          QUEUE,
          true,
          (_, delivery) -> got.add(new String(delivery.getBody(), StandardCharsets.UTF_8)),
          _ -> {});
      TestBroker.await("what is not due").until(() -> got.size() == 100);
      assertThat(got).allMatch(body -> Integer.parseInt(body.substring(1)) % 2 == 0);
      assertThat(channel.messageCount(QUEUE)).isZero();
    }
  }

  @Test
  @DisplayName("without being told otherwise, what is due leaves from anywhere")
  void leavesFromAnywhere() throws Exception {
    assertThat(BrokerConfig.defaults().expireAtHeadOnly()).isFalse();
    try (TestBroker broker = TestBroker.startWith(config -> config);
        Connection connection = broker.connect()) {
      Channel channel = channel(connection);
      publish(channel, "first", "3600000");
      publish(channel, "second", "50");
      TestBroker.await("the end of the second").until(() -> channel.messageCount(QUEUE) == 1);
    }
  }

  private static String text(GetResponse response) {
    return new String(response.getBody(), StandardCharsets.UTF_8);
  }
}
