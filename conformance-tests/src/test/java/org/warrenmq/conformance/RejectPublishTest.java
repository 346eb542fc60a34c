package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.MessageProperties;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Queues that refuse what is beyond their limit, and who hears of it. On the test thread. */
class RejectPublishTest extends MessagingTest {
  private static final AMQP.BasicProperties PERSISTENT = MessageProperties.MINIMAL_PERSISTENT_BASIC;

  @Test
  @Behaviour(116)
  void whatDoesNotFitIsNacked() throws Exception {
    String queue = queue(rejecting(2));
    var verdicts = Verdicts.of(newChannel());
    assertThat(verdicts.takes("", queue, "1")).isTrue();
    assertThat(verdicts.takes("", queue, "2")).isTrue();
    assertThat(verdicts.takes("", queue, "3")).isFalse();
    assertThat(verdicts.takes("", queue, "4")).isFalse();
    assertThat(verdicts.nacked()).containsExactly(3L, 4L);
    assertThat(ready(queue)).isEqualTo(2);
    assertThat(drain(queue)).containsExactly("1", "2");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Behaviour({114, 116})
  void ofManyAtOnceTheFirstAreTaken(boolean durable) throws Exception {
    String queue = durable ? durableQueue(rejecting(300)) : queue(rejecting(300));
    var verdicts = Verdicts.of(newChannel());
    verdicts.fill(queue, durable ? PERSISTENT : NO_PROPERTIES, 1000);
    assertThat(verdicts.acked()).containsExactlyInAnyOrderElementsOf(numbers(1, 300));
    assertThat(verdicts.nacked()).containsExactlyElementsOf(numbers(301, 1000));
    assertThat(drain(queue)).hasSize(300).startsWith("1", "2", "3").endsWith("299", "300");
  }

  /** An ack or nack of many must not speak for one with another verdict. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Behaviour({114, 116})
  void acksAndNacksInTurnsEachHaveTheirNumber(boolean durable) throws Exception {
    String full = queue(rejecting(0));
    String free = durable ? durableQueue(Map.of()) : queue();
    var verdicts = Verdicts.of(newChannel());
    for (int i = 0; i < 500; i++) {
      verdicts.publish("", full, NO_PROPERTIES, "refused");
      verdicts.publish("", free, PERSISTENT, "taken");
    }
    assertThat(verdicts.nacked())
        .containsExactlyInAnyOrderElementsOf(
            numbers(1, 1000).stream().filter(n -> n % 2 == 1).toList());
    assertThat(verdicts.acked()).hasSize(500).allMatch(number -> number % 2 == 0);
    assertThat(ready(free)).isEqualTo(500);
  }

  @Test
  @Behaviour({114, 115, 116})
  void oneNackWhenOneOfSeveralQueuesRefuses() throws Exception {
    String fanout = exchange("fanout", Map.of());
    String full = queue(rejecting(1));
    String alsoFull = durableQueue(rejecting(2));
    String free = queue();
    String durable = durableQueue(Map.of());
    for (String queue : List.of(free, full, alsoFull, durable)) {
      channel().queueBind(queue, fanout, "");
    }
    var verdicts = Verdicts.of(newChannel());
    for (int i = 1; i <= 50; i++) {
      verdicts.publish(fanout, "", PERSISTENT, Integer.toString(i));
    }
    assertThat(verdicts.acked()).containsExactly(1L);
    assertThat(verdicts.nacked()).containsExactlyInAnyOrderElementsOf(numbers(2, 50));
    // A further confirm from the same queues shows that none had two verdicts.
    assertThat(drain(full)).containsExactly("1");
    assertThat(drain(alsoFull)).containsExactly("1", "2");
    assertThat(verdicts.takes(fanout, "", "51")).isTrue();
    assertThat(ready(free)).isEqualTo(51);
    assertThat(ready(durable)).isEqualTo(51);
  }

  @Test
  @Behaviour({105, 106, 116})
  void whatIsRefusedIsNotReturned() throws Exception {
    String queue = queue(rejecting(0));
    Channel channel = newChannel();
    // The client calls both listeners on its reading thread, in the order of the wire.
    var events = new CopyOnWriteArrayList<String>();
    channel.addReturnListener(message -> events.add("return " + text(message.getBody())));
    channel.addConfirmListener(
        (tag, multiple) -> events.add("ack " + tag), (tag, multiple) -> events.add("nack " + tag));
    channel.confirmSelect();
    for (String key : List.of(queue, queueName(), queue)) {
      channel.basicPublish("", key, true, NO_PROPERTIES, bytes("to " + key));
      channel.waitForConfirms(LIMIT.toMillis());
    }
    await("the listeners", () -> events.size() == 4);
    assertThat(events.get(1)).startsWith("return to conformance.q.").doesNotContain(queue);
    events.remove(1);
    assertThat(events).containsExactly("nack 1", "ack 2", "nack 3");
  }

  @Test
  @Behaviour(116)
  void withoutConfirmsNobodyHears() throws Exception {
    String queue = queue(rejecting(2));
    Channel channel = newChannel();
    for (int i = 1; i <= 5; i++) {
      channel.basicPublish("", queue, NO_PROPERTIES, bytes("" + i));
    }
    assertThat(contents(channel, queue)).containsExactly("1", "2");
    channel.basicPublish("", queue, NO_PROPERTIES, bytes("6"));
    assertThat(contents(channel, queue)).containsExactly("6");
  }

  /** What fits is there all the same, and what was acknowledged is gone. */
  @Test
  @Behaviour({116, 119})
  void aTransactionOfWhichNotAllFitsEndsTheChannel() throws Exception {
    String queue = queue(rejecting(3));
    String other = queue();
    fill(queue, 1);
    send("", other, "acked", "requeued");
    Channel tx = newChannel();
    tx.txSelect();
    tx.basicAck(tag(hold(tx, other)), false);
    tx.basicReject(tag(hold(tx, other)), true);
    for (String text : List.of("a", "b", "c", "d")) {
      tx.basicPublish("", queue, NO_PROPERTIES, bytes(text));
      tx.basicPublish("", other, NO_PROPERTIES, bytes(text));
    }
    expectChannelClose(tx, 406, "PRECONDITION_FAILED - partial tx completion", tx::txCommit);
    awaitReady(other, 5);
    assertThat(contents(observer(), queue)).containsExactly("1", "a", "b");
    assertThat(contents(observer(), other)).containsExactly("requeued*", "a", "b", "c", "d");
  }

  @Test
  @Behaviour({116, 119})
  void aTransactionThatFitsIsCommitted() throws Exception {
    String queue = queue(rejecting(2));
    Channel tx = newChannel();
    tx.txSelect();
    for (String text : List.of("a", "b")) {
      tx.basicPublish("", queue, NO_PROPERTIES, bytes(text));
    }
    tx.txCommit();
    assertThat(contents(tx, queue)).containsExactly("a", "b");
    tx.basicPublish("", queue, NO_PROPERTIES, bytes("c"));
    tx.txCommit();
    assertThat(contents(tx, queue)).containsExactly("c");
  }

  // ---------------------------------------------------------------- what makes room

  @Test
  @Behaviour({100, 116})
  void whatIsTakenOrPurgedMakesRoom() throws Exception {
    String queue = queue(rejecting(2));
    var verdicts = Verdicts.of(newChannel());
    fill(queue, 2);
    assertThat(verdicts.takes("", queue, "refused")).isFalse();
    assertThat(take(queue)).isEqualTo("1");
    assertThat(verdicts.takes("", queue, "3")).isTrue();
    assertThat(verdicts.takes("", queue, "refused")).isFalse();
    assertThat(channel().queuePurge(queue).getMessageCount()).isEqualTo(2);
    assertThat(verdicts.takes("", queue, "4")).isTrue();
    assertThat(verdicts.takes("", queue, "5")).isTrue();
    assertThat(verdicts.takes("", queue, "refused")).isFalse();
    assertThat(drain(queue)).containsExactly("4", "5");
  }

  @Test
  @Behaviour({99, 116})
  void whatIsUnacknowledgedMakesRoomAndTheAckNoMore() throws Exception {
    String queue = queue(rejecting(1));
    var verdicts = Verdicts.of(newChannel());
    fill(queue, 1);
    long held = tag(hold(channel(), queue));
    assertThat(verdicts.takes("", queue, "2")).isTrue();
    assertThat(verdicts.takes("", queue, "refused")).isFalse();
    channel().basicAck(held, false);
    // A get after the ack on its channel: the queue has seen both.
    assertThat(text(hold(channel(), queue))).isEqualTo("2");
    assertThat(verdicts.takes("", queue, "3")).isTrue();
    assertThat(verdicts.takes("", queue, "refused")).isFalse();
    assertThat(drain(queue)).containsExactly("3");
  }

  @Test
  @Behaviour({116, 131})
  void whatComesBackIsKeptBeyondTheLimit() throws Exception {
    String queue = queue(rejecting(2));
    var verdicts = Verdicts.of(newChannel());
    fill(queue, 2);
    Channel channel = newChannel();
    hold(channel, queue);
    hold(channel, queue);
    assertThat(verdicts.takes("", queue, "3")).isTrue();
    assertThat(verdicts.takes("", queue, "4")).isTrue();
    channel.close();
    awaitReady(queue, 4);
    assertThat(verdicts.takes("", queue, "refused")).isFalse();
    assertThat(take(queue)).isEqualTo("1");
    assertThat(take(queue)).isEqualTo("2");
    assertThat(verdicts.takes("", queue, "refused")).isFalse();
    assertThat(take(queue)).isEqualTo("3");
    assertThat(verdicts.takes("", queue, "5")).isTrue();
    assertThat(drain(queue)).containsExactly("4", "5");
  }

  @Test
  @Behaviour({116, 145})
  void aWorkingConsumerMakesRoom() throws Exception {
    String queue = queue(rejecting(1));
    Channel channel = newChannel();
    channel.basicQos(1);
    Inbox inbox = Inbox.consume(channel, queue, false);
    var verdicts = Verdicts.of(newChannel());
    assertThat(verdicts.takes("", queue, "1")).isTrue();
    assertThat(verdicts.takes("", queue, "2")).isTrue();
    assertThat(verdicts.takes("", queue, "refused")).isFalse();
    channel.basicAck(inbox.nextTag(), false);
    assertThat(Inbox.text(inbox.next())).isEqualTo("2");
    assertThat(verdicts.takes("", queue, "3")).isTrue();
    assertThat(verdicts.takes("", queue, "refused")).isFalse();
  }

  // ---------------------------------------------------------------- a limit of zero

  /** The limit is looked at first: who waits gets nothing. */
  @Test
  @Behaviour(116)
  void aLimitOfZeroRefusesThoughSomebodyWaits() throws Exception {
    String queue = queue(rejecting(0));
    var verdicts = Verdicts.of(newChannel());
    assertThat(verdicts.takes("", queue, "1")).isFalse();
    Inbox inbox = Inbox.consume(newChannel(), queue, true);
    assertThat(verdicts.takes("", queue, "2")).isFalse();
    inbox.assertNoMore();
    assertThat(ready(queue)).isZero();
  }

  @Test
  @Behaviour(116)
  void withoutALimitNothingIsRefused() throws Exception {
    String queue = queue(Map.of("x-overflow", "reject-publish"));
    fill(queue, 5);
    assertThat(ready(queue)).isEqualTo(5);
  }

  private static Map<String, Object> rejecting(int limit) {
    return Map.of("x-max-length", limit, "x-overflow", "reject-publish");
  }

  private static List<Long> numbers(long from, long to) {
    return LongStream.rangeClosed(from, to).boxed().toList();
  }
}
