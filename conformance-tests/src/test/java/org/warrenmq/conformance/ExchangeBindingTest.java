package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Exchanges bound to exchanges: making and ending the bindings, and routing along them. */
class ExchangeBindingTest extends MessagingTest {

  @Test
  @Behaviour(67)
  void aMissingSourceOrDestinationIsNotFound() throws Exception {
    String exchange = exchange("fanout", Map.of());
    String missing = exchangeName();
    String text = "NOT_FOUND - no exchange '" + missing + "' in vhost '/'";
    expectChannelClose(404, text, () -> channel().exchangeBind(exchange, missing, ""));
    expectChannelClose(404, text, () -> channel().exchangeBind(missing, exchange, ""));
  }

  @Test
  @Behaviour(67)
  void bindingAQueueToAMissingExchangeIsNotFound() throws Exception {
    String missing = exchangeName();
    String queue = queue();
    expectChannelClose(
        404,
        "NOT_FOUND - no exchange '" + missing + "' in vhost '/'",
        () -> channel().queueBind(queue, missing, "key"));
  }

  @Test
  @Behaviour({58, 67})
  void theDefaultExchangeCannotTakePart() throws Exception {
    String exchange = exchange("fanout", Map.of());
    String text = "ACCESS_REFUSED - operation not permitted on the default exchange";
    List<Action> refused =
        List.of(
            () -> channel().exchangeBind(exchange, "", ""),
            () -> channel().exchangeBind("", exchange, ""),
            () -> channel().exchangeUnbind(exchange, "", ""),
            () -> channel().exchangeUnbind("", exchange, ""));
    for (Action action : refused) {
      expectChannelClose(403, text, action);
    }
  }

  @Test
  @Behaviour(67)
  void repeatedBindsCountOnce() throws Exception {
    String source = exchange("direct", Map.of());
    String target = exchange("fanout", Map.of());
    String queue = boundQueue(target, "");
    channel().exchangeBind(target, source, "key");
    channel().exchangeBind(target, source, "key");
    send(source, "key", "once");
    assertThat(drain(queue)).containsExactly("once");
    channel().exchangeUnbind(target, source, "key");
    send(source, "key", "gone");
    assertThat(drain(queue)).isEmpty();
  }

  @Test
  @Behaviour(67)
  void unbindingWhatIsNotBoundOrNotThereIsFine() throws Exception {
    String source = exchange("direct", Map.of());
    String target = exchange("direct", Map.of());
    String missing = exchangeName();
    assertThat(channel().exchangeUnbind(target, source, "never")).isNotNull();
    assertThat(channel().exchangeUnbind(target, missing, "never")).isNotNull();
    assertThat(channel().exchangeUnbind(missing, source, "never")).isNotNull();
  }

  @Test
  @Behaviour(67)
  void bindingsDifferByTheirArguments() throws Exception {
    String source = exchange("headers", Map.of());
    String target = exchange("fanout", Map.of());
    String queue = boundQueue(target, "");
    channel().exchangeBind(target, source, "", Map.of("a", 1));
    channel().exchangeBind(target, source, "", Map.of("b", 1));
    channel().exchangeUnbind(target, source, "", Map.of("a", 1));
    AMQP.BasicProperties a = NO_PROPERTIES.builder().headers(Map.of("a", 1)).build();
    AMQP.BasicProperties b = NO_PROPERTIES.builder().headers(Map.of("b", 1)).build();
    send(source, "", a, "a");
    send(source, "", b, "b");
    assertThat(drain(queue)).containsExactly("b");
  }

  @Test
  @Behaviour(68)
  void aLoopRoutesOnce() throws Exception {
    String a = exchange("fanout", Map.of());
    String b = exchange("fanout", Map.of());
    String c = exchange("fanout", Map.of());
    channel().exchangeBind(b, a, "");
    channel().exchangeBind(c, b, "");
    channel().exchangeBind(a, c, "");
    List<String> queues = List.of(boundQueue(a, ""), boundQueue(b, ""), boundQueue(c, ""));
    for (String entrance : List.of(a, b, c)) {
      send(entrance, "", entrance);
      for (String queue : queues) {
        assertThat(drain(queue)).containsExactly(entrance);
      }
    }
  }

  @Test
  @Behaviour(68)
  void anExchangeBoundToItselfRoutesOnce() throws Exception {
    String exchange = exchange("topic", Map.of());
    channel().exchangeBind(exchange, exchange, "#");
    String queue = boundQueue(exchange, "#");
    send(exchange, "a.b", "once");
    assertThat(drain(queue)).containsExactly("once");
  }

  @Test
  @Behaviour({68, 75})
  void severalPathsToAQueueGiveOneCopy() throws Exception {
    String entrance = exchange("fanout", Map.of());
    String left = exchange("direct", Map.of());
    String right = exchange("topic", Map.of());
    String queue = queue();
    channel().exchangeBind(left, entrance, "");
    channel().exchangeBind(right, entrance, "");
    channel().queueBind(queue, left, "k");
    channel().queueBind(queue, right, "#");
    channel().queueBind(queue, entrance, "k");
    send(entrance, "k", "once");
    assertThat(drain(queue)).containsExactly("once");
  }

  @Test
  @Behaviour(68)
  void eachExchangeAppliesItsOwnTypeToTheOriginalKey() throws Exception {
    String topic = exchange("topic", Map.of());
    String direct = exchange("direct", Map.of());
    channel().exchangeBind(direct, topic, "order.*");
    String exact = boundQueue(direct, "order.new");
    send(topic, "order.new", "routed");
    send(topic, "order.old", "not bound on the direct exchange");
    send(topic, "invoice.new", "not bound on the topic exchange");
    assertThat(drain(exact)).containsExactly("routed");
  }

  @Test
  @Behaviour({68, 73})
  void deletingAnExchangeEndsTheBindingsToIt() throws Exception {
    String source = exchange("fanout", Map.of());
    String target = exchange("fanout", Map.of());
    channel().exchangeBind(target, source, "");
    channel().exchangeDelete(target);
    channel().exchangeDeclare(target, "fanout", false);
    String queue = boundQueue(target, "");
    send(source, "", "no longer bound");
    assertThat(drain(queue)).isEmpty();
  }
}
