package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Return;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Exchanges that remember their last messages for who becomes bound. On the test thread. */
class RecentHistoryTest extends MessagingTest {
  /** Another broker would need the plugin, which those that are tested do not have. */
  @BeforeEach
  void assumeHistory() {
    assumeFalse(BrokerUnderTest.isForeign(), "the plugin for recent history is not there");
  }

  private String remembering(Object length) throws Exception {
    return exchange("x-recent-history", Map.of("x-recent-history-length", length));
  }

  private static AMQP.BasicProperties noStore(Object value) {
    return new AMQP.BasicProperties.Builder()
        .headers(new HashMap<>(Map.of("x-recent-history-no-store", value)))
        .build();
  }

  private static List<String> numbers(int from, int to) {
    List<String> numbers = new ArrayList<>();
    for (int i = from; i <= to; i++) {
      numbers.add("" + i);
    }
    return numbers;
  }

  private void publishNumbers(String exchange, int from, int to) throws Exception {
    send(exchange, "", numbers(from, to).toArray(String[]::new));
  }

  @Test
  void whoBecomesBoundGetsTheLastTwentyInOrder() throws Exception {
    String exchange = exchange("x-recent-history", Map.of());
    publishNumbers(exchange, 1, 50);
    String queue = boundQueue(exchange, "any");
    assertThat(drain(queue)).isEqualTo(numbers(31, 50));
    publishNumbers(exchange, 51, 52);
    awaitMessageCount(queue, 2);
    assertThat(drain(queue)).containsExactly("51", "52");
  }

  @Test
  void itsLengthIsAnArgument() throws Exception {
    String exchange = remembering(3);
    String first = boundQueue(exchange, "");
    publishNumbers(exchange, 1, 5);
    assertThat(drain(boundQueue(exchange, ""))).containsExactly("3", "4", "5");
    awaitMessageCount(first, 5);
    assertThat(drain(first)).isEqualTo(numbers(1, 5));
  }

  /** As with the plugin each binding counts, and one that is there does not. */
  @Test
  void anotherBindingBringsThemAgain() throws Exception {
    String exchange = remembering(2);
    publishNumbers(exchange, 1, 2);
    String queue = boundQueue(exchange, "a");
    channel().queueBind(queue, exchange, "a");
    assertThat(drain(queue)).containsExactly("1", "2");
    channel().queueBind(queue, exchange, "b");
    assertThat(drain(queue)).containsExactly("1", "2");
    channel().queueUnbind(queue, exchange, "a");
    channel().queueBind(queue, exchange, "a");
    assertThat(drain(queue)).containsExactly("1", "2");
    publishNumbers(exchange, 3, 3);
    awaitMessageCount(queue, 1);
  }

  @Test
  void aHeaderKeepsAMessageOutOfIt() throws Exception {
    String exchange = remembering(5);
    String live = boundQueue(exchange, "");
    Channel channel = channel();
    channel.basicPublish(exchange, "", null, bytes("kept"));
    channel.basicPublish(exchange, "", noStore(true), bytes("not kept"));
    channel.basicPublish(exchange, "", noStore(false), bytes("kept, too"));
    assertThat(drain(boundQueue(exchange, ""))).containsExactly("kept", "kept, too");
    awaitMessageCount(live, 3);
  }

  @Test
  void anExchangeThatBecomesBoundPassesThemOn() throws Exception {
    String exchange = remembering(10);
    String topic = exchange("topic", Map.of());
    String queue = boundQueue(topic, "a.#");
    Channel channel = channel();
    for (String key : List.of("a.1", "b.1", "a.2")) {
      channel.basicPublish(exchange, key, null, bytes(key));
    }
    channel.exchangeBind(topic, exchange, "");
    awaitMessageCount(queue, 2);
    assertThat(drain(queue)).containsExactly("a.1", "a.2");
  }

  @Test
  void twoThatAreBoundToEachOtherEachRememberOnce() throws Exception {
    String one = remembering(10);
    String other = remembering(10);
    channel().exchangeBind(one, other, "");
    channel().exchangeBind(other, one, "");
    publishNumbers(one, 1, 2);
    assertThat(drain(boundQueue(one, ""))).containsExactly("1", "2");
    assertThat(drain(boundQueue(other, ""))).containsExactly("1", "2");
  }

  @Test
  void whatIsMandatoryComesBackFromNobodyAndIsRemembered() throws Exception {
    String exchange = remembering(10);
    LinkedBlockingQueue<String> returned = new LinkedBlockingQueue<>();
    Channel channel = channel();
    channel.confirmSelect();
    channel.addReturnListener((Return back) -> returned.add(text(back.getBody())));
    channel.basicPublish(exchange, "", true, null, bytes("to nobody"));
    channel.waitForConfirmsOrDie(10_000);
    assertThat(returned).containsExactly("to nobody");
    String queue = boundQueue(exchange, "");
    assertThat(drain(queue)).containsExactly("to nobody");
    channel.basicPublish(exchange, "", true, null, bytes("to somebody"));
    channel.waitForConfirmsOrDie(10_000);
    assertThat(returned).hasSize(1);
  }

  @Test
  void whatNobodyGetsGoesToTheAlternateExchangeAllTheSame() throws Exception {
    String other = exchange("fanout", Map.of());
    String queue = boundQueue(other, "");
    String exchange = exchange("x-recent-history", Map.of("alternate-exchange", other));
    publishNumbers(exchange, 1, 1);
    awaitMessageCount(queue, 1);
    assertThat(drain(boundQueue(exchange, ""))).containsExactly("1");
  }

  @Test
  void messagesKeepWhatTheyMean() throws Exception {
    String exchange = remembering(10);
    Channel channel = channel();
    AMQP.BasicProperties urgent =
        new AMQP.BasicProperties.Builder().priority(5).expiration("60000").build();
    channel.basicPublish(exchange, "", null, bytes("plain"));
    channel.basicPublish(exchange, "", urgent, bytes("urgent"));
    String queue = queue(Map.of("x-max-priority", 9));
    channel.queueBind(queue, exchange, "");
    assertThat(drain(queue)).containsExactly("urgent", "plain");
  }

  @Test
  void largeBodiesAreRememberedAndTheBytesAreBounded() throws Exception {
    String exchange = remembering(10);
    Channel channel = channel();
    channel.confirmSelect();
    for (int mib : new int[] {9, 5, 6}) {
      channel.basicPublish(exchange, "", null, new byte[mib << 20]);
    }
    channel.waitForConfirmsOrDie(30_000);
    String queue = boundQueue(exchange, "");
    assertThat(getEventually(queue).getBody()).hasSize(5 << 20);
    assertThat(getEventually(queue).getBody()).hasSize(6 << 20);
    assertThat(drain(queue)).isEmpty();
    channel.basicPublish(exchange, "", null, new byte[15 << 20]);
    channel.waitForConfirmsOrDie(30_000);
    assertThat(getEventually(queue).getBody()).hasSize(15 << 20);
    String later = boundQueue(exchange, "");
    assertThat(getEventually(later).getBody()).hasSize(15 << 20);
    assertThat(drain(later)).isEmpty();
  }

  @Test
  void theLengthIsAPositiveInteger() throws Exception {
    for (Object wrong : List.of(0, -1, "5")) {
      expectChannelClose(
          406,
          "PRECONDITION_FAILED - Invalid argument "
              + wrong
              + ", 'x-recent-history-length' must be a positive integer",
          () -> remembering(wrong));
    }
    String exchange = remembering(5);
    // As with the plugin a redeclaration does not compare it.
    channel().exchangeDeclare(exchange, "x-recent-history", false, false, Map.of());
  }
}
