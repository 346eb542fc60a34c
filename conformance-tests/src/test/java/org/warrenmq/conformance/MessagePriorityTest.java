package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Queues with x-max-priority: in which order their messages are given. On the test thread. A text
 * such as "b5" is the second message, of priority 5.
 */
class MessagePriorityTest extends MessagingTest {
  private static final int LEVELS = 10;

  @Test
  @Behaviour(150)
  void higherOnesComeFirstAndEqualOnesInTheirOrder() throws Exception {
    String queue = queue(levels(5));
    sendAll(queue, "a1", "b5", "c3", "d5", "e0", "f1", "g3");
    assertThat(drain(queue)).containsExactly("b5", "d5", "c3", "g3", "a1", "f1", "e0");
  }

  @Test
  @Behaviour(150)
  void withoutThePropertyItIsZero() throws Exception {
    String queue = queue(levels(5));
    send("", queue, "first");
    sendAll(queue, "b0", "c1");
    send("", queue, "last");
    assertThat(drain(queue)).containsExactly("c1", "first", "b0", "last");
  }

  @Test
  @Behaviour({124, 150})
  void beyondTheMaximumItIsTheMaximumButThePropertyStays() throws Exception {
    String queue = queue(levels(5));
    sendAll(queue, "a5", "b255", "c4", "d6", "e5");
    var seen = new ArrayList<String>();
    GetResponse response;
    while ((response = channel().basicGet(queue, true)) != null) {
      seen.add(text(response) + "=" + response.getProps().getPriority());
    }
    assertThat(seen).containsExactly("a5=5", "b255=255", "d6=6", "e5=5", "c4=4");
  }

  @Test
  @Behaviour(150)
  void thereMayBe256Levels() throws Exception {
    String queue = queue(levels(255));
    for (int i = 0; i < 256; i++) {
      int priority = i * 37 % 256;
      send("", queue, priority(priority), "" + priority);
    }
    List<String> expected = new ArrayList<>();
    for (int i = 255; i >= 0; i--) {
      expected.add("" + i);
    }
    assertThat(drain(queue)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"1, b1 c9 a0 d0", "2, c9 b1 a0 d0"})
  @Behaviour(150)
  void aMaximumMayBeSmall(int maximum, String expected) throws Exception {
    String queue = queue(levels(maximum));
    sendAll(queue, "a0", "b1", "c9", "d0");
    assertThat(drain(queue)).isEqualTo(List.of(expected.split(" ")));
  }

  /** RabbitMQ 4.0.5 gives such a queue the levels 0 and 1; one level alone is as good. */
  @Test
  @Behaviour(150)
  void aMaximumOfZeroIsValid() throws Exception {
    String queue = queue(levels(0));
    sendAll(queue, "a0", "b5", "c5");
    assertThat(drain(queue)).isIn(List.of("a0", "b5", "c5"), List.of("b5", "c5", "a0"));
  }

  @Test
  @Behaviour(150)
  void withoutTheArgumentPrioritiesMeanNothing() throws Exception {
    String queue = queue();
    sendAll(queue, "a1", "b9", "c5");
    assertThat(drain(queue)).containsExactly("a1", "b9", "c5");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Behaviour({125, 150})
  void aDeepQueueIsGivenLevelByLevel(boolean durable) throws Exception {
    int count = 20_000;
    Map<String, Object> arguments = levels(LEVELS - 1);
    String queue = durable ? durableQueue(arguments) : queue(arguments);
    var verdicts = Verdicts.of(newChannel());
    for (int i = 0; i < count; i++) {
      var properties = priority(i % LEVELS).builder().deliveryMode(durable ? 2 : 1).build();
      verdicts.publish("", queue, properties, "" + i);
    }
    assertThat(verdicts.acked()).hasSize(count);
    assertThat(ready(queue)).isEqualTo(count);
    Channel channel = newChannel();
    channel.basicQos(500);
    Inbox inbox = Inbox.consume(channel, queue, false);
    for (int level = LEVELS - 1; level >= 0; level--) {
      for (int i = level; i < count; i += LEVELS) {
        var delivery = inbox.next();
        assertThat(Inbox.text(delivery)).isEqualTo("" + i);
        channel.basicAck(Inbox.tag(delivery), false);
      }
    }
    inbox.assertNoMore();
  }

  // ---------------------------------------------------------------- counts

  @Test
  @Behaviour({83, 99, 100, 150})
  void countsAreOfAllLevels() throws Exception {
    String queue = queue(levels(5));
    sendAll(queue, "a1", "b5", "c1", "d3");
    GetResponse held = hold(channel(), queue);
    assertThat(text(held)).isEqualTo("b5");
    assertThat(held.getMessageCount()).isEqualTo(3);
    assertThat(ready(queue)).isEqualTo(3);
    assertThat(channel().queuePurge(queue).getMessageCount()).isEqualTo(3);
    channel().basicReject(tag(held), true);
    awaitReady(queue, 1);
    sendAll(queue, "e0", "f4");
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - queue '" + queue + "' in vhost '/' not empty",
        () -> channel().queueDelete(queue, false, true));
    assertThat(channel().queueDelete(queue).getMessageCount()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Behaviour({113, 150})
  void allAreConfirmed(boolean durable) throws Exception {
    String queue = durable ? durableQueue(levels(5)) : queue(levels(5));
    var verdicts = Verdicts.of(newChannel());
    for (int i = 0; i < 1000; i++) {
      verdicts.publish("", queue, priority(i % 7).builder().deliveryMode(2).build(), "" + i);
    }
    assertThat(verdicts.acked()).hasSize(1000);
    assertThat(channel().queuePurge(queue).getMessageCount()).isEqualTo(1000);
  }

  // ---------------------------------------------------------------- what comes back

  @ParameterizedTest
  @ValueSource(strings = {"123", "132", "213", "231", "312", "321"})
  @Behaviour({132, 150})
  void whatComesBackTakesItsPlaceInItsLevel(String order) throws Exception {
    String queue = queue(levels(5));
    sendAll(queue, "a3", "b1", "c3", "d3");
    Channel channel = newChannel();
    // They are a3, c3 and d3.
    long[] tags = {
      0, tag(hold(channel, queue)), tag(hold(channel, queue)), tag(hold(channel, queue))
    };
    sendAll(queue, "e3", "f5");
    for (char digit : order.toCharArray()) {
      channel.basicReject(tags[digit - '0'], true);
    }
    assertThat(contents(channel, queue)).containsExactly("f5", "a3*", "c3*", "d3*", "e3", "b1");
  }

  @Test
  @Behaviour({131, 150})
  void whatAChannelHeldComesBackLevelByLevel() throws Exception {
    String queue = queue(levels(5));
    sendAll(queue, "a1", "b5", "c0", "d5");
    Channel channel = newChannel();
    for (int i = 0; i < 3; i++) {
      hold(channel, queue);
    }
    channel.close();
    sendAll(queue, "e1", "f5");
    awaitReady(queue, 6);
    assertThat(contents(observer(), queue)).containsExactly("b5*", "d5*", "f5", "a1*", "e1", "c0");
  }

  @Test
  @Behaviour({119, 150})
  void aTransactionsMessagesAreGivenByPriority() throws Exception {
    String queue = queue(levels(5));
    sendAll(queue, "a2");
    Channel tx = newChannel();
    tx.txSelect();
    for (String text : List.of("b1", "c5", "d2")) {
      tx.basicPublish("", queue, priorityOf(text), bytes(text));
    }
    tx.txCommit();
    assertThat(contents(tx, queue)).containsExactly("c5", "a2", "d2", "b1");
  }

  // ---------------------------------------------------------------- consumers

  /** What a consumer has is not taken back for what comes later. */
  @Test
  @Behaviour({145, 150})
  void aConsumerGetsTheHighestWhenItHasRoom() throws Exception {
    String queue = queue(levels(5));
    Channel channel = newChannel();
    channel.basicQos(2);
    Inbox inbox = Inbox.consume(channel, queue, false);
    sendAll(queue, "a1", "b0", "c2", "d5", "e2");
    assertThat(inbox.texts(1)).containsExactly("a1");
    long second = inbox.nextTag();
    channel.basicAck(second, true);
    assertThat(inbox.texts(2)).containsExactly("d5", "c2");
    assertThat(ready(queue)).isEqualTo(1);
    channel.basicNack(0, true, true);
    assertThat(inbox.texts(2)).containsExactly("d5", "c2");
  }

  @Test
  @Behaviour({148, 150})
  void theHighestMessageGoesToTheHighestConsumerWithRoom() throws Exception {
    String queue = queue(levels(5));
    Inbox low = consumer(queue, 0);
    Inbox high = consumer(queue, 9);
    sendAll(queue, "a1", "b5", "c2", "d4");
    var first = high.next();
    assertThat(Inbox.text(first)).isEqualTo("a1");
    var second = low.next();
    assertThat(Inbox.text(second)).isEqualTo("b5");
    high.getChannel().basicAck(Inbox.tag(first), false);
    assertThat(high.texts(1)).containsExactly("d4");
    low.getChannel().basicAck(Inbox.tag(second), false);
    assertThat(low.texts(1)).containsExactly("c2");
  }

  private Inbox consumer(String queue, int priority) throws Exception {
    Channel channel = newChannel();
    channel.basicQos(1);
    return Inbox.consume(channel, queue, false, Map.of("x-priority", priority));
  }

  // ---------------------------------------------------------------- limits and times

  /** The head is the oldest of the highest level, so that is what goes. */
  @ParameterizedTest
  @CsvSource({
    "a5 b1 c3 d2 e4, c3 d2 b1",
    "a1 b2 c3 d4 e5, c3 b2 a1",
    "a5 b4 c3 d2 e1, c3 d2 e1",
    "a5 b5 c5 d5 e5, c5 d5 e5"
  })
  @Behaviour({117, 150})
  void aFullQueueDropsTheOldestOfTheHighest(String sent, String left) throws Exception {
    String queue = queue(Map.of("x-max-priority", 5, "x-max-length", 3));
    sendAll(queue, sent.split(" "));
    assertThat(drain(queue)).isEqualTo(List.of(left.split(" ")));
    String octets = queue(Map.of("x-max-priority", 5, "x-max-length-bytes", 6));
    sendAll(octets, sent.split(" "));
    assertThat(drain(octets)).isEqualTo(List.of(left.split(" ")));
  }

  @Test
  @Behaviour({117, 131, 150})
  void whatComesBackIntoAFullQueueMayDropAnotherOne() throws Exception {
    String queue = queue(Map.of("x-max-priority", 5, "x-max-length", 2));
    sendAll(queue, "a1", "b5");
    Channel channel = newChannel();
    hold(channel, queue);
    long second = tag(hold(channel, queue));
    sendAll(queue, "c3", "d2");
    channel.basicReject(second, true);
    assertThat(contents(channel, queue)).containsExactly("d2", "a1*");
  }

  @Test
  @Behaviour({116, 150})
  void aFullQueueThatRefusesDoesSoWhateverThePriority() throws Exception {
    String queue =
        queue(Map.of("x-max-priority", 5, "x-max-length", 2, "x-overflow", "reject-publish"));
    var verdicts = Verdicts.of(newChannel());
    for (String text : List.of("a1", "b2", "c5")) {
      verdicts.publish("", queue, priorityOf(text), text);
    }
    assertThat(verdicts.nacked()).containsExactly(3L);
    assertThat(drain(queue)).containsExactly("b2", "a1");
  }

  @Test
  @Behaviour({150, 155})
  void whatIsDueLeavesEveryLevel() throws Exception {
    String queue = queue(Map.of("x-max-priority", 5, "x-message-ttl", 200));
    sendAll(queue, "a1", "b5", "c3", "d5", "e0");
    awaitReady(queue, 0);
    assertThat(take(queue)).isNull();
  }

  /** In RabbitMQ only the head of all levels expires; it is not given, wherever it is. */
  @Test
  @Behaviour({150, 155})
  void whatIsDueInALowerLevelIsNotGiven() throws Exception {
    String queue = queue(levels(5));
    sendAll(queue, "a1", "b5");
    send("", queue, priority(5).builder().expiration("200").build(), "due");
    send("", queue, priority(0).builder().expiration("200").build(), "due");
    letPass(200);
    assertThat(ready(queue)).isIn(2, 3, 4);
    assertThat(contents(channel(), queue)).containsExactly("b5", "a1");
    assertThat(ready(queue)).isZero();
  }

  @Test
  void whatIsDueLeavesFromAnyPlaceOfAnyLevel() throws Exception {
    assumeFalse(BrokerUnderTest.isForeign(), "RabbitMQ lets messages expire at the head alone");
    String queue = queue(levels(5));
    sendAll(queue, "a5", "b1");
    for (int level = 0; level <= 5; level++) {
      send("", queue, priority(level).builder().expiration("200").build(), "due");
    }
    sendAll(queue, "c5", "d1");
    awaitReady(queue, 4);
    assertThat(contents(channel(), queue)).containsExactly("a5", "c5", "b1", "d1");
  }

  // ---------------------------------------------------------------- redeclaring

  @Test
  @Behaviour({90, 91, 150})
  void theMaximumComparesByValue() throws Exception {
    String queue = queue(Map.of("x-max-priority", (byte) 9));
    assertThatCode(
            () -> {
              for (Number same : List.of((byte) 9, (short) 9, 9, 9L)) {
                channel().queueDeclare(queue, false, false, false, Map.of("x-max-priority", same));
              }
            })
        .doesNotThrowAnyException();
  }

  private void sendAll(String queue, String... texts) throws Exception {
    for (String text : texts) {
      send("", queue, priorityOf(text), text);
    }
  }

  private static AMQP.BasicProperties priorityOf(String text) {
    return priority(Integer.parseInt(text.substring(1)));
  }

  private static AMQP.BasicProperties priority(int priority) {
    return NO_PROPERTIES.builder().priority(priority).build();
  }

  private static Map<String, Object> levels(int maximum) {
    return Map.of("x-max-priority", maximum);
  }
}
