package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Delivery;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where returned messages go and what they tell about it. On the test thread. */
class RequeueTest extends MessagingTest {

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Behaviour(131)
  void theEndOfTheChannelOrConnectionRequeuesInPlace(boolean wholeConnection) throws Exception {
    String queue = queue();
    fill(queue, 5);
    Connection connection = newConnection();
    Channel channel = connection.createChannel();
    for (int i = 0; i < 3; i++) {
      hold(channel, queue);
    }
    if (wholeConnection) {
      connection.close();
    } else {
      channel.close();
    }
    awaitReady(queue, 5);
    assertContent(queue, List.of("1*", "2*", "3*", "4", "5"));
  }

  @Test
  @Behaviour(131)
  void aLostConnectionRequeuesInPlace() throws Exception {
    String queue = queue();
    fill(queue, 3);
    RawConnection raw = openRawConnection();
    raw.openChannel(1);
    raw.send(1, new AMQP.Basic.Get.Builder().queue(queue).build());
    raw.expect(1, AMQP.Basic.GetOk.class);
    raw.close();
    awaitReady(queue, 3);
    assertContent(queue, List.of("1*", "2", "3"));
  }

  @Test
  @Behaviour(131)
  void aChannelErrorRequeuesToo() throws Exception {
    String queue = queue();
    fill(queue, 2);
    Channel channel = newChannel();
    hold(channel, queue);
    channelClose(channel, () -> channel.queueDeclarePassive(queueName()));
    awaitReady(queue, 2);
    assertContent(queue, List.of("1*", "2"));
  }

  @Test
  @Behaviour(131)
  void someAcknowledgedOnesLeaveGaps() throws Exception {
    String queue = queue();
    fill(queue, 6);
    Channel channel = newChannel();
    List<Delivery> held = Inbox.consume(channel, queue, false).take(6);
    channel.basicAck(Inbox.tag(held.get(1)), false);
    channel.basicReject(Inbox.tag(held.get(4)), false);
    channel.close();
    awaitReady(queue, 4);
    assertContent(queue, List.of("1*", "3*", "4*", "6*"));
  }

  @Test
  @Behaviour({131, 133})
  void anotherConsumerTakesOverWhatACloseRequeued() throws Exception {
    String queue = queue();
    fill(queue, 2);
    Channel first = newChannel();
    Inbox.consume(first, queue, false).take(2);
    Inbox second = Inbox.consume(newChannel(), queue, false);
    first.close();
    List<Delivery> again = second.take(2);
    assertThat(again).extracting(Inbox::text).containsExactly("1", "2");
    assertThat(again).allMatch(delivery -> delivery.getEnvelope().isRedeliver());
  }

  @ParameterizedTest
  @ValueSource(strings = {"123", "132", "213", "231", "312", "321"})
  @Behaviour(132)
  void requeueInAnyOrderRestoresTheQueueOrder(String order) throws Exception {
    String queue = queue();
    fill(queue, 4);
    Channel channel = newChannel();
    var tags = new long[4];
    for (int i = 1; i <= 3; i++) {
      tags[i] = tag(hold(channel, queue));
    }
    for (char digit : order.toCharArray()) {
      long tag = tags[digit - '0'];
      if (digit == '2') {
        channel.basicReject(tag, true);
      } else {
        channel.basicNack(tag, false, true);
      }
    }
    awaitReady(queue, 4);
    assertContent(queue, List.of("1*", "2*", "3*", "4"));
  }

  @Test
  @Behaviour(132)
  void requeueOfManyAtOnceRestoresTheQueueOrder() throws Exception {
    String queue = queue();
    fill(queue, 4);
    Channel channel = newChannel();
    hold(channel, queue);
    long second = tag(hold(channel, queue));
    hold(channel, queue);
    channel.basicNack(second, true, true);
    awaitReady(queue, 3);
    assertContent(queue, List.of("1*", "2*", "4"));
    channel.close();
    awaitReady(queue, 1);
    assertContent(queue, List.of("3*"));
  }

  @Test
  @Behaviour(133)
  void aNackedMessageMayGoToAnotherConsumer() throws Exception {
    String queue = queue();
    Channel one = newChannel();
    Channel two = newChannel();
    one.basicQos(1);
    two.basicQos(1);
    Inbox first = Inbox.consume(one, queue, false);
    fill(queue, 1);
    Delivery delivery = first.next();
    assertThat(delivery.getEnvelope().isRedeliver()).isFalse();
    // The first consumer is cancelled: only the other one can take what it gives back.
    first.cancel();
    Inbox second = Inbox.consume(two, queue, false);
    one.basicNack(Inbox.tag(delivery), false, true);
    Delivery again = second.next();
    assertThat(Inbox.text(again)).isEqualTo("1");
    assertThat(again.getEnvelope().isRedeliver()).isTrue();
    two.basicAck(Inbox.tag(again), false);
    first.assertNoMore();
  }

  @Test
  @Behaviour(133)
  void aRejectedMessageComesBackToTheOnlyConsumer() throws Exception {
    String queue = queue();
    Channel channel = newChannel();
    Inbox inbox = Inbox.consume(channel, queue, false);
    fill(queue, 1);
    for (int i = 0; i < 5; i++) {
      Delivery delivery = inbox.next();
      assertThat(delivery.getEnvelope().isRedeliver()).isEqualTo(i > 0);
      channel.basicReject(Inbox.tag(delivery), true);
    }
    assertThat(inbox.next().getEnvelope().isRedeliver()).isTrue();
  }

  /** Takes all messages; a star marks a redelivered one. */
  private void assertContent(String queue, List<String> expected) throws Exception {
    assertThat(contents(observer(), queue)).isEqualTo(expected);
  }
}
