package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.warrenmq.broker.config.BrokerConfig.ConsumerTimeout;

/** The acknowledgement timeout as a node is told it. */
class ConsumerTimeoutTest {
  private static final String QUEUE = "slow";

  private static TestBroker broker(long millis, ConsumerTimeout.Action action) throws Exception {
    return TestBroker.start(limits -> TestBroker.withConsumerTimeout(limits, millis, action));
  }

  private static void publish(Channel channel) throws Exception {
    channel.queueDeclare(QUEUE, false, false, false, Map.of());
    channel.confirmSelect();
    channel.basicPublish("", QUEUE, null, new byte[1]);
    channel.waitForConfirmsOrDie(TestBroker.LIMIT.toMillis());
  }

  private static void awaitReady(Channel channel) {
    TestBroker.await("its message back").until(() -> channel.messageCount(QUEUE) == 1);
  }

  @Test
  @DisplayName("the node's time holds where nobody says otherwise")
  void ofTheNode() throws Exception {
    try (TestBroker broker = broker(200, ConsumerTimeout.Action.REQUEUE);
        Connection connection = broker.connect()) {
      Channel channel = connection.createChannel();
      publish(channel);
      var cancelled = new CompletableFuture<String>();
      channel.basicConsume(QUEUE, false, "tag", (_, _) -> {}, cancelled::complete);
      assertThat(cancelled.get(TestBroker.LIMIT.toMillis(), TimeUnit.MILLISECONDS))
          .isEqualTo("tag");
      awaitReady(channel);
    }
  }

  @Test
  @DisplayName("the channel is closed instead where that is configured")
  void closingTheChannel() throws Exception {
    try (TestBroker broker = broker(200, ConsumerTimeout.Action.CLOSE_CHANNEL);
        Connection connection = broker.connect()) {
      Channel observer = connection.createChannel();
      publish(observer);
      Channel channel = connection.createChannel();
      var closed = new CompletableFuture<ShutdownSignalException>();
      channel.addShutdownListener(closed::complete);
      channel.basicConsume(QUEUE, false, (_, _) -> {}, _ -> {});
      var reason =
          (AMQP.Channel.Close)
              closed.get(TestBroker.LIMIT.toMillis(), TimeUnit.MILLISECONDS).getReason();
      assertThat(reason.getReplyCode()).isEqualTo(406);
      assertThat(reason.getReplyText()).contains("channel 2 timed out. Timeout value used: 200 ms");
      awaitReady(observer);
    }
  }
}
