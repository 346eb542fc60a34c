package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.GetResponse;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Delivery tags and what settles them: ack, nack, reject, recover. On the test thread. */
class AckTest extends MessagingTest {

  @FunctionalInterface
  private interface Settlement {
    void of(Channel channel, long tag) throws Exception;
  }

  private static final List<Settlement> SINGLE =
      List.of(
          (channel, tag) -> channel.basicAck(tag, false),
          (channel, tag) -> channel.basicNack(tag, false, true),
          (channel, tag) -> channel.basicNack(tag, false, false),
          (channel, tag) -> channel.basicReject(tag, true),
          (channel, tag) -> channel.basicReject(tag, false));

  private static final List<Settlement> MULTIPLE =
      List.of(
          (channel, tag) -> channel.basicAck(tag, true),
          (channel, tag) -> channel.basicNack(tag, true, true));

  @Test
  @Behaviour(134)
  void unknownTagsAreRefused() throws Exception {
    for (Settlement settlement : SINGLE) {
      Channel channel = newChannel();
      AMQP.Channel.Close close =
          expectChannelClose(channel, 406, unknown(5), () -> settlement.of(channel, 5));
      assertThat(close.getClassId()).isEqualTo(60);
      assertThat(close.getMethodId()).isIn(80, 90, 120);
    }
    for (Settlement settlement : MULTIPLE) {
      Channel channel = newChannel();
      expectChannelClose(channel, 406, unknown(5), () -> settlement.of(channel, 5));
    }
  }

  @Test
  @Behaviour(134)
  void settlingTwiceIsRefused() throws Exception {
    for (Settlement first : SINGLE) {
      for (Settlement second : SINGLE) {
        String queue = queue();
        fill(queue, 1);
        Channel channel = newChannel();
        long tag = tag(hold(channel, queue));
        first.of(channel, tag);
        expectChannelClose(channel, 406, unknown(tag), () -> second.of(channel, tag));
      }
    }
  }

  @Test
  @Behaviour(134)
  void multipleWithATagBeyondTheLastIsRefusedAndSettlesNothing() throws Exception {
    String queue = queue();
    fill(queue, 2);
    Channel channel = newChannel();
    hold(channel, queue);
    hold(channel, queue);
    expectChannelClose(channel, 406, unknown(3), () -> channel.basicAck(3, true));
    awaitReady(queue, 2);
    assertThat(drain(queue)).containsExactly("1", "2");
  }

  @Test
  @Behaviour(134)
  void multipleWithASettledTagIsRefused() throws Exception {
    String queue = queue();
    fill(queue, 2);
    Channel channel = newChannel();
    long first = tag(hold(channel, queue));
    hold(channel, queue);
    channel.basicAck(first, true);
    expectChannelClose(channel, 406, unknown(first), () -> channel.basicAck(first, true));
  }

  @Test
  @Behaviour(134)
  void anAutomaticallyAcknowledgedMessageHasNothingToSettle() throws Exception {
    String queue = queue();
    fill(queue, 1);
    Channel channel = newChannel();
    long tag = tag(channel.basicGet(queue, true));
    expectChannelClose(channel, 406, unknown(tag), () -> channel.basicAck(tag, false));
  }

  @Test
  @Behaviour(135)
  void tagZeroWithMultipleMeansAll() throws Exception {
    String queue = queue();
    fill(queue, 3);
    Channel channel = newChannel();
    Inbox inbox = Inbox.consume(channel, queue, false);
    inbox.take(3);
    channel.basicNack(0, true, true);
    List<Delivery> again = inbox.take(3);
    assertThat(again).extracting(Inbox::text).containsExactly("1", "2", "3");
    channel.basicAck(0, true);
    channel.close();
    assertThat(drain(queue)).isEmpty();
  }

  @Test
  @Behaviour(135)
  void tagZeroWithMultipleMayMeanNone() throws Exception {
    Channel channel = newChannel();
    channel.basicAck(0, true);
    channel.basicNack(0, true, true);
    channel.basicNack(0, true, false);
    channel.basicQos(0);
    assertThat(channel.isOpen()).isTrue();
  }

  @Test
  @Behaviour(135)
  void tagZeroAloneIsUnknown() throws Exception {
    for (Settlement settlement : SINGLE) {
      String queue = queue();
      fill(queue, 1);
      Channel channel = newChannel();
      hold(channel, queue);
      expectChannelClose(channel, 406, unknown(0), () -> settlement.of(channel, 0));
    }
  }

  @Test
  @Behaviour(135)
  void multipleSettlesUpToItsTag() throws Exception {
    String queue = queue();
    fill(queue, 5);
    Channel channel = newChannel();
    List<Delivery> held = Inbox.consume(channel, queue, false).take(5);
    channel.basicAck(Inbox.tag(held.get(1)), false);
    channel.basicAck(Inbox.tag(held.get(2)), true);
    channel.close();
    awaitReady(queue, 2);
    assertThat(drain(queue)).containsExactly("4", "5");
  }

  @Test
  @Behaviour(136)
  void tagsStartAtOneAndAreSharedByGetAndConsume() throws Exception {
    String queue = queue();
    String consumed = queue();
    fill(queue, 3);
    fill(consumed, 2);
    for (int i = 0; i < 2; i++) {
      Channel channel = newChannel();
      assertThat(tag(hold(channel, queue))).isEqualTo(1);
      Inbox inbox = Inbox.consume(channel, consumed, false);
      assertThat(inbox.take(2)).extracting(Inbox::tag).containsExactly(2L, 3L);
      assertThat(tag(channel.basicGet(queue, true))).isEqualTo(4);
      channel.close();
      awaitReady(consumed, 2);
      fill(queue, 1);
    }
  }

  @Test
  @Behaviour(136)
  void tagsAreNotValidOnAnotherChannel() throws Exception {
    String queue = queue();
    fill(queue, 1);
    Channel holder = newChannel();
    long tag = tag(hold(holder, queue));
    Channel other = newChannel();
    expectChannelClose(other, 406, unknown(tag), () -> other.basicAck(tag, false));
    holder.basicAck(tag, false);
    holder.close();
    assertThat(drain(queue)).isEmpty();
  }

  @Test
  @Behaviour(137)
  void recoverRequeuesAllOfTheChannel() throws Exception {
    String queue = queue();
    fill(queue, 3);
    Channel channel = newChannel();
    Channel other = newChannel();
    hold(channel, queue);
    hold(channel, queue);
    long kept = tag(hold(other, queue));
    assertThat(channel.basicRecover(true)).isNotNull();
    awaitReady(queue, 2);
    for (String expected : List.of("1", "2")) {
      GetResponse again = hold(channel, queue);
      assertThat(text(again)).isEqualTo(expected);
      assertThat(redelivered(again)).isTrue();
    }
    assertThat(channel.basicGet(queue, true)).isNull();
    other.basicAck(kept, false);
    other.basicQos(0);
    assertThat(other.isOpen()).isTrue();
  }

  @Test
  @Behaviour(137)
  void recoverRedeliversToTheConsumer() throws Exception {
    String queue = queue();
    fill(queue, 2);
    Channel channel = newChannel();
    Inbox inbox = Inbox.consume(channel, queue, false);
    inbox.take(2);
    channel.basicRecover();
    List<Delivery> again = inbox.take(2);
    assertThat(again).extracting(Inbox::text).containsExactly("1", "2");
    assertThat(again).extracting(Inbox::tag).containsExactly(3L, 4L);
    assertThat(again).allMatch(delivery -> delivery.getEnvelope().isRedeliver());
  }

  @Test
  @Behaviour(137)
  void recoverWithoutRequeueIsNotImplemented() throws Exception {
    Connection connection = newConnection();
    Channel channel = connection.createChannel();
    expectConnectionClose(
        connection, 540, "NOT_IMPLEMENTED - requeue=false", () -> channel.basicRecover(false));
  }

  @Test
  @Behaviour(137)
  @SuppressWarnings("deprecation") // Old clients still send recover-async.
  void recoverAsyncGetsNoReply() throws Exception {
    String queue = queue();
    fill(queue, 1);
    RawConnection raw = openRawConnection();
    raw.openChannel(1);
    raw.send(1, new AMQP.Basic.Get.Builder().queue(queue).build());
    raw.expect(1, AMQP.Basic.GetOk.class);
    assertThat(raw.read().bodySize()).isEqualTo(1);
    assertThat(raw.read().payload()).isEqualTo(bytes("1"));
    raw.send(1, new AMQP.Basic.RecoverAsync.Builder().requeue().build());
    raw.send(1, new AMQP.Basic.Qos.Builder().build());
    raw.expect(1, AMQP.Basic.QosOk.class);
    awaitReady(queue, 1);
    assertThat(redelivered(hold(channel(), queue))).isTrue();
  }

  private static String unknown(long tag) {
    return "PRECONDITION_FAILED - unknown delivery tag " + tag;
  }
}
