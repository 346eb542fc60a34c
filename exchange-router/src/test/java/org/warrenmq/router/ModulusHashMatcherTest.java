package org.warrenmq.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModulusHashMatcherTest {
  private static final int KEYS = 10_000;

  private final TestVhost vhost = new TestVhost();
  private final Exchange exchange = vhost.exchange("x", "x-modulus-hash");

  private Map<String, Integer> counts() {
    Map<String, Integer> counts = new TreeMap<>();
    for (int i = 0; i < KEYS; i++) {
      List<String> names = vhost.route(exchange, "key" + i);
      assertThat(names).hasSize(1);
      counts.merge(names.getFirst(), 1, Integer::sum);
    }
    return counts;
  }

  @Test
  void sequentialKeysSpreadEvenlyWhateverTheBindingKeys() {
    for (int i = 0; i < 5; i++) {
      vhost.bind(exchange, vhost.queue("q" + i), "k" + i);
    }
    assertThat(counts()).hasSize(5);
    counts().values().forEach(count -> assertThat(count).isCloseTo(2000, within(100)));
  }

  @Test
  void aQueueThatIsBoundTwiceCountsTwice() {
    vhost.bind(exchange, vhost.queue("a"), "1");
    Binding second = vhost.bind(exchange, vhost.queue("a"), "2");
    vhost.bind(exchange, vhost.queue("b"), "1");
    assertThat(counts().get("a")).isCloseTo(6667, within(150));
    vhost.table.unbind(second);
    assertThat(counts().get("a")).isCloseTo(5000, within(150));
    vhost.table.removeQueue(vhost.queue("a"));
    assertThat(counts()).containsExactly(Map.entry("b", KEYS));
    vhost.table.removeQueue(vhost.queue("b"));
    assertThat(vhost.route(exchange, "key0")).isEmpty();
  }

  /** These must never change: queues would get the messages of others after an update. */
  @ParameterizedTest
  @CsvSource({"key0, c", "key1, d", "key2, e", "'', d"})
  void theChoiceIsTheSameInEveryProcessAndOrder(String key, String queue) {
    for (String name : List.of("d", "b", "a", "e", "c")) {
      vhost.bind(exchange, vhost.queue(name), "");
    }
    assertThat(vhost.route(exchange, key)).containsExactly(queue);
  }

  @Test
  void aCacheNoticesChanges() {
    RouteCache cache = new RouteCache(new Router());
    vhost.bind(exchange, vhost.queue("a"), "");
    assertThat(lookUp(cache)).containsExactly("a");
    assertThat(lookUp(cache)).containsExactly("a");
    assertThat(cache.computed()).isEqualTo(1);
    vhost.bind(exchange, vhost.queue("b"), "");
    vhost.table.removeQueue(vhost.queue("a"));
    assertThat(lookUp(cache)).containsExactly("b");
  }

  private List<String> lookUp(RouteCache cache) {
    return TestVhost.names(
        cache.lookup(vhost.table, vhost.queues::get, exchange, "k", MessageProperties.NONE));
  }
}
