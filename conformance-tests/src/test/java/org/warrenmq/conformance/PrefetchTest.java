package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Delivery;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The limit of each consumer (basic.qos with global=false). On the test thread. */
class PrefetchTest extends MessagingTest {

  @Test
  @Behaviour(138)
  void aLimitInBytesIsNotImplemented() throws Exception {
    Connection connection = newConnection();
    Channel channel = connection.createChannel();
    expectConnectionClose(
        connection,
        540,
        "NOT_IMPLEMENTED - prefetch_size!=0 (10)",
        () -> channel.basicQos(10, 1, false));
  }

  @Test
  @Behaviour(139)
  void theLimitIsForConsumersStartedLater() throws Exception {
    Channel channel = newChannel();
    String before = filled(6);
    Inbox unlimited = Inbox.consume(channel, before, false);
    unlimited.take(6);
    channel.basicQos(2);
    Inbox first = Inbox.consume(channel, filled(6), false);
    first.take(2);
    channel.basicQos(4);
    Inbox second = Inbox.consume(channel, filled(6), false);
    second.take(4);
    send("", before, "7");
    assertThat(unlimited.texts(1)).containsExactly("7");
    first.assertNoMore();
    second.assertNoMore();
  }

  @Test
  @Behaviour(139)
  void eachConsumerHasItsOwnLimit() throws Exception {
    Channel channel = newChannel();
    channel.basicQos(2);
    String queue = filled(5);
    Inbox first = Inbox.consume(channel, queue, false);
    List<Delivery> held = first.take(2);
    Inbox second = Inbox.consume(channel, queue, false);
    second.take(2);
    first.assertNoMore();
    second.assertNoMore();
    assertThat(ready(queue)).isEqualTo(1);
    channel.basicAck(Inbox.tag(held.getFirst()), false);
    assertThat(first.texts(1)).containsExactly("5");
    second.assertNoMore();
  }

  @Test
  @Behaviour(140)
  void automaticAcksAreNotHeldByTheirOwnLimit() throws Exception {
    Channel channel = newChannel();
    channel.basicQos(1);
    Inbox inbox = Inbox.consume(channel, filled(10), true);
    assertThat(inbox.texts(10)).hasSize(10);
  }

  @Test
  @Behaviour(141)
  void getIsNotHeldAndDoesNotCountForTheConsumer() throws Exception {
    Channel channel = newChannel();
    channel.basicQos(1);
    String queue = filled(4);
    Inbox inbox = Inbox.consume(channel, queue, false);
    long consumed = inbox.nextTag();
    long got = tag(hold(channel, queue));
    inbox.assertNoMore();
    channel.basicAck(got, false);
    inbox.assertNoMore();
    assertThat(ready(queue)).isEqualTo(2);
    // A message of a get that is still outstanding takes no place of the consumer's.
    assertThat(text(hold(channel, queue))).isEqualTo("3");
    channel.basicAck(consumed, false);
    assertThat(inbox.texts(1)).containsExactly("4");
  }

  @Test
  @Behaviour(142)
  void zeroIsUnlimited() throws Exception {
    Channel channel = newChannel();
    channel.basicQos(1);
    channel.basicQos(0);
    assertThat(Inbox.consume(channel, filled(20), false).texts(20)).hasSize(20);
  }

  @Test
  @Behaviour(145)
  void oneAckOpensOnePlace() throws Exception {
    Channel channel = newChannel();
    channel.basicQos(2);
    String queue = filled(6);
    Inbox inbox = Inbox.consume(channel, queue, false);
    assertThat(inbox.texts(2)).containsExactly("1", "2");
    inbox.assertNoMore();
    for (int tag = 1; tag <= 4; tag++) {
      channel.basicAck(tag, false);
      assertThat(inbox.texts(1)).containsExactly(Integer.toString(tag + 2));
      inbox.assertNoMore();
      assertThat(ready(queue)).isEqualTo(4 - tag);
    }
  }

  @Test
  @Behaviour(145)
  void anAckOfSeveralOpensAsManyPlaces() throws Exception {
    Channel channel = newChannel();
    channel.basicQos(5);
    String queue = filled(12);
    Inbox inbox = Inbox.consume(channel, queue, false);
    inbox.take(5);
    channel.basicAck(3, true);
    assertThat(inbox.texts(3)).containsExactly("6", "7", "8");
    inbox.assertNoMore();
    assertThat(ready(queue)).isEqualTo(4);
    channel.basicAck(0, true);
    assertThat(inbox.texts(4)).containsExactly("9", "10", "11", "12");
  }

  @Test
  @Behaviour(145)
  void nackAndRejectOpenPlacesToo() throws Exception {
    Channel channel = newChannel();
    channel.basicQos(2);
    Inbox inbox = Inbox.consume(channel, filled(4), false);
    inbox.take(2);
    channel.basicNack(1, false, false);
    assertThat(inbox.texts(1)).containsExactly("3");
    channel.basicReject(2, false);
    assertThat(inbox.texts(1)).containsExactly("4");
  }

  @Test
  @Behaviour(143)
  void inATransactionThePlaceOpensWithTheCommit() throws Exception {
    Channel channel = newChannel();
    channel.txSelect();
    channel.basicQos(1);
    String queue = filled(3);
    Inbox inbox = Inbox.consume(channel, queue, false);
    long first = inbox.nextTag();
    channel.basicAck(first, false);
    inbox.assertNoMore();
    channel.txRollback();
    inbox.assertNoMore();
    assertThat(ready(queue)).isEqualTo(2);
    channel.basicAck(first, false);
    inbox.assertNoMore();
    channel.txCommit();
    assertThat(inbox.texts(1)).containsExactly("2");
    inbox.assertNoMore();
  }

  @Test
  @Behaviour(145)
  void theConsumersOfSeveralConnectionsShareAQueue() throws Exception {
    String queue = queue();
    Channel one = newChannel();
    Channel two = newConnection().createChannel();
    one.basicQos(1);
    two.basicQos(1);
    Inbox first = Inbox.consume(one, queue, false);
    Inbox second = Inbox.consume(two, queue, false);
    fill(queue, 3);
    first.take(1);
    second.take(1);
    assertThat(ready(queue)).isEqualTo(1);
    two.basicAck(1, false);
    assertThat(second.texts(1)).containsExactly("3");
    first.assertNoMore();
  }

  private String filled(int count) throws Exception {
    String queue = queue(Map.of());
    fill(queue, count);
    return queue;
  }
}
