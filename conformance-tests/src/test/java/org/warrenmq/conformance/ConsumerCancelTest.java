package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What consumers are told when their queue goes. */
class ConsumerCancelTest extends MessagingTest {

  @Test
  @Behaviour(147)
  void deletingTheQueueCancelsItsConsumers() throws Exception {
    String queue = queue();
    Inbox first = Inbox.consume(newChannel(), queue, false);
    Inbox second = Inbox.consumeAs(newConnection().createChannel(), queue, "mine");
    observer().queueDelete(queue);
    assertThat(first.cancelledByServer()).isEqualTo(first.consumerTag());
    assertThat(second.cancelledByServer()).isEqualTo("mine");
    assertThat(first.getChannel().isOpen()).isTrue();
  }

  @Test
  @Behaviour(147)
  void theNoticeWantsNoAnswer() throws Exception {
    String queue = queue();
    RawConnection raw = rawConnection();
    raw.open(
        raw.hello()
            .withClientProperties(Map.of("capabilities", Map.of("consumer_cancel_notify", true))),
        2047,
        131072,
        0);
    raw.openChannel(1);
    raw.send(1, new AMQP.Basic.Consume.Builder().queue(queue).consumerTag("t").build());
    raw.expect(1, AMQP.Basic.ConsumeOk.class);
    observer().queueDelete(queue);
    AMQP.Basic.Cancel cancel = raw.expect(1, AMQP.Basic.Cancel.class);
    assertThat(cancel.getConsumerTag()).isEqualTo("t");
    assertThat(cancel.getNowait()).isTrue();
  }

  @Test
  @Behaviour(147)
  void clientsWithoutTheCapabilityAreToldNothing() throws Exception {
    String queue = queue();
    RawConnection raw = openRawConnection();
    raw.openChannel(1);
    raw.send(1, new AMQP.Basic.Consume.Builder().queue(queue).consumerTag("t").build());
    raw.expect(1, AMQP.Basic.ConsumeOk.class);
    // The client that knows the notice gets it: by then the other one would have it, too.
    Inbox capable = Inbox.consume(newChannel(), queue, false);
    observer().queueDelete(queue);
    capable.cancelledByServer();
    raw.send(1, new AMQP.Basic.Qos.Builder().build());
    assertThat(raw.expect(1, AMQP.Basic.QosOk.class)).isNotNull();
  }

  @Test
  @Behaviour(147)
  void anOwnCancelGivesNoNotice() throws Exception {
    String queue = queue();
    Inbox inbox = Inbox.consume(channel(), queue, false);
    inbox.cancel();
    channel().queueDelete(queue);
    inbox.assertNoMore();
    assertThat(inbox.cancellation()).isNotDone();
  }

  @Test
  @Behaviour(147)
  void theHandlerMayDeclareQueues() throws Exception {
    String queue = queue();
    String other = queueName();
    Channel channel = newChannel();
    var declared = new CompletableFuture<String>();
    channel.basicConsume(
        queue,
        new DefaultConsumer(channel) {
          @Override
          public void handleCancel(String tag) throws IOException {
            declared.complete(
                channel.queueDeclare(other, false, false, false, Map.of()).getQueue());
          }
        });
    observer().queueDelete(queue);
    assertThat(declared.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS)).isEqualTo(other);
    assertThat(queueExists(other)).isTrue();
  }

  @Test
  @Behaviour(147)
  void aCancelledTagIsFreeAgain() throws Exception {
    String queue = queue();
    Channel channel = newChannel();
    Inbox first = Inbox.consumeAs(channel, queue, "again");
    observer().queueDelete(queue);
    first.cancelledByServer();
    observer().queueDeclare(queue, false, false, false, Map.of());
    Inbox second = Inbox.consumeAs(channel, queue, "again");
    send("", queue, "m");
    assertThat(second.texts(1)).containsExactly("m");
  }
}
