package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.rabbitmq.client.BuiltinExchangeType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which bindings are there after a restart, and that messages take them. On the test thread. */
class BindingRestartTest extends RestartTest {

  @Test
  @Behaviour({74, 180})
  void bindingsOfDurableQueuesSurvive() throws Exception {
    String direct = durableExchange(BuiltinExchangeType.DIRECT);
    String fanout = durableExchange(BuiltinExchangeType.FANOUT);
    String topic = durableExchange(BuiltinExchangeType.TOPIC);
    String first = durableQueue();
    String second = durableQueue();
    channel().queueBind(first, direct, "a");
    channel().queueBind(first, direct, "b");
    channel().queueBind(second, direct, "b");
    channel().queueBind(second, fanout, "ignored");
    channel().queueBind(first, topic, "*.orange.#");
    channel().queueBind(second, topic, "#.rabbit");
    restartBroker();
    assertThat(reached(direct, "a", first, second)).containsExactly(first);
    assertThat(reached(direct, "b", first, second)).containsExactly(first, second);
    assertThat(reached(direct, "c", first, second)).isEmpty();
    assertThat(reached(fanout, "x", first, second)).containsExactly(second);
    assertThat(reached(topic, "quick.orange.rabbit", first, second)).containsExactly(first, second);
    assertThat(reached(topic, "rabbit", first, second)).containsExactly(second);
    assertThat(reached(topic, "orange", first, second)).isEmpty();
  }

  @Test
  @Behaviour({76, 77, 78, 180})
  void argumentsOfBindingsSurvive() throws Exception {
    String exchange = durableExchange(BuiltinExchangeType.HEADERS);
    String any = durableQueue();
    String all = durableQueue();
    String withX = durableQueue();
    channel().queueBind(any, exchange, "", Map.of("x-match", "any", "a", 1, "b", "two"));
    channel().queueBind(all, exchange, "", Map.of("a", 1, "b", "two"));
    channel().queueBind(withX, exchange, "", Map.of("x-match", "all-with-x", "x-y", true));
    restartBroker();
    List<String> queues = List.of(any, all, withX);
    assertThat(reached(exchange, "", Map.of("a", 1), queues)).containsExactly(any);
    assertThat(reached(exchange, "", Map.of("a", 1, "b", "two"), queues)).containsExactly(any, all);
    assertThat(reached(exchange, "", Map.of("x-y", true), queues)).containsExactly(withX);
    assertThat(reached(exchange, "", Map.of("x-y", false, "b", "three"), queues)).isEmpty();
    // The same arguments still name the same binding.
    channel().queueUnbind(all, exchange, "", Map.of("a", 1, "b", "two"));
    assertThat(reached(exchange, "", Map.of("a", 1, "b", "two"), queues)).containsExactly(any);
  }

  @Test
  @Behaviour({67, 68, 180})
  void bindingsBetweenDurableExchangesSurvive() throws Exception {
    String source = durableExchange(BuiltinExchangeType.TOPIC);
    String middle = durableExchange(BuiltinExchangeType.HEADERS);
    String end = durableExchange(BuiltinExchangeType.FANOUT);
    String queue = durableQueue();
    channel().exchangeBind(middle, source, "go.#");
    channel().exchangeBind(end, middle, "", Map.of("x-match", "any", "pass", true));
    channel().exchangeBind(source, end, "round");
    channel().queueBind(queue, end, "");
    restartBroker();
    List<String> queues = List.of(queue);
    assertThat(reached(source, "go.on", Map.of("pass", true), queues)).containsExactly(queue);
    assertThat(reached(source, "go.on", Map.of("pass", false), queues)).isEmpty();
    assertThat(reached(source, "stay", Map.of("pass", true), queues)).isEmpty();
    channel().exchangeUnbind(middle, source, "go.#");
    assertThat(reached(source, "go.on", Map.of("pass", true), queues)).isEmpty();
  }

  @Test
  @Behaviour({62, 180})
  void bindingsWithATransientEndAreGone() throws Exception {
    String durable = durableExchange(BuiltinExchangeType.DIRECT);
    String passing = exchange("direct", Map.of());
    String passingQueue = queue();
    String queue = durableQueue();
    channel().queueBind(passingQueue, durable, "key");
    channel().queueBind(queue, passing, "key");
    channel().exchangeBind(passing, durable, "key");
    channel().exchangeBind(durable, passing, "other");
    restartBroker();
    // Things of the same names, even durable now, do not inherit what was bound.
    channel().queueDeclare(passingQueue, true, false, false, Map.of());
    channel().exchangeDeclare(passing, "direct", true);
    assertThat(reached(durable, "key", passingQueue, queue)).isEmpty();
    assertThat(reached(passing, "key", passingQueue, queue)).isEmpty();
    assertThat(reached(passing, "other", passingQueue, queue)).isEmpty();
    channel().exchangeDelete(durable, true);
    assertThat(exchangeExists(durable)).isFalse();
  }

  @Test
  @Behaviour({101, 180})
  void unboundStaysUnbound() throws Exception {
    String exchange = durableExchange(BuiltinExchangeType.DIRECT);
    String target = durableExchange(BuiltinExchangeType.FANOUT);
    String queue = durableQueue();
    channel().queueBind(queue, exchange, "kept");
    channel().queueBind(queue, exchange, "gone");
    channel().queueBind(queue, exchange, "gone", Map.of("other", 1));
    channel().exchangeBind(target, exchange, "gone");
    channel().queueBind(queue, target, "");
    channel().queueUnbind(queue, exchange, "gone");
    channel().queueUnbind(queue, exchange, "gone", Map.of("other", 1));
    channel().exchangeUnbind(target, exchange, "gone");
    restartBroker();
    assertThat(reached(exchange, "kept", queue)).containsExactly(queue);
    assertThat(reached(exchange, "gone", queue)).isEmpty();
    assertThat(reached(target, "", queue)).containsExactly(queue);
  }

  @Test
  @Behaviour({53, 69, 180})
  void alternateExchangesSurvive() throws Exception {
    String last = durableExchange(BuiltinExchangeType.FANOUT);
    String middle = exchangeName();
    String first =
        durableExchange(BuiltinExchangeType.DIRECT, Map.of("alternate-exchange", middle));
    channel().exchangeDeclare(middle, "direct", true, false, Map.of("alternate-exchange", last));
    String routed = durableQueue();
    String rest = durableQueue();
    channel().queueBind(routed, first, "known");
    channel().queueBind(rest, last, "");
    restartBroker();
    assertThat(reached(first, "known", routed, rest)).containsExactly(routed);
    assertThat(reached(first, "unknown", routed, rest)).containsExactly(rest);
    channel().exchangeDeclare(first, "direct", true, false, Map.of("alternate-exchange", middle));
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - inequivalent arg 'alternate-exchange' for exchange '"
            + first
            + "' in vhost '/': received none but current is the value '"
            + middle
            + "' of type 'longstr'",
        () -> channel().exchangeDeclare(first, "direct", true, false, Map.of()));
  }

  @Test
  @Behaviour({63, 64, 180})
  void durableAutoDeleteExchangesStillGoWithTheirLastBinding() throws Exception {
    String source = exchangeName();
    String target = exchangeName();
    channel().exchangeDeclare(source, "direct", true, true, Map.of());
    channel().exchangeDeclare(target, "fanout", true, true, Map.of());
    String queue = durableQueue();
    channel().exchangeBind(target, source, "key");
    channel().queueBind(queue, target, "");
    restartBroker();
    assertThat(reached(source, "key", queue)).containsExactly(queue);
    channel().queueDelete(queue);
    assertThat(exchangeExists(target)).isFalse();
    assertThat(exchangeExists(source)).isFalse();
  }

  @Test
  @Behaviour(180)
  void manyBindingsSurvive() throws Exception {
    int count = 1000;
    String exchange = durableExchange(BuiltinExchangeType.DIRECT);
    String queue = durableQueue();
    for (int i = 0; i < count; i++) {
      channel().queueBind(queue, exchange, "key." + i);
    }
    restartBroker();
    for (int i = 0; i < count; i++) {
      channel().basicPublish(exchange, "key." + i, null, bytes("" + i));
    }
    Inbox inbox = Inbox.consume(channel(), queue, true);
    for (int i = 0; i < count; i++) {
      assertThat(Inbox.text(inbox.next())).isEqualTo("" + i);
    }
  }

  @Test
  @Behaviour(180)
  void hashesChooseAsBefore() throws Exception {
    assumeFalse(BrokerUnderTest.isForeign(), "needs plug-ins elsewhere");
    List<String> queues = List.of(durableQueue(), durableQueue(), durableQueue(), durableQueue());
    List<List<String>> before = new ArrayList<>();
    List<String> exchanges = List.of(exchangeName(), exchangeName());
    channel().exchangeDeclare(exchanges.getFirst(), "x-consistent-hash", true);
    channel().exchangeDeclare(exchanges.getLast(), "x-modulus-hash", true);
    for (String exchange : exchanges) {
      for (String queue : queues) {
        channel().queueBind(queue, exchange, "1");
      }
      before.add(choices(exchange, queues));
    }
    restartBroker();
    for (int i = 0; i < exchanges.size(); i++) {
      assertThat(choices(exchanges.get(i), queues)).isEqualTo(before.get(i));
    }
  }

  /** Where each of some keys goes. */
  private List<String> choices(String exchange, List<String> queues) throws Exception {
    List<String> choices = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      choices.addAll(reached(exchange, "key" + i, queues.toArray(String[]::new)));
    }
    assertThat(choices).hasSize(20);
    return choices;
  }
}
