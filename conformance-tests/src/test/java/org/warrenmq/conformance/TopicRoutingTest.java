package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Routing by key: topic patterns, several matching bindings, empty names. On the test thread. */
class TopicRoutingTest extends MessagingTest {

  @ParameterizedTest(name = "{0} takes {1}")
  @CsvSource({
    "'#', ''",
    "'#', a",
    "'#', a.b.c",
    "'#', '..'",
    "'*', a",
    "'*.*', '.'",
    "'a.*', a.",
    "'a.*.b', a..b",
    "'a.*.b', a.x.b",
    "'a.#', a",
    "'a.#', a.b.c",
    "'#.b', b",
    "'#.b', a.a.b",
    "'a.#.b', a.b",
    "'a.#.b', a.x.y.b",
    "'#.#', ''",
    "'#.x.#', a.x.b",
    "'#.x.#', x",
    "'*.#', a",
    "'', ''",
    "a.b, a.b",
    "'a.#.#', a",
    "'a*', a*",
    "'a.b#', a.b#"
  })
  @Behaviour(74)
  void matches(String pattern, String key) throws Exception {
    assertThat(routes(pattern, key)).isTrue();
  }

  @ParameterizedTest(name = "{0} does not take {1}")
  @CsvSource({
    "'*', ''",
    "'*', a.b",
    "'*.*', a",
    "'*.#', ''",
    "'a.*', a",
    "'a.*', a.b.c",
    "'a.*.b', a.b",
    "'a.*.b', a...b",
    "'a.#', b",
    "'a.#', ab",
    "'#.b', a.c",
    "'a.#.b', a.x",
    "'#.x.#', a.b",
    "'', a",
    "a.b, a.b.",
    "a.b, A.b",
    "'a*', ab",
    "'a#', abc"
  })
  @Behaviour(74)
  void doesNotMatch(String pattern, String key) throws Exception {
    assertThat(routes(pattern, key)).isFalse();
  }

  @Test
  @Behaviour(74)
  void manyPatternsOnOneExchangeAreIndependent() throws Exception {
    String exchange = exchange("topic", Map.of());
    var queues = new HashMap<String, String>();
    for (String pattern : List.of("#", "*", "a.#", "a.*", "*.b", "#.b", "a.b", "c")) {
      queues.put(pattern, boundQueue(exchange, pattern));
    }
    send(exchange, "a.b", "m");
    var taking = new ArrayList<String>();
    for (Map.Entry<String, String> queue : queues.entrySet()) {
      if (drain(queue.getValue()).equals(List.of("m"))) {
        taking.add(queue.getKey());
      }
    }
    assertThat(taking).containsExactlyInAnyOrder("#", "a.#", "a.*", "*.b", "#.b", "a.b");
  }

  @Test
  @Behaviour({74, 75})
  void unbindingOnePatternLeavesTheOthers() throws Exception {
    String exchange = exchange("topic", Map.of());
    String queue = boundQueue(exchange, "a.#");
    channel().queueBind(queue, exchange, "a.*");
    channel().queueBind(queue, exchange, "#");
    send(exchange, "a.b", "three match");
    channel().queueUnbind(queue, exchange, "#");
    channel().queueUnbind(queue, exchange, "a.#");
    send(exchange, "a.b", "one matches");
    send(exchange, "a.b.c", "none matches");
    assertThat(drain(queue)).containsExactly("three match", "one matches");
  }

  @Test
  @Behaviour(75)
  void twoMatchingBindingsOfADirectExchangeGiveOneCopy() throws Exception {
    String exchange = exchange("direct", Map.of());
    String queue = boundQueue(exchange, "key");
    channel().queueBind(queue, exchange, "key", Map.of("another", "binding"));
    send(exchange, "key", "once");
    assertThat(drain(queue)).containsExactly("once");
  }

  @Test
  @Behaviour(75)
  void twoMatchingBindingsOfAFanoutExchangeGiveOneCopy() throws Exception {
    String exchange = exchange("fanout", Map.of());
    String queue = boundQueue(exchange, "one");
    channel().queueBind(queue, exchange, "two");
    send(exchange, "three", "once");
    assertThat(drain(queue)).containsExactly("once");
  }

  @Test
  @Behaviour(79)
  void anEmptyQueueNameMeansTheLastDeclaredQueue() throws Exception {
    String exchange = exchange("direct", Map.of());
    Channel channel = newChannel();
    String queue = channel.queueDeclare().getQueue();
    channel.queueBind("", exchange, "key");
    send(exchange, "key", "a");
    assertThat(text(hold(channel, queue))).isEqualTo("a");
  }

  @Test
  @Behaviour(79)
  void anEmptyKeyBecomesTheNameOfTheLastDeclaredQueue() throws Exception {
    String exchange = exchange("direct", Map.of());
    Channel channel = newChannel();
    String queue = channel.queueDeclare().getQueue();
    channel.queueBind("", exchange, "");
    send(exchange, queue, "by name");
    send(exchange, "", "by the empty key");
    assertThat(text(hold(channel, queue))).isEqualTo("by name");
    assertThat(channel.basicGet(queue, true)).isNull();
    channel.queueUnbind("", exchange, "");
    send(exchange, queue, "unbound");
    assertThat(channel.basicGet(queue, true)).isNull();
  }

  @Test
  @Behaviour(79)
  void anEmptyKeyStaysEmptyForANamedQueue() throws Exception {
    String exchange = exchange("direct", Map.of());
    String queue = boundQueue(exchange, "");
    send(exchange, "", "by the empty key");
    send(exchange, queue, "by name");
    assertThat(drain(queue)).containsExactly("by the empty key");
  }

  private boolean routes(String pattern, String key) throws Exception {
    String exchange = exchange("topic", Map.of());
    String queue = boundQueue(exchange, pattern);
    send(exchange, key, "m");
    return drain(queue).equals(List.of("m"));
  }
}
