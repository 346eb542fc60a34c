package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.GetResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** Consumers: tags, exclusive use, order, the end of a consumer; and basic.get. */
class ConsumeTest extends MessagingTest {

  @Test
  @Behaviour(126)
  void tagsOfTheServer() throws Exception {
    String queue = queue();
    Inbox first = Inbox.consume(channel(), queue, true);
    Inbox second = Inbox.consume(channel(), queue, true);
    assertThat(first.consumerTag()).matches("amq\\.ctag-[A-Za-z0-9_-]{22}");
    assertThat(second.consumerTag()).matches("amq\\.ctag-[A-Za-z0-9_-]{22}");
    assertThat(second.consumerTag()).isNotEqualTo(first.consumerTag());
  }

  @Test
  @Behaviour(126)
  void tagsArePerChannel() throws Exception {
    String queue = queue();
    Inbox first = Inbox.consumeAs(newChannel(), queue, "same");
    Inbox second = Inbox.consumeAs(newChannel(), queue, "same");
    assertThat(second.consumerTag()).isEqualTo("same");
    first.cancel();
    fill(queue, 1);
    assertThat(second.texts(1)).containsExactly("1");
  }

  @Test
  @Behaviour(126)
  void consumeOkComesBeforeTheFirstDelivery() throws Exception {
    String queue = queue();
    fill(queue, 2);
    RawConnection raw = openRawConnection();
    raw.openChannel(1);
    raw.send(1, new AMQP.Basic.Consume.Builder().queue(queue).consumerTag("t").noAck().build());
    assertThat(raw.expect(1, AMQP.Basic.ConsumeOk.class).getConsumerTag()).isEqualTo("t");
    for (long tag = 1; tag <= 2; tag++) {
      AMQP.Basic.Deliver deliver = raw.expect(1, AMQP.Basic.Deliver.class);
      assertThat(deliver.getConsumerTag()).isEqualTo("t");
      assertThat(deliver.getDeliveryTag()).isEqualTo(tag);
      assertThat(deliver.getRoutingKey()).isEqualTo(queue);
      assertThat(raw.read().bodySize()).isEqualTo(1);
      assertThat(raw.read().payload()).isEqualTo(bytes(Long.toString(tag)));
    }
  }

  @Test
  @Behaviour(127)
  void aTagMayNotBeUsedTwiceOnAChannel() throws Exception {
    String queue = queue();
    Connection connection = newConnection();
    Channel channel = connection.createChannel();
    Inbox.consumeAs(channel, queue, "twice");
    expectConnectionClose(
        connection,
        530,
        "NOT_ALLOWED - attempt to reuse consumer tag 'twice'",
        () -> Inbox.consumeAs(channel, queue, "twice"));
  }

  @Test
  @Behaviour(127)
  void aTagIsFreeAgainAfterItsCancel() throws Exception {
    String queue = queue();
    Channel channel = newChannel();
    Inbox.consumeAs(channel, queue, "again").cancel();
    Inbox inbox = Inbox.consumeAs(channel, queue, "again");
    fill(queue, 1);
    assertThat(inbox.texts(1)).containsExactly("1");
  }

  @Test
  @Behaviour(128)
  void cancellingAnUnknownTagSucceeds() throws Exception {
    var cancel = new AMQP.Basic.Cancel.Builder().consumerTag("nobody").build();
    assertThat(channel().rpc(cancel).getMethod())
        .isInstanceOfSatisfying(
            AMQP.Basic.CancelOk.class, ok -> assertThat(ok.getConsumerTag()).isEqualTo("nobody"));
  }

  @Test
  @Behaviour(129)
  void exclusiveConsumersAreAlone() throws Exception {
    String queue = queue();
    Inbox shared = Inbox.consume(channel(), queue, true);
    Channel refused = newChannel();
    expectChannelClose(refused, 403, inUse(queue), () -> Inbox.consumeExclusively(refused, queue));
    shared.cancel();
    Inbox exclusive = Inbox.consumeExclusively(channel(), queue);
    for (boolean exclusiveToo : List.of(true, false)) {
      Channel other = newChannel();
      expectChannelClose(
          other,
          403,
          inUse(queue),
          () ->
              other.basicConsume(
                  queue, true, "", false, exclusiveToo, Map.of(), new Deliveries(other)));
    }
    fill(queue, 1);
    assertThat(exclusive.texts(1)).containsExactly("1");
    exclusive.cancel();
    assertThat(Inbox.consume(channel(), queue, true).consumerTag()).isNotEmpty();
  }

  @Test
  @Behaviour(129)
  void getIsNotLockedOutByAnExclusiveConsumer() throws Exception {
    String queue = queue();
    channel().basicQos(1);
    Inbox exclusive = Inbox.consumeExclusively(channel(), queue);
    fill(queue, 2);
    assertThat(exclusive.texts(1)).containsExactly("1");
    assertThat(take(queue)).isEqualTo("2");
  }

  @Test
  @Behaviour(129)
  void aSingleActiveConsumerQueueTakesNoExclusiveConsumer() throws Exception {
    String queue = queue(Map.of("x-single-active-consumer", true));
    Channel refused = newChannel();
    expectChannelClose(refused, 403, inUse(queue), () -> Inbox.consumeExclusively(refused, queue));
  }

  @Test
  @Behaviour(130)
  void cancelLeavesUnacknowledgedMessagesWithTheChannel() throws Exception {
    String queue = queue();
    fill(queue, 3);
    Channel channel = newChannel();
    channel.basicQos(2);
    Inbox inbox = Inbox.consume(channel, queue, false);
    List<Delivery> held = inbox.take(2);
    inbox.cancel();
    assertThat(ready(queue)).isEqualTo(1);
    assertThat(drain(queue)).containsExactly("3");
    channel.basicAck(Inbox.tag(held.getFirst()), false);
    channel.close();
    awaitReady(queue, 1);
    assertThat(drain(queue)).containsExactly("2");
  }

  @Test
  @Behaviour(130)
  void nothingIsDeliveredAfterCancelOk() throws Exception {
    String queue = queue();
    Inbox inbox = Inbox.consume(channel(), queue, false);
    fill(queue, 1);
    assertThat(inbox.texts(1)).containsExactly("1");
    inbox.cancel();
    send("", queue, "after");
    inbox.assertNoMore();
    assertThat(drain(queue)).containsExactly("after");
  }

  @Test
  @Behaviour(125)
  void oneChannelsMessagesStayInOrder() throws Exception {
    String queue = queue();
    int count = 3000;
    Channel channel = newChannel();
    Inbox inbox = Inbox.consume(newChannel(), queue, true);
    channel.confirmSelect();
    var expected = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      expected.add(Integer.toString(i));
      channel.basicPublish("", queue, NO_PROPERTIES, bytes(Integer.toString(i)));
    }
    channel.waitForConfirmsOrDie(LIMIT.toMillis());
    assertThat(inbox.texts(count)).isEqualTo(expected);
  }

  @Test
  @Behaviour(125)
  void eachOfSeveralPublishersIsInOrder() throws Exception {
    String queue = queue();
    int publishers = 4;
    int count = 500;
    var done = new CountDownLatch(publishers);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int p = 0; p < publishers; p++) {
        String name = p + ":";
        Channel channel = newConnection().createChannel();
        threads.submit(
            () -> {
              for (int i = 0; i < count; i++) {
                channel.basicPublish("", queue, NO_PROPERTIES, bytes(name + i));
              }
              done.countDown();
              return null;
            });
      }
    }
    assertThat(done.getCount()).as("publishers that failed").isZero();
    awaitReady(queue, publishers * count);
    List<String> all = Inbox.consume(channel(), queue, true).texts(publishers * count);
    for (int p = 0; p < publishers; p++) {
      String name = p + ":";
      List<Integer> own =
          all.stream()
              .filter(text -> text.startsWith(name))
              .map(text -> Integer.valueOf(text.substring(name.length())))
              .toList();
      assertThat(own).hasSize(count).isSorted();
    }
  }

  @Test
  @Behaviour(146)
  void getOnAnEmptyQueueIsAnsweredByGetEmpty() throws Exception {
    String queue = queue();
    assertThat(channel().basicGet(queue, false)).isNull();
    var get = new AMQP.Basic.Get.Builder().queue(queue).build();
    assertThat(channel().rpc(get).getMethod()).isInstanceOf(AMQP.Basic.GetEmpty.class);
    fill(queue, 1);
    assertThat(channel().basicGet(queue, true)).isNotNull();
    assertThat(channel().basicGet(queue, true)).isNull();
  }

  @Test
  @Behaviour(146)
  void getTellsWhereTheMessageCameFrom() throws Exception {
    String exchange = exchange("topic", Map.of());
    String queue = boundQueue(exchange, "a.*");
    send(exchange, "a.b", NO_PROPERTIES.builder().messageId("id").build(), "body");
    GetResponse response = hold(channel(), queue);
    assertThat(response.getEnvelope().getExchange()).isEqualTo(exchange);
    assertThat(response.getEnvelope().getRoutingKey()).isEqualTo("a.b");
    assertThat(response.getEnvelope().isRedeliver()).isFalse();
    assertThat(response.getProps().getMessageId()).isEqualTo("id");
    assertThat(response.getMessageCount()).isZero();
  }

  private static String inUse(String queue) {
    return "ACCESS_REFUSED - queue '" + queue + "' in vhost '/' in exclusive use";
  }

  @Test
  void aStreamOffsetIsForStreamsAlone() throws Exception {
    String queue = queue();
    Channel channel = newChannel();
    expectChannelClose(
        channel,
        406,
        "PRECONDITION_FAILED - invalid arg 'x-stream-offset' for queue '"
            + queue
            + "' in vhost '/' of queue type rabbit_classic_queue",
        () -> Inbox.consume(channel, queue, false, Map.of("x-stream-offset", "first")));
  }
}
