package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Message and consumer counts in replies, purge and unbind. On the test thread. */
class QueueCountsTest extends MessagingTest {

  @Test
  @Behaviour(99)
  void countsAreOfReadyMessagesOnly() throws Exception {
    String queue = queue();
    fill(queue, 3);
    GetResponse first = hold(channel(), queue);
    assertThat(first.getMessageCount()).isEqualTo(2);
    assertThat(channel().queueDeclarePassive(queue).getMessageCount()).isEqualTo(2);
    assertThat(channel().queueDeclare(queue, false, false, false, Map.of()).getMessageCount())
        .isEqualTo(2);
    assertThat(hold(channel(), queue).getMessageCount()).isEqualTo(1);
    assertThat(hold(channel(), queue).getMessageCount()).isZero();
    channel().basicNack(tag(first), false, true);
    awaitReady(queue, 1);
    assertThat(hold(channel(), queue).getMessageCount()).isZero();
  }

  @Test
  @Behaviour(99)
  void messagesWithAConsumerAreNotReady() throws Exception {
    String queue = queue();
    fill(queue, 5);
    channel().basicQos(2);
    Inbox.consume(channel(), queue, false).take(2);
    assertThat(ready(queue)).isEqualTo(3);
  }

  @Test
  @Behaviour(100)
  void purgeCountsAndDropsReadyMessagesOnly() throws Exception {
    String queue = queue();
    fill(queue, 4);
    GetResponse held = hold(channel(), queue);
    assertThat(channel().queuePurge(queue).getMessageCount()).isEqualTo(3);
    assertThat(channel().queuePurge(queue).getMessageCount()).isZero();
    assertThat(ready(queue)).isZero();
    channel().basicReject(tag(held), true);
    awaitReady(queue, 1);
    GetResponse again = hold(channel(), queue);
    assertThat(text(again)).isEqualTo("1");
    assertThat(redelivered(again)).isTrue();
  }

  @Test
  @Behaviour(101)
  void unbindingWhatIsMissingSucceeds() throws Exception {
    String queue = queue();
    String exchange = exchange("direct", Map.of());
    channel().queueBind(queue, exchange, "bound", Map.of("a", 1));
    assertThat(channel().queueUnbind(queueName(), exchange, "bound")).isNotNull();
    assertThat(channel().queueUnbind(queue, exchangeName(), "bound")).isNotNull();
    assertThat(channel().queueUnbind(queue, exchange, "another key")).isNotNull();
    assertThat(channel().queueUnbind(queue, exchange, "bound", Map.of("b", 1))).isNotNull();
    send(exchange, "bound", "still bound");
    assertThat(drain(queue)).containsExactly("still bound");
    assertThat(channel().queueUnbind(queue, exchange, "bound", Map.of("a", 1))).isNotNull();
    assertThat(channel().queueUnbind(queue, exchange, "bound", Map.of("a", 1))).isNotNull();
    send(exchange, "bound", "lost");
    assertThat(drain(queue)).isEmpty();
  }

  @Test
  @Behaviour(151)
  void declareOkCountsTheConsumers() throws Exception {
    String queue = queue();
    Channel channel = newChannel();
    assertThat(channel.queueDeclarePassive(queue).getConsumerCount()).isZero();
    List<Inbox> consumers =
        List.of(
            Inbox.consume(channel, queue, true),
            Inbox.consume(channel, queue, false),
            Inbox.consume(newChannel(), queue, true));
    assertThat(channel.queueDeclarePassive(queue).getConsumerCount()).isEqualTo(3);
    assertThat(channel.queueDeclare(queue, false, false, false, Map.of()).getConsumerCount())
        .isEqualTo(3);
    assertThat(channel.consumerCount(queue)).isEqualTo(3);
    consumers.getFirst().cancel();
    assertThat(channel.queueDeclarePassive(queue).getConsumerCount()).isEqualTo(2);
    consumers.getLast().getChannel().close();
    await("the end of a channel's consumers", () -> channel.consumerCount(queue) == 1);
    assertThat(channel.consumerCount(queue)).isEqualTo(1);
  }
}
