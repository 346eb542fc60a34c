package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.GetResponse;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * When the messages of a queue with a time to live leave it. On the test thread. Time is told by
 * the broker: when a message has left another queue, older ones of the same time to live are due.
 */
class QueueTtlTest extends MessagingTest {
  private static final int SHORT = 200;

  /** Long enough for a request or two, also on a busy machine. */
  private static final int MEDIUM = 1000;

  private static final int LONG = 2000;

  private static final int HALF = LONG / 2;

  static Stream<Number> shortTimes() {
    return Stream.of((byte) 100, (short) SHORT, SHORT, (long) SHORT);
  }

  @ParameterizedTest
  @MethodSource("shortTimes")
  @Behaviour({168, 155})
  void messagesLeaveWhenTheyAreDue(Number time) throws Exception {
    String queue = queue(ttl(time));
    fill(queue, 20);
    awaitReady(queue, 0);
    assertThat(take(queue)).isNull();
    assertThat(channel().queuePurge(queue).getMessageCount()).isZero();
  }

  @Test
  @Behaviour({168, 155})
  void manyMessagesLeave() throws Exception {
    String queue = queue(ttl(SHORT));
    var verdicts = Verdicts.of(newChannel());
    verdicts.fill(queue, NO_PROPERTIES, 5000);
    assertThat(verdicts.acked()).hasSize(5000);
    awaitReady(queue, 0);
    assertThat(channel().queueDelete(queue, false, true).getMessageCount()).isZero();
  }

  @Test
  @Behaviour({168, 155})
  void eachLeavesInItsOwnTime() throws Exception {
    String queue = queue(ttl(LONG));
    send("", queue, "1", "2");
    letPass(HALF);
    send("", queue, "3");
    assertThat(ready(queue)).isEqualTo(3);
    awaitReady(queue, 1);
    assertThat(contents(observer(), queue)).containsExactly("3");
  }

  @Test
  @Behaviour(155)
  void aGetDoesNotFindWhatIsDue() throws Exception {
    String queue = queue(ttl(MEDIUM));
    send("", queue, "late", "late");
    letPass(MEDIUM);
    assertThat(take(queue)).isNull();
    Channel channel = channel();
    channel.basicPublish("", queue, NO_PROPERTIES, bytes("in time"));
    GetResponse got = hold(channel, queue);
    assertThat(text(got)).isEqualTo("in time");
    assertThat(redelivered(got)).isFalse();
    assertThat(got.getMessageCount()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Behaviour(155)
  void aConsumerThatComesLateDoesNotGetWhatIsDue(boolean autoAck) throws Exception {
    String queue = queue(ttl(SHORT));
    fill(queue, 3);
    letPass(SHORT);
    Channel channel = channel();
    Inbox inbox = Inbox.consume(channel, queue, autoAck);
    channel.basicPublish("", queue, NO_PROPERTIES, bytes("in time"));
    Delivery delivery = inbox.next();
    assertThat(Inbox.text(delivery)).isEqualTo("in time");
    assertThat(delivery.getEnvelope().isRedeliver()).isFalse();
    inbox.assertNoMore();
  }

  @Test
  @Behaviour({145, 155})
  void whatWaitsTooLongForAConsumerLeaves() throws Exception {
    String queue = queue(ttl(SHORT));
    Channel channel = newChannel();
    channel.basicQos(1);
    Inbox inbox = Inbox.consume(channel, queue, false);
    fill(queue, 4);
    long first = inbox.nextTag();
    awaitReady(queue, 0);
    channel.basicAck(first, false);
    channel.basicPublish("", queue, NO_PROPERTIES, bytes("5"));
    assertThat(inbox.texts(1)).containsExactly("5");
    inbox.assertNoMore();
  }

  @Test
  @Behaviour({103, 155})
  void otherQueuesOfTheExchangeKeepTheirCopies() throws Exception {
    String fanout = exchange("fanout", Map.of());
    String brief = queue(ttl(SHORT));
    String patient = queue(ttl(3_600_000));
    String eternal = queue();
    for (String queue : List.of(brief, patient, eternal)) {
      channel().queueBind(queue, fanout, "");
    }
    send(fanout, "", "1", "2");
    awaitReady(brief, 0);
    assertThat(drain(patient)).containsExactly("1", "2");
    assertThat(drain(eternal)).containsExactly("1", "2");
  }

  // ---------------------------------------------------------------- what is unacknowledged

  @Test
  @Behaviour(157)
  void whatIsUnacknowledgedStays() throws Exception {
    String queue = queue(ttl(SHORT));
    Channel channel = channel();
    Inbox inbox = Inbox.consume(channel, queue, false);
    fill(queue, 2);
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
    String queue = queue(ttl(LONG));
    Channel channel = newChannel();
    send("", queue, "1");
    long held = tag(hold(channel, queue));
    letPass(HALF);
    send("", queue, "2");
    channel.basicReject(held, true);
    awaitReady(queue, 2);
    // With a time of its own from now on the first would leave after the second.
    awaitReady(queue, 1);
    assertThat(contents(channel, queue)).containsExactly("2");
  }

  @Test
  @Behaviour({131, 157})
  void whatComesBackInTimeIsRedelivered() throws Exception {
    String queue = queue(ttl(10_000));
    Channel channel = newChannel();
    fill(queue, 2);
    channel.basicReject(tag(hold(channel, queue)), true);
    assertThat(contents(channel, queue)).containsExactly("1*", "2");
  }

  @Test
  @Behaviour(157)
  void whatComesBackTooLateIsGone() throws Exception {
    String queue = queue(ttl(MEDIUM));
    Channel channel = newChannel();
    fill(queue, 2);
    hold(channel, queue);
    long second = tag(hold(channel, queue));
    letPass(MEDIUM);
    channel.basicNack(second, true, true);
    channel.basicPublish("", queue, NO_PROPERTIES, bytes("3"));
    assertThat(contents(channel, queue)).containsExactly("3");
  }

  @Test
  @Behaviour({133, 157})
  void whatComesBackTooLateIsNotForAConsumerEither() throws Exception {
    String queue = queue(ttl(SHORT));
    Channel channel = channel();
    Inbox inbox = Inbox.consume(channel, queue, false);
    send("", queue, "1");
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
    String queue = queue(ttl(SHORT));
    Channel channel = newChannel();
    Inbox held = Inbox.consume(channel, queue, false);
    send("", queue, "1");
    held.next();
    letPass(SHORT);
    Inbox next = Inbox.consume(channel(), queue, true);
    channel.close();
    send("", queue, "2");
    assertThat(next.texts(1)).containsExactly("2");
    next.assertNoMore();
  }

  // ---------------------------------------------------------------- a time of zero

  @Test
  @Behaviour({113, 158})
  void aTimeOfZeroKeepsNothingAndConfirms() throws Exception {
    String queue = queue(ttl(0));
    var verdicts = Verdicts.of(newChannel());
    verdicts.fill(queue, NO_PROPERTIES, 100);
    assertThat(verdicts.acked()).hasSize(100);
    assertThat(take(queue)).isNull();
    awaitReady(queue, 0);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Behaviour(158)
  void aTimeOfZeroPassesOnToWhoWaits(boolean autoAck) throws Exception {
    String queue = queue(ttl(0));
    Inbox inbox = Inbox.consume(newChannel(), queue, autoAck);
    fill(queue, 3);
    assertThat(inbox.texts(3)).containsExactly("1", "2", "3");
  }

  @Test
  @Behaviour({145, 158})
  void aTimeOfZeroDropsWhatNobodyCanTakeNow() throws Exception {
    String queue = queue(ttl(0));
    Channel channel = newChannel();
    channel.basicQos(1);
    Inbox inbox = Inbox.consume(channel, queue, false);
    send("", queue, "1", "2");
    channel.basicAck(inbox.nextTag(), false);
    channel.basicPublish("", queue, NO_PROPERTIES, bytes("3"));
    assertThat(inbox.texts(1)).containsExactly("3");
    inbox.assertNoMore();
  }

  @Test
  @Behaviour(158)
  void aTimeOfZeroDropsWhatComesBackThoughSomebodyWaits() throws Exception {
    String queue = queue(ttl(0));
    Channel channel = newChannel();
    Inbox inbox = Inbox.consume(channel, queue, false);
    send("", queue, "1");
    channel.basicReject(inbox.nextTag(), true);
    channel.basicPublish("", queue, NO_PROPERTIES, bytes("2"));
    assertThat(inbox.texts(1)).containsExactly("2");
    inbox.assertNoMore();
  }

  // ---------------------------------------------------------------- beside other things

  @Test
  @Behaviour({113, 155})
  void whatExpiresIsConfirmed() throws Exception {
    String queue = durableQueue(ttl(1));
    var verdicts = Verdicts.of(newChannel());
    verdicts.fill(queue, NO_PROPERTIES.builder().deliveryMode(2).build(), 1000);
    assertThat(verdicts.acked()).hasSize(1000);
    assertThat(verdicts.nacked()).isEmpty();
    awaitReady(queue, 0);
  }

  @Test
  @Behaviour({100, 155})
  void afterAPurgeNewMessagesHaveTheirWholeTime() throws Exception {
    String queue = queue(ttl(LONG));
    fill(queue, 3);
    assertThat(channel().queuePurge(queue).getMessageCount()).isEqualTo(3);
    letPass(HALF);
    send("", queue, "4");
    letPass(HALF);
    assertThat(ready(queue)).isEqualTo(1);
    awaitReady(queue, 0);
  }

  @Test
  @Behaviour({83, 155})
  void aNewQueueOfTheSameNameIsNotConcerned() throws Exception {
    String queue = queue(ttl(SHORT));
    fill(queue, 3);
    channel().queueDelete(queue);
    channel().queueDeclare(queue, false, false, false, Map.of());
    send("", queue, "stays");
    letPass(SHORT);
    assertThat(drain(queue)).containsExactly("stays");
  }

  @Test
  @Behaviour(159)
  void inATransactionTimeBeginsAtTheCommit() throws Exception {
    String queue = queue(ttl(LONG));
    Channel tx = newChannel();
    tx.txSelect();
    tx.basicPublish("", queue, NO_PROPERTIES, bytes("1"));
    letPass(LONG);
    tx.txCommit();
    assertThat(contents(tx, queue)).containsExactly("1");
  }

  @Test
  @Behaviour({116, 117, 155})
  void whatIsDueMakesRoomInAFullQueue() throws Exception {
    String queue =
        queue(Map.of("x-message-ttl", SHORT, "x-max-length", 2, "x-overflow", "reject-publish"));
    var verdicts = Verdicts.of(newChannel());
    fill(queue, 2);
    awaitReady(queue, 0);
    assertThat(verdicts.takes("", queue, "3")).isTrue();
    awaitReady(queue, 0);
    String dropping = queue(Map.of("x-message-ttl", SHORT, "x-max-length", 2));
    fill(dropping, 5);
    awaitReady(dropping, 0);
  }

  private static Map<String, Object> ttl(Number millis) {
    return Map.of("x-message-ttl", millis);
  }
}
