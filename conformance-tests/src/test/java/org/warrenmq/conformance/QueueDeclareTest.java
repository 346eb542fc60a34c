package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Declaring and deleting queues: names, equivalence, conditions. On the test thread. */
class QueueDeclareTest extends MessagingTest {

  @Test
  @Behaviour(80)
  void anEmptyNameIsReplacedByOneOfTheServer() throws Exception {
    Channel channel = channel();
    String first = channel.queueDeclare().getQueue();
    String second = channel.queueDeclare("", false, true, false, Map.of()).getQueue();
    assertThat(first).matches("amq\\.gen-[A-Za-z0-9_-]{22}").isNotEqualTo(second);
    assertThat(second).matches("amq\\.gen-[A-Za-z0-9_-]{22}");
  }

  @Test
  @Behaviour({79, 80})
  void theChannelRemembersItsLastDeclaredQueue() throws Exception {
    Channel channel = newChannel();
    String first = channel.queueDeclare().getQueue();
    send("", first, "first");
    assertThat(text(channel.basicGet("", true))).isEqualTo("first");
    String second = channel.queueDeclare().getQueue();
    Inbox inbox = Inbox.consume(channel, "", true);
    send("", second, "second");
    assertThat(inbox.texts(1)).containsExactly("second");
    assertThat(channel.queuePurge("")).isNotNull();
    channel.queueDelete("");
    assertThat(queueExists(second)).isFalse();
  }

  @Test
  @Behaviour(80)
  void withNoneDeclaredAnEmptyNameIsNotFound() throws Exception {
    String exchange = exchange("direct", Map.of());
    String text = "NOT_FOUND - no previously declared queue";
    List<OnChannel> refused =
        List.of(
            channel -> channel.basicGet("", true),
            channel -> Inbox.consume(channel, "", true),
            channel -> channel.queuePurge(""),
            channel -> channel.queueBind("", exchange, "key"),
            channel -> channel.queueDelete(""));
    for (OnChannel action : refused) {
      Channel channel = newChannel();
      expectChannelClose(channel, 404, text, () -> action.run(channel));
    }
  }

  @Test
  @Behaviour(82)
  void passiveDeclareTakesAnEmptyNameAsItIs() throws Exception {
    Channel channel = newChannel();
    channel.queueDeclare();
    expectChannelClose(
        channel,
        404,
        "NOT_FOUND - no queue '' in vhost '/'",
        () -> channel.queueDeclarePassive(""));
  }

  @Test
  @Behaviour(81)
  void theReservedPrefixIsRefused() throws Exception {
    String name = "amq." + queueName();
    String text = "ACCESS_REFUSED - queue name '" + name + "' contains reserved prefix 'amq.*'";
    expectChannelClose(
        403, text, () -> channel().queueDeclare(name, false, false, false, Map.of()));
    expectChannelClose(
        403, text, () -> channel().queueDeclareNoWait(name, false, false, false, Map.of()));
  }

  @Test
  @Behaviour(82)
  void aMissingQueueIsNotFound() throws Exception {
    String missing = queueName();
    String exchange = exchange("direct", Map.of());
    List<OnChannel> refused =
        List.of(
            channel -> channel.queueDeclarePassive(missing),
            channel -> channel.basicGet(missing, true),
            channel -> Inbox.consume(channel, missing, true),
            channel -> channel.queuePurge(missing),
            channel -> channel.queueBind(missing, exchange, "key"));
    for (OnChannel action : refused) {
      Channel channel = newChannel();
      expectChannelClose(
          channel,
          404,
          "NOT_FOUND - no queue '" + missing + "' in vhost '/'",
          () -> action.run(channel));
    }
  }

  @Test
  @Behaviour(83)
  void deletingAMissingQueueSucceeds() throws Exception {
    String queue = queue();
    assertThat(channel().queueDelete(queue).getMessageCount()).isZero();
    assertThat(channel().queueDelete(queue).getMessageCount()).isZero();
    assertThat(channel().queueDelete(queue, true, true).getMessageCount()).isZero();
  }

  @Test
  @Behaviour({83, 99})
  void deletingReturnsTheNumberOfReadyMessages() throws Exception {
    String queue = queue();
    fill(queue, 3);
    hold(channel(), queue);
    assertThat(channel().queueDelete(queue).getMessageCount()).isEqualTo(2);
    assertThat(queueExists(queue)).isFalse();
  }

  @Test
  @Behaviour(83)
  void deletingIfEmptyIsRefusedWhileThereAreMessages() throws Exception {
    String queue = queue();
    fill(queue, 1);
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - queue '" + queue + "' in vhost '/' not empty",
        () -> channel().queueDelete(queue, false, true));
    drain(queue);
    assertThat(channel().queueDelete(queue, false, true).getMessageCount()).isZero();
    assertThat(queueExists(queue)).isFalse();
  }

  @Test
  @Behaviour(83)
  void deletingIfUnusedIsRefusedWhileThereAreConsumers() throws Exception {
    String queue = queue();
    Inbox inbox = Inbox.consume(observer(), queue, true);
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - queue '" + queue + "' in vhost '/' in use",
        () -> channel().queueDelete(queue, true, false));
    inbox.cancel();
    channel().queueDelete(queue, true, false);
    assertThat(queueExists(queue)).isFalse();
  }

  @Test
  @Behaviour(83)
  void deletingIfUnusedTakesABoundAndFilledQueue() throws Exception {
    String queue = boundQueue(exchange("fanout", Map.of()), "");
    fill(queue, 2);
    assertThat(channel().queueDelete(queue, true, false).getMessageCount()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({"true, false", "false, true"})
  @Behaviour(84)
  void redeclareWithAnotherDurabilityIsRefused(boolean current, boolean received) throws Exception {
    String queue = queueName();
    channel().queueDeclare(queue, current, false, false, Map.of());
    expectChannelClose(
        406,
        inequivalent("durable", queue, received, current),
        () -> channel().queueDeclare(queue, received, false, false, Map.of()));
  }

  @ParameterizedTest
  @CsvSource({"true, false", "false, true"})
  @Behaviour(84)
  void redeclareWithAnotherAutoDeleteIsRefused(boolean current, boolean received) throws Exception {
    String queue = queueName();
    channel().queueDeclare(queue, false, false, current, Map.of());
    expectChannelClose(
        406,
        inequivalent("auto_delete", queue, received, current),
        () -> channel().queueDeclare(queue, false, false, received, Map.of()));
  }

  @Test
  @Behaviour(84)
  void anEquivalentRedeclareAnswersWithTheCounts() throws Exception {
    String queue = queue();
    fill(queue, 2);
    AMQP.Queue.DeclareOk again = channel().queueDeclare(queue, false, false, false, Map.of());
    assertThat(again.getQueue()).isEqualTo(queue);
    assertThat(again.getMessageCount()).isEqualTo(2);
    assertThat(again.getConsumerCount()).isZero();
  }

  @Test
  @Behaviour(84)
  void passiveDeclareLooksAtTheNameOnly() throws Exception {
    String queue = queue();
    var passive =
        new AMQP.Queue.Declare.Builder()
            .queue(queue)
            .passive()
            .durable()
            .autoDelete()
            .arguments(Map.of("x-max-length", 1))
            .build();
    assertThat(channel().rpc(passive).getMethod())
        .isInstanceOfSatisfying(
            AMQP.Queue.DeclareOk.class, ok -> assertThat(ok.getQueue()).isEqualTo(queue));
  }

  @Test
  @Behaviour(55)
  void lineFeedsAndCarriageReturnsAreStrippedFromTheName() throws Exception {
    String queue = queueName();
    String declared =
        channel().queueDeclare("\r\n" + queue + "\n", false, false, false, Map.of()).getQueue();
    assertThat(declared).isEqualTo(queue);
    assertThat(queueExists(queue)).isTrue();
  }

  private static String inequivalent(
      String property, String queue, boolean received, boolean current) {
    return "PRECONDITION_FAILED - inequivalent arg '"
        + property
        + "' for queue '"
        + queue
        + "' in vhost '/': received '"
        + received
        + "' but current is '"
        + current
        + "'";
  }

  @FunctionalInterface
  private interface OnChannel {
    void run(Channel channel) throws Exception;
  }
}
