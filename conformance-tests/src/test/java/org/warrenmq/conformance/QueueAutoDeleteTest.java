package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** When auto-delete queues go. On the test thread. */
class QueueAutoDeleteTest extends MessagingTest {

  @Test
  @Behaviour(89)
  void itGoesWithTheCancelOfItsLastConsumer() throws Exception {
    String queue = autoDeleteQueue();
    Inbox first = Inbox.consume(channel(), queue, true);
    Inbox second = Inbox.consume(channel(), queue, true);
    first.cancel();
    assertThat(queueExists(queue)).isTrue();
    second.cancel();
    awaitNoQueue(queue);
    assertThat(queueExists(queue)).isFalse();
  }

  @Test
  @Behaviour(89)
  void itGoesWithTheChannelOfItsLastConsumer() throws Exception {
    String queue = autoDeleteQueue();
    Channel channel = newChannel();
    Inbox.consume(channel, queue, false);
    channel.close();
    awaitNoQueue(queue);
    assertThat(queueExists(queue)).isFalse();
  }

  @Test
  @Behaviour(89)
  void itGoesWithTheConnectionOfItsLastConsumer() throws Exception {
    String queue = autoDeleteQueue();
    fill(queue, 3);
    Connection connection = newConnection();
    Inbox.consume(connection.createChannel(), queue, false).take(3);
    connection.close();
    awaitNoQueue(queue);
    assertThat(queueExists(queue)).isFalse();
  }

  @Test
  @Behaviour(89)
  void itStaysBeforeItsFirstConsumer() throws Exception {
    String queue = autoDeleteQueue();
    Channel channel = newChannel();
    fill(queue, 1);
    // A get is no consumer, and neither is the channel that declared or used the queue.
    assertThat(channel.basicGet(queue, true)).isNotNull();
    assertThat(channel.queueDeclarePassive(queue).getConsumerCount()).isZero();
    channel.close();
    assertThat(queueExists(queue)).isTrue();
  }

  private String autoDeleteQueue() throws Exception {
    String queue = queueName();
    channel().queueDeclare(queue, false, false, true, Map.of());
    return queue;
  }
}
