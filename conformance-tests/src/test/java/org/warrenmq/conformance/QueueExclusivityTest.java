package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Exclusive queues: who may use them and when they go. On the test thread. */
class QueueExclusivityTest extends MessagingTest {

  @Test
  @Behaviour(85)
  void redeclareOfASharedQueueAsExclusiveIsLocked() throws Exception {
    String queue = queue();
    expectChannelClose(
        405, locked(queue), () -> channel().queueDeclare(queue, false, true, false, Map.of()));
  }

  @Test
  @Behaviour(85)
  void redeclareOfAnOwnExclusiveQueueAsSharedIsLocked() throws Exception {
    String queue = exclusiveQueue();
    Channel other = newChannel();
    expectChannelClose(
        other, 405, locked(queue), () -> other.queueDeclare(queue, false, false, false, Map.of()));
  }

  @Test
  @Behaviour(86)
  void anotherConnectionIsLockedOut() throws Exception {
    String queue = exclusiveQueue();
    String exchange = exchange("direct", Map.of());
    channel().queueBind(queue, exchange, "key");
    Connection stranger = newConnection();
    List<OnChannel> refused =
        List.of(
            channel -> channel.queueDeclarePassive(queue),
            channel -> channel.queueDeclare(queue, false, true, false, Map.of()),
            channel -> channel.queueDeclare(queue, false, false, false, Map.of()),
            channel -> Inbox.consume(channel, queue, true),
            channel -> channel.basicGet(queue, true),
            channel -> channel.queuePurge(queue),
            channel -> channel.queueDelete(queue),
            channel -> channel.queueBind(queue, exchange, "other"),
            channel -> channel.queueUnbind(queue, exchange, "key"));
    for (OnChannel action : refused) {
      Channel channel = stranger.createChannel();
      expectChannelClose(channel, 405, locked(queue), () -> action.run(channel));
    }
    assertThat(stranger.isOpen()).isTrue();
  }

  @Test
  @Behaviour(86)
  void theTextIsWholeForAShortName() throws Exception {
    String queue = removeQueueLater("x" + Long.toString(System.nanoTime(), 36));
    channel().queueDeclare(queue, false, true, false, Map.of());
    assertThat(locked(queue)).endsWith("that of the original declaration.");
    expectChannelClose(observer(), 405, locked(queue), () -> observer().queueDeclarePassive(queue));
  }

  @Test
  @Behaviour(86)
  void otherChannelsOfTheSameConnectionMayUseIt() throws Exception {
    String queue = exclusiveQueue();
    send("", queue, "a");
    Channel other = newChannel();
    assertThat(other.queueDeclare(queue, false, true, false, Map.of()).getQueue()).isEqualTo(queue);
    assertThat(text(hold(other, queue))).isEqualTo("a");
    assertThat(other.queuePurge(queue)).isNotNull();
  }

  @Test
  @Behaviour(87)
  void anotherConnectionMayPublishToIt() throws Exception {
    String queue = exclusiveQueue();
    send("", queue, "from outside");
    assertThat(text(hold(channel(), queue))).isEqualTo("from outside");
  }

  @Test
  @Behaviour(86)
  void theNameIsFreeAfterTheEndOfItsConnection() throws Exception {
    String queue = queueName();
    Connection owner = newConnection();
    owner.createChannel().queueDeclare(queue, false, true, false, Map.of());
    owner.close();
    awaitNoQueue(queue);
    assertThat(channel().queueDeclare(queue, false, true, false, Map.of()).getMessageCount())
        .isZero();
  }

  @Test
  @Behaviour(86)
  void itOutlivesItsChannelAndItsConsumer() throws Exception {
    String queue = queueName();
    Channel first = newChannel();
    first.queueDeclare(queue, false, true, false, Map.of());
    Inbox.consume(first, queue, true).cancel();
    first.close();
    assertThat(channel().queueDeclarePassive(queue).getConsumerCount()).isZero();
  }

  private String exclusiveQueue() throws Exception {
    String queue = queueName();
    channel().queueDeclare(queue, false, true, false, Map.of());
    return queue;
  }

  private static String locked(String queue) {
    String text =
        "RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '"
            + queue
            + "' in vhost '/'. It could be originally declared on another connection or the"
            + " exclusive property value does not match that of the original declaration.";
    // A reply text is a short string: what is too long for it is cut and ends with three dots.
    return text.length() <= 255 ? text : text.substring(0, 252) + "...";
  }

  @FunctionalInterface
  private interface OnChannel {
    void run(Channel channel) throws Exception;
  }
}
