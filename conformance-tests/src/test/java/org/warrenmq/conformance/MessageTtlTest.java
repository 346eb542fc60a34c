package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * When messages with an expiration of their own leave a queue. On the test thread. Time is told by
 * the broker, as in {@link QueueTtlTest}.
 */
class MessageTtlTest extends MessagingTest {
  private static final int SHORT = 200;

  /** Long enough for a request or two, also on a busy machine. */
  private static final int MEDIUM = 1000;

  private static final int LONG = 2000;
  private static final int HALF = LONG / 2;
  private static final int AN_HOUR = 3_600_000;

  @Test
  @Behaviour({168, 155})
  void itLeavesWhenItIsDueThoughNobodyLooks() throws Exception {
    String queue = queue();
    sendFor(SHORT, queue, "1", "2", "3");
    awaitReady(queue, 0);
    assertThat(take(queue)).isNull();
    assertThat(channel().queuePurge(queue).getMessageCount()).isZero();
  }

  @Test
  @Behaviour({168, 155})
  void manyLeave() throws Exception {
    String queue = queue();
    var verdicts = Verdicts.of(newChannel());
    verdicts.fill(queue, expiring(SHORT), 5000);
    assertThat(verdicts.acked()).hasSize(5000);
    awaitReady(queue, 0);
    assertThat(channel().queueDelete(queue, false, true).getMessageCount()).isZero();
  }

  @Test
  @Behaviour({168, 155})
  void eachLeavesInItsOwnTime() throws Exception {
    String queue = queue();
    sendFor(SHORT, queue, "1");
    sendFor(2 * SHORT, queue, "2");
    sendFor(AN_HOUR, queue, "3");
    awaitReady(queue, 1);
    assertThat(contents(observer(), queue)).containsExactly("3");
  }

  @Test
  @Behaviour(155)
  void aGetDoesNotFindWhatIsDue() throws Exception {
    String queue = queue();
    sendFor(MEDIUM, queue, "late", "late");
    send("", queue, "in time");
    letPass(MEDIUM);
    assertThat(contents(channel(), queue)).containsExactly("in time");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Behaviour(155)
  void aConsumerThatComesLateDoesNotGetWhatIsDue(boolean autoAck) throws Exception {
    String queue = queue();
    send("", queue, "1");
    sendFor(SHORT, queue, "late");
    sendFor(AN_HOUR, queue, "2");
    letPass(SHORT);
    Inbox inbox = Inbox.consume(channel(), queue, autoAck);
    assertThat(inbox.texts(2)).containsExactly("1", "2");
    inbox.assertNoMore();
  }

  @Test
  @Behaviour({145, 155})
  void whatWaitsTooLongForAConsumerLeaves() throws Exception {
    String queue = queue();
    Channel channel = newChannel();
    channel.basicQos(1);
    Inbox inbox = Inbox.consume(channel, queue, false);
    send("", queue, "1");
    long first = inbox.nextTag();
    sendFor(SHORT, queue, "2", "3");
    awaitReady(queue, 0);
    channel.basicAck(first, false);
    publishFor(AN_HOUR, channel, queue, "4");
    assertThat(inbox.texts(1)).containsExactly("4");
    inbox.assertNoMore();
  }

  @Test
  @Behaviour(124)
  void thePropertyIsDeliveredAsItWasSent() throws Exception {
    String queue = queue(Map.of("x-message-ttl", LONG * 5));
    sendFor(AN_HOUR, queue, "1");
    assertThat(hold(channel(), queue).getProps().getExpiration()).isEqualTo("" + AN_HOUR);
  }

  // ---------------------------------------------------------------- behind others

  /**
   * RabbitMQ lets messages go at the head alone, so what is due behind another one is counted until
   * that has gone. Both counts are right; to be given it is not.
   */
  @Test
  @Behaviour(155)
  void whatIsDueBehindOthersIsNotGiven() throws Exception {
    String queue = queue();
    sendFor(AN_HOUR, queue, "1");
    send("", queue, "2");
    sendFor(SHORT, queue, "due");
    send("", queue, "3");
    letPass(SHORT);
    assertThat(ready(queue)).isIn(3, 4);
    assertThat(contents(channel(), queue)).containsExactly("1", "2", "3");
    assertThat(ready(queue)).isZero();
  }

  /** The same in any place, where the queue does not wait for its head. */
  @Test
  void whatIsDueLeavesFromAnyPlace() throws Exception {
    assumeFalse(BrokerUnderTest.isForeign(), "RabbitMQ lets messages expire at the head alone");
    String queue = queue();
    for (int i = 1; i <= 9; i += 3) {
      send("", queue, "" + i);
      sendFor(SHORT, queue, "" + (i + 1));
      sendFor(AN_HOUR, queue, "" + (i + 2));
    }
    awaitReady(queue, 6);
    assertThat(contents(channel(), queue)).containsExactly("1", "3", "4", "6", "7", "9");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatIsDueLeavesADeepQueue(boolean durable) throws Exception {
    assumeFalse(BrokerUnderTest.isForeign(), "RabbitMQ lets messages expire at the head alone");
    int count = 20_000;
    String queue = durable ? durableQueue(Map.of()) : queue();
    var verdicts = Verdicts.of(newChannel());
    List<String> staying = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      boolean stays = i % 10 != 5;
      var properties = expiring(stays ? AN_HOUR : MEDIUM + i % 100).builder();
      verdicts.publish("", queue, properties.deliveryMode(durable ? 2 : 1).build(), "" + i);
      if (stays) {
        staying.add("" + i);
      }
    }
    assertThat(verdicts.acked()).hasSize(count);
    awaitReady(queue, staying.size());
    Inbox inbox = Inbox.consume(channel(), queue, true);
    assertThat(inbox.texts(staying.size())).isEqualTo(staying);
    inbox.assertNoMore();
  }

  @Test
  @Behaviour(155)
  void whatIsDueLeavesWhenTheOthersAreTaken() throws Exception {
    String queue = queue();
    send("", queue, "1");
    sendFor(SHORT, queue, "2", "3");
    letPass(SHORT);
    assertThat(take(queue)).isEqualTo("1");
    awaitReady(queue, 0);
  }

  @Test
  @Behaviour({99, 155})
  void whatIsUnacknowledgedBeforeItDoesNotHoldItBack() throws Exception {
    String queue = queue();
    Channel channel = channel();
    send("", queue, "held");
    sendFor(SHORT, queue, "due");
    long held = tag(hold(channel, queue));
    awaitReady(queue, 0);
    channel.basicReject(held, true);
    assertThat(contents(channel, queue)).containsExactly("held*");
  }

  // ---------------------------------------------------------------- with a queue's time to live

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Behaviour(156)
  void theSmallerTimeCounts(boolean ofTheMessage) throws Exception {
    String queue = queue(Map.of("x-message-ttl", ofTheMessage ? AN_HOUR : SHORT));
    sendFor(ofTheMessage ? SHORT : AN_HOUR, queue, "1", "2");
    awaitReady(queue, 0);
    assertThat(take(queue)).isNull();
  }

  @Test
  @Behaviour(156)
  void aMessageWithoutATimeHasTheQueues() throws Exception {
    String queue = queue(Map.of("x-message-ttl", 2 * SHORT));
    sendFor(SHORT, queue, "1");
    send("", queue, "2");
    sendFor(AN_HOUR, queue, "3");
    awaitReady(queue, 0);
  }

  @Test
  @Behaviour({103, 156})
  void inEachQueueOfAnExchangeTheTimeIsAnother() throws Exception {
    String fanout = exchange("fanout", Map.of());
    String brief = queue(Map.of("x-message-ttl", SHORT));
    String other = queue();
    for (String queue : List.of(brief, other)) {
      channel().queueBind(queue, fanout, "");
    }
    send(fanout, "", expiring(AN_HOUR), "1");
    awaitReady(brief, 0);
    assertThat(drain(other)).containsExactly("1");
    send(fanout, "", expiring(SHORT), "2");
    awaitReady(brief, 0);
    awaitReady(other, 0);
  }

  // ---------------------------------------------------------------- what is unacknowledged

  @Test
  @Behaviour(157)
  void whatIsUnacknowledgedStays() throws Exception {
    String queue = queue();
    Channel channel = channel();
    Inbox inbox = Inbox.consume(channel, queue, false);
    sendFor(SHORT, queue, "1", "2");
    inbox.next();
    long second = inbox.nextTag();
    letPass(SHORT);
    // Each is there to be settled, and once.
    channel.basicAck(second, true);
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - unknown delivery tag " + second,
        () -> channel.basicAck(second, false));
  }

  @Test
  @Behaviour(157)
  void whatComesBackInTimeKeepsItsTime() throws Exception {
    String queue = queue();
    Channel channel = newChannel();
    sendFor(LONG, queue, "1");
    long held = tag(hold(channel, queue));
    letPass(HALF);
    sendFor(LONG, queue, "2");
    channel.basicReject(held, true);
    awaitReady(queue, 2);
    // With a time of its own from now on the first would leave after the second.
    awaitReady(queue, 1);
    assertThat(contents(channel, queue)).containsExactly("2");
  }

  @Test
  @Behaviour({131, 157})
  void whatComesBackInTimeIsRedelivered() throws Exception {
    String queue = queue();
    Channel channel = newChannel();
    sendFor(AN_HOUR, queue, "1", "2");
    channel.basicReject(tag(hold(channel, queue)), true);
    assertThat(contents(channel, queue)).containsExactly("1*", "2");
  }

  @Test
  @Behaviour(157)
  void whatComesBackTooLateIsGone() throws Exception {
    String queue = queue();
    Channel channel = newChannel();
    Inbox inbox = Inbox.consume(channel, queue, false);
    sendFor(SHORT, queue, "1");
    send("", queue, "2");
    sendFor(SHORT, queue, "3");
    long third = Inbox.tag(inbox.take(3).getLast());
    inbox.cancel();
    letPass(SHORT);
    channel.basicNack(third, true, true);
    channel.basicPublish("", queue, NO_PROPERTIES, bytes("4"));
    assertThat(contents(channel, queue)).containsExactly("2*", "4");
  }

  @Test
  @Behaviour({133, 157})
  void whatComesBackTooLateIsNotForAConsumerEither() throws Exception {
    String queue = queue();
    Channel channel = channel();
    Inbox inbox = Inbox.consume(channel, queue, false);
    sendFor(SHORT, queue, "1");
    long held = inbox.nextTag();
    letPass(SHORT);
    channel.basicReject(held, true);
    channel.basicPublish("", queue, NO_PROPERTIES, bytes("2"));
    Delivery next = inbox.next();
    assertThat(Inbox.text(next)).isEqualTo("2");
    assertThat(next.getEnvelope().isRedeliver()).isFalse();
    inbox.assertNoMore();
  }

  @Test
  @Behaviour({131, 157})
  void whatAChannelHeldTooLongIsGoneWithIt() throws Exception {
    String queue = queue();
    Channel channel = newChannel();
    Inbox held = Inbox.consume(channel, queue, false);
    sendFor(SHORT, queue, "1");
    sendFor(AN_HOUR, queue, "2");
    held.take(2);
    letPass(SHORT);
    Inbox next = Inbox.consume(channel(), queue, true);
    channel.close();
    assertThat(next.texts(1)).containsExactly("2");
    next.assertNoMore();
  }

  // ---------------------------------------------------------------- a time of zero

  @Test
  @Behaviour({95, 113, 158})
  void aTimeOfZeroKeepsNothingAndConfirms() throws Exception {
    String queue = queue();
    var verdicts = Verdicts.of(newChannel());
    verdicts.fill(queue, expiring(0), 100);
    assertThat(verdicts.acked()).hasSize(100);
    assertThat(take(queue)).isNull();
    awaitReady(queue, 0);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Behaviour({95, 158})
  void aTimeOfZeroPassesOnToWhoWaits(boolean autoAck) throws Exception {
    String queue = queue();
    Inbox inbox = Inbox.consume(newChannel(), queue, autoAck);
    sendFor(0, queue, "1", "2", "3");
    List<Delivery> deliveries = inbox.take(3);
    assertThat(deliveries).extracting(Inbox::text).containsExactly("1", "2", "3");
    assertThat(deliveries).allMatch(delivery -> delivery.getProperties().getExpiration() != null);
  }

  @Test
  @Behaviour({145, 158})
  void aTimeOfZeroDropsWhatNobodyCanTakeNow() throws Exception {
    String queue = queue();
    Channel channel = newChannel();
    channel.basicQos(1);
    Inbox inbox = Inbox.consume(channel, queue, false);
    sendFor(0, queue, "1", "2");
    channel.basicAck(inbox.nextTag(), false);
    publishFor(0, channel, queue, "3");
    assertThat(inbox.texts(1)).containsExactly("3");
    inbox.assertNoMore();
  }

  @Test
  @Behaviour(158)
  void aTimeOfZeroDropsWhatComesBackThoughSomebodyWaits() throws Exception {
    String queue = queue();
    Channel channel = newChannel();
    Inbox inbox = Inbox.consume(channel, queue, false);
    sendFor(0, queue, "1");
    channel.basicReject(inbox.nextTag(), true);
    publishFor(0, channel, queue, "2");
    assertThat(inbox.texts(1)).containsExactly("2");
    inbox.assertNoMore();
  }

  @Test
  @Behaviour(158)
  void aTimeOfZeroIsOneMessagesOnly() throws Exception {
    String queue = queue();
    send("", queue, "1");
    sendFor(0, queue, "never");
    send("", queue, "2");
    assertThat(contents(channel(), queue)).containsExactly("1", "2");
  }

  // ---------------------------------------------------------------- beside other things

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Behaviour({113, 155})
  void whatExpiresIsConfirmed(boolean durable) throws Exception {
    String queue = durable ? durableQueue(Map.of()) : queue();
    var verdicts = Verdicts.of(newChannel());
    var persistent = MessageProperties.MINIMAL_PERSISTENT_BASIC.builder().expiration("1").build();
    verdicts.fill(queue, persistent, 1000);
    assertThat(verdicts.acked()).hasSize(1000);
    assertThat(verdicts.nacked()).isEmpty();
    awaitReady(queue, 0);
  }

  @Test
  @Behaviour({83, 100, 155})
  void neitherPurgeNorDeleteLeaveATimeBehind() throws Exception {
    String queue = queue();
    sendFor(SHORT, queue, "1", "2");
    channel().queuePurge(queue);
    sendFor(AN_HOUR, queue, "3");
    letPass(SHORT);
    assertThat(drain(queue)).containsExactly("3");
    sendFor(SHORT, queue, "4");
    channel().queueDelete(queue);
    channel().queueDeclare(queue, false, false, false, Map.of());
    send("", queue, "5");
    letPass(SHORT);
    assertThat(drain(queue)).containsExactly("5");
  }

  @Test
  @Behaviour(159)
  void inATransactionTimeBeginsAtTheCommit() throws Exception {
    String queue = queue();
    Channel tx = newChannel();
    tx.txSelect();
    publishFor(LONG, tx, queue, "1");
    letPass(LONG);
    tx.txCommit();
    assertThat(contents(tx, queue)).containsExactly("1");
  }

  @Test
  @Behaviour({116, 117, 155})
  void whatIsDueMakesRoomInAFullQueue() throws Exception {
    String queue = queue(Map.of("x-max-length", 2, "x-overflow", "reject-publish"));
    var verdicts = Verdicts.of(newChannel());
    sendFor(SHORT, queue, "1", "2");
    awaitReady(queue, 0);
    assertThat(verdicts.takes("", queue, "3")).isTrue();
    assertThat(verdicts.takes("", queue, "4")).isTrue();
    assertThat(verdicts.takes("", queue, "refused")).isFalse();
    String dropping = queue(Map.of("x-max-length", 2));
    sendFor(SHORT, dropping, "1", "2", "3");
    send("", dropping, "4");
    awaitReady(dropping, 1);
    assertThat(drain(dropping)).containsExactly("4");
  }

  private void sendFor(int millis, String queue, String... texts) throws Exception {
    for (String text : texts) {
      send("", queue, expiring(millis), text);
    }
  }

  private static void publishFor(int millis, Channel channel, String queue, String text)
      throws IOException {
    channel.basicPublish("", queue, expiring(millis), bytes(text));
  }

  private static AMQP.BasicProperties expiring(int millis) {
    return NO_PROPERTIES.builder().expiration("" + millis).build();
  }
}
