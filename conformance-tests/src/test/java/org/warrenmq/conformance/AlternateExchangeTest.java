package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Return;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

/** Alternate exchanges: where messages go that an exchange cannot route. On the test thread. */
class AlternateExchangeTest extends MessagingTest {

  @Test
  @Behaviour(69)
  void onlyMessagesWithoutARouteGoToTheAlternate() throws Exception {
    String alternate = exchange("fanout", Map.of());
    String main = exchange("direct", Map.of("alternate-exchange", alternate));
    String routed = boundQueue(main, "known");
    String rest = boundQueue(alternate, "");
    send(main, "known", "a");
    send(main, "unknown", "b");
    assertThat(drain(routed)).containsExactly("a");
    assertThat(drain(rest)).containsExactly("b");
  }

  @Test
  @Behaviour(69)
  void anAlternateHasAnAlternateOfItsOwn() throws Exception {
    String last = exchange("fanout", Map.of());
    String middle = exchange("direct", Map.of("alternate-exchange", last));
    String first = exchange("direct", Map.of("alternate-exchange", middle));
    String inMiddle = boundQueue(middle, "m");
    String inLast = boundQueue(last, "");
    send(first, "m", "middle");
    send(first, "x", "last");
    assertThat(drain(inMiddle)).containsExactly("middle");
    assertThat(drain(inLast)).containsExactly("last");
  }

  @Test
  @Behaviour(69)
  void anAlternateOfABoundExchangeCounts() throws Exception {
    String alternate = exchange("fanout", Map.of());
    String inner = exchange("direct", Map.of("alternate-exchange", alternate));
    String outer = exchange("fanout", Map.of());
    channel().exchangeBind(inner, outer, "");
    String rest = boundQueue(alternate, "");
    send(outer, "unknown", "a");
    assertThat(drain(rest)).containsExactly("a");
  }

  @Test
  @Behaviour(69)
  void aCycleEndsSilently() throws Exception {
    String second = exchangeName();
    String first = exchange("direct", Map.of("alternate-exchange", second));
    channel().exchangeDeclare(second, "direct", false, false, Map.of("alternate-exchange", first));
    String queue = boundQueue(first, "known");
    send(first, "unknown", "lost");
    send(second, "unknown", "lost");
    send(second, "known", "found");
    assertThat(drain(queue)).containsExactly("found");
  }

  @Test
  @Behaviour(69)
  void anExchangeMayBeItsOwnAlternate() throws Exception {
    String name = exchangeName();
    channel().exchangeDeclare(name, "direct", false, false, Map.of("alternate-exchange", name));
    String queue = boundQueue(name, "known");
    send(name, "unknown", "lost");
    send(name, "known", "found");
    assertThat(drain(queue)).containsExactly("found");
  }

  @Test
  @Behaviour(69)
  void aMissingAlternateIsIgnoredAndUsedOnceItExists() throws Exception {
    String alternate = exchangeName();
    String main = exchange("direct", Map.of("alternate-exchange", alternate));
    send(main, "unknown", "lost");
    channel().exchangeDeclare(alternate, "fanout", false);
    String rest = boundQueue(alternate, "");
    send(main, "unknown", "found");
    assertThat(drain(rest)).containsExactly("found");
    channel().exchangeDelete(alternate);
    send(main, "unknown", "lost again");
    assertThat(drain(rest)).isEmpty();
  }

  @Test
  @Behaviour(69)
  void theDefaultExchangeAsAnAlternateHarmsNothing() throws Exception {
    String main = exchange("direct", Map.of("alternate-exchange", ""));
    String queue = boundQueue(main, "known");
    send(main, queue, "by name");
    send(main, "known", "by binding");
    // RabbitMQ 4.0 loses the first one: its default exchange has no bindings of its own any more.
    assertThat(drain(queue)).isIn(List.of("by binding"), List.of("by name", "by binding"));
  }

  @Test
  @Behaviour({69, 105})
  void mandatoryReturnsOnlyWhatNoAlternateRouted() throws Exception {
    String last = exchange("direct", Map.of());
    String middle = exchange("direct", Map.of("alternate-exchange", last));
    String first = exchange("direct", Map.of("alternate-exchange", middle));
    String queue = boundQueue(last, "known");
    var returned = new LinkedBlockingQueue<Return>();
    Channel channel = newChannel();
    channel.addReturnListener(returned::add);
    channel.confirmSelect();
    channel.basicPublish(first, "known", true, NO_PROPERTIES, bytes("routed"));
    channel.basicPublish(first, "unknown", true, NO_PROPERTIES, bytes("returned"));
    channel.waitForConfirmsOrDie(LIMIT.toMillis());
    // A return comes before its confirm, and the client reports it on the reading thread.
    assertThat(returned).hasSize(1);
    Return only = returned.remove();
    assertThat(text(only.getBody())).isEqualTo("returned");
    assertThat(only.getExchange()).isEqualTo(first);
    assertThat(only.getRoutingKey()).isEqualTo("unknown");
    assertThat(only.getReplyCode()).isEqualTo(312);
    assertThat(drain(queue)).containsExactly("routed");
  }
}
