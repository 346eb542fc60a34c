package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A queue that ended itself takes no more messages. */
class GoneQueueRoutingTest {

  @Test
  @DisplayName("once cancel-ok is there, a mandatory publish to the auto-delete queue comes back")
  void mandatoryPublishAfterCancelOk() throws Exception {
    try (TestBroker broker = TestBroker.start()) {
      int rounds = 3000;
      AtomicInteger returned = new AtomicInteger();
      try (Connection connection = broker.connect()) {
        Channel channel = connection.createChannel();
        channel.addReturnListener(_ -> returned.incrementAndGet());
        channel.confirmSelect();
        for (int i = 0; i < rounds; i++) {
          channel.queueDeclare("gone", false, false, true, null);
          String tag = channel.basicConsume("gone", true, new DefaultConsumer(channel));
          channel.basicCancel(tag);
          channel.basicPublish("", "gone", true, new AMQP.BasicProperties(), new byte[1]);
          channel.waitForConfirmsOrDie(5000);
        }
      }
      assertThat(returned).hasValue(rounds);
    }
  }
}
