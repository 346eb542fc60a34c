package org.warrenmq.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;

class RandomMatcherTest {
  private static final int MESSAGES = 20_000;

  private final TestVhost vhost = new TestVhost();

  private Map<String, Integer> counts(Exchange exchange) {
    RouteCache cache = new RouteCache(new Router());
    Map<String, Integer> counts = new TreeMap<>();
    for (int i = 0; i < MESSAGES; i++) {
      QueueDestination[] found =
          cache.lookup(vhost.table, vhost.queues::get, exchange, "k", MessageProperties.NONE);
      assertThat(found).hasSize(1);
      counts.merge(found[0].name(), 1, Integer::sum);
    }
    return counts;
  }

  /** The bounds are eight standard deviations wide. */
  @ParameterizedTest
  @ValueSource(strings = {"x-random", "x-local-random"})
  void everyQueueIsAsLikely(String type) {
    Exchange exchange = vhost.exchange("x", type);
    for (int i = 0; i < 5; i++) {
      vhost.bind(exchange, vhost.queue("q" + i), "");
    }
    Map<String, Integer> counts = counts(exchange);
    assertThat(counts).hasSize(5);
    counts.values().forEach(count -> assertThat(count).isCloseTo(4000, within(450)));
  }

  @Test
  void aQueueThatIsBoundThreeTimesIsThreeTimesAsLikely() {
    Exchange exchange = vhost.exchange("x", "x-random");
    vhost.bind(exchange, vhost.queue("a"), "1");
    vhost.bind(exchange, vhost.queue("a"), "2");
    vhost.bind(exchange, vhost.queue("a"), "3");
    vhost.bind(exchange, vhost.queue("b"), "1");
    assertThat(counts(exchange).get("a")).isCloseTo(15_000, within(500));
  }

  @Test
  void fewOfManyThatAreLeftAreStillAsLikely() {
    Exchange exchange = vhost.exchange("x", "x-random");
    for (int i = 0; i < 1000; i++) {
      vhost.bind(exchange, vhost.queue("q" + i), "");
    }
    for (int i = 4; i < 1000; i++) {
      vhost.table.removeQueue(vhost.queue("q" + i));
    }
    Map<String, Integer> counts = counts(exchange);
    assertThat(counts).containsOnlyKeys("q0", "q1", "q2", "q3");
    counts.values().forEach(count -> assertThat(count).isCloseTo(5000, within(500)));
    for (int i = 0; i < 4; i++) {
      vhost.table.removeQueue(vhost.queue("q" + i));
    }
    assertThat(vhost.route(exchange, "k")).isEmpty();
  }

  @Test
  void aMessageWithFurtherKeysStillGoesOneWay() {
    Exchange exchange = vhost.exchange("x", "x-random");
    for (int i = 0; i < 5; i++) {
      vhost.bind(exchange, vhost.queue("q" + i), "");
    }
    RouteResult result = new RouteResult();
    List<String> further = List.of("a", "b", "c", "d");
    vhost.router.route(
        vhost.table, vhost.queues::get, exchange, "k", further, MessageProperties.NONE, result);
    assertThat(result.size()).isEqualTo(1);
    assertThat(result.cacheable()).isFalse();
  }

  @Test
  void aLocalOneTakesClassicQueuesWithAnEmptyKeyAlone() {
    LocalRandomType type = new LocalRandomType();
    Exchange exchange = vhost.exchange("x", "x-local-random");
    QueueDestination quorum =
        new QueueDestination() {
          @Override
          public String name() {
            return "quorum";
          }

          @Override
          public String type() {
            return "quorum";
          }
        };
    FieldTable arguments = FieldTable.of("any", FieldValue.of("thing"));
    assertThatCode(
            () -> type.validateBinding(new Binding(exchange, vhost.queue("q"), "", arguments)))
        .doesNotThrowAnyException();
    assertRefused(exchange, vhost.queue("q"), "k", "Non empty binding 'k' key not permitted");
    assertRefused(exchange, quorum, "k", "Non empty binding 'k' key not permitted");
    assertRefused(
        exchange, quorum, "", "Queue type rabbit_quorum_queue not valid for this exchange type");
    assertRefused(exchange, exchange, "", "Destination not found");
  }

  private void assertRefused(Exchange exchange, Destination to, String key, String why) {
    assertThatThrownBy(() -> vhost.bind(exchange, to, key))
        .isInstanceOf(ChannelError.class)
        .hasMessage("PRECONDITION_FAILED - " + why);
    assertThat(exchange.bindings()).isEmpty();
  }
}
