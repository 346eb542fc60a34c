package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import com.rabbitmq.client.Return;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a queue that is full drops, and what counts as full. On the test thread. */
class MaxLengthTest extends MessagingTest {

  static Stream<Map<String, Object>> limitsOfThree() {
    return Stream.of(
        Map.of("x-max-length", (byte) 3),
        Map.of("x-max-length", (short) 3),
        Map.of("x-max-length", 3),
        Map.of("x-max-length", 3L),
        Map.of("x-max-length", 3, "x-overflow", "drop-head"));
  }

  @ParameterizedTest
  @MethodSource("limitsOfThree")
  @Behaviour(117)
  void theOldestGo(Map<String, Object> arguments) throws Exception {
    String queue = queue(arguments);
    fill(queue, 3);
    assertThat(ready(queue)).isEqualTo(3);
    send("", queue, "4", "5");
    assertThat(ready(queue)).isEqualTo(3);
    assertThat(drain(queue)).containsExactly("3", "4", "5");
  }

  @Test
  @Behaviour(117)
  void aLimitMayBeBeyondAllNumbersOf32Bits() throws Exception {
    String queue = queue(Map.of("x-max-length", 1L << 32));
    fill(queue, 3);
    assertThat(drain(queue)).containsExactly("1", "2", "3");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Behaviour({115, 117})
  void whatIsDroppedIsConfirmedAllTheSame(boolean durable) throws Exception {
    String queue = durable ? durableQueue(limit(10)) : queue(limit(10));
    var verdicts = Verdicts.of(newChannel());
    verdicts.fill(
        queue, durable ? MessageProperties.MINIMAL_PERSISTENT_BASIC : NO_PROPERTIES, 2000);
    assertThat(verdicts.acked()).hasSize(2000);
    assertThat(verdicts.nacked()).isEmpty();
    List<String> newest = IntStream.rangeClosed(1991, 2000).mapToObj(Integer::toString).toList();
    assertThat(drain(queue)).isEqualTo(newest);
  }

  @Test
  @Behaviour(117)
  void whatIsTakenMakesRoom() throws Exception {
    String queue = queue(limit(2));
    fill(queue, 2);
    assertThat(take(queue)).isEqualTo("1");
    send("", queue, "3");
    assertThat(drain(queue)).containsExactly("2", "3");
    fill(queue, 3);
    assertThat(drain(queue)).containsExactly("2", "3");
  }

  @Test
  @Behaviour({99, 100, 117})
  void countsAreOfWhatIsLeft() throws Exception {
    String queue = queue(limit(3));
    fill(queue, 5);
    GetResponse held = hold(channel(), queue);
    assertThat(text(held)).isEqualTo("3");
    assertThat(redelivered(held)).isFalse();
    assertThat(held.getMessageCount()).isEqualTo(2);
    assertThat(channel().queuePurge(queue).getMessageCount()).isEqualTo(2);
    fill(queue, 4);
    assertThat(channel().queueDelete(queue).getMessageCount()).isEqualTo(3);
  }

  @Test
  @Behaviour({103, 117})
  void everyQueueOfAnExchangeHasItsOwnLimit() throws Exception {
    String fanout = exchange("fanout", Map.of());
    List<String> queues = List.of(queue(limit(1)), queue(), queue(limit(3)));
    for (String queue : queues) {
      channel().queueBind(queue, fanout, "");
    }
    send(fanout, "", "1", "2", "3", "4");
    assertThat(drain(queues.get(0))).containsExactly("4");
    assertThat(drain(queues.get(1))).containsExactly("1", "2", "3", "4");
    assertThat(drain(queues.get(2))).containsExactly("2", "3", "4");
  }

  @Test
  @Behaviour({105, 117})
  void whatIsDroppedDoesNotComeBackToThePublisher() throws Exception {
    String queue = queue(limit(1));
    Channel channel = newChannel();
    var returned = new ConcurrentLinkedQueue<Return>();
    channel.addReturnListener(returned::add);
    var verdicts = Verdicts.of(channel);
    verdicts.fill(queue, NO_PROPERTIES, 5);
    assertThat(verdicts.acked()).hasSize(5);
    assertThat(returned).isEmpty();
    assertThat(drain(queue)).containsExactly("5");
  }

  @Test
  @Behaviour({117, 119})
  void aTransactionLeavesItsLast() throws Exception {
    String queue = queue(limit(3));
    fill(queue, 2);
    Channel tx = newChannel();
    tx.txSelect();
    for (String text : List.of("a", "b", "c", "d")) {
      tx.basicPublish("", queue, NO_PROPERTIES, bytes(text));
    }
    assertThat(ready(queue)).isEqualTo(2);
    tx.txCommit();
    assertThat(contents(tx, queue)).containsExactly("b", "c", "d");
  }

  // ---------------------------------------------------------------- what is unacknowledged

  @Test
  @Behaviour({99, 117})
  void whatIsUnacknowledgedDoesNotCount() throws Exception {
    String queue = queue(limit(2));
    fill(queue, 2);
    hold(channel(), queue);
    send("", queue, "3");
    assertThat(ready(queue)).isEqualTo(2);
    hold(channel(), queue);
    send("", queue, "4", "5");
    assertThat(drain(queue)).containsExactly("4", "5");
  }

  @Test
  @Behaviour({117, 145})
  void whatAConsumerHoldsDoesNotCountEither() throws Exception {
    String queue = queue(limit(2));
    Channel channel = newChannel();
    channel.basicQos(3);
    Inbox inbox = Inbox.consume(channel, queue, false);
    fill(queue, 7);
    assertThat(inbox.texts(2)).containsExactly("1", "2");
    long third = inbox.nextTag();
    assertThat(ready(queue)).isEqualTo(2);
    channel.basicAck(third, true);
    assertThat(inbox.texts(2)).containsExactly("6", "7");
    inbox.assertNoMore();
  }

  @Test
  @Behaviour({117, 131})
  void whatComesBackIsAtTheHeadAndGoesFirst() throws Exception {
    String queue = queue(limit(3));
    fill(queue, 3);
    Channel channel = newChannel();
    hold(channel, queue);
    long second = tag(hold(channel, queue));
    send("", queue, "4");
    channel.basicNack(second, true, true);
    assertThat(contents(channel, queue)).containsExactly("2*", "3", "4");
  }

  @ParameterizedTest
  @ValueSource(strings = {"12", "21"})
  @Behaviour({117, 132})
  void theOldestGoesWhateverComesBackFirst(String order) throws Exception {
    String queue = queue(limit(2));
    fill(queue, 2);
    Channel channel = newChannel();
    long[] tags = {0, tag(hold(channel, queue)), tag(hold(channel, queue))};
    send("", queue, "3");
    for (char digit : order.toCharArray()) {
      channel.basicReject(tags[digit - '0'], true);
    }
    assertThat(contents(channel, queue)).containsExactly("2*", "3");
  }

  @Test
  @Behaviour({117, 131})
  void whatAChannelHeldAtItsEndCountsAgain() throws Exception {
    String queue = queue(limit(3));
    fill(queue, 3);
    Channel channel = newChannel();
    hold(channel, queue);
    hold(channel, queue);
    send("", queue, "4");
    channel.close();
    awaitReady(queue, 3);
    assertThat(contents(observer(), queue)).containsExactly("2*", "3", "4");
  }

  // ---------------------------------------------------------------- a limit of zero

  @Test
  @Behaviour(117)
  void aLimitOfZeroKeepsNothing() throws Exception {
    String queue = queue(limit(0));
    fill(queue, 3);
    assertThat(ready(queue)).isZero();
    assertThat(take(queue)).isNull();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Behaviour({117, 126})
  void aLimitOfZeroPassesOnToWhoWaits(boolean autoAck) throws Exception {
    String queue = queue(limit(0));
    Inbox inbox = Inbox.consume(newChannel(), queue, autoAck);
    fill(queue, 3);
    assertThat(inbox.texts(3)).containsExactly("1", "2", "3");
  }

  @Test
  @Behaviour({117, 145})
  void aLimitOfZeroDropsWhatNobodyCanTakeNow() throws Exception {
    String queue = queue(limit(0));
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
  @Behaviour({117, 133})
  void aLimitOfZeroDropsWhatComesBackThoughSomebodyWaits() throws Exception {
    String queue = queue(limit(0));
    Channel channel = newChannel();
    Inbox inbox = Inbox.consume(channel, queue, false);
    send("", queue, "1");
    channel.basicReject(inbox.nextTag(), true);
    channel.basicPublish("", queue, NO_PROPERTIES, bytes("2"));
    assertThat(inbox.texts(1)).containsExactly("2");
    inbox.assertNoMore();
  }

  private static Map<String, Object> limit(int count) {
    return Map.of("x-max-length", count);
  }
}
