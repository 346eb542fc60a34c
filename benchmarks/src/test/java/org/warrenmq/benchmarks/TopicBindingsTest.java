package org.warrenmq.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.warrenmq.router.Destination;
import org.warrenmq.router.Matcher;
import org.warrenmq.router.MessageProperties;

class TopicBindingsTest {
  /** The benchmarks compare sizes; that is only fair when every key matches the same number. */
  @ParameterizedTest
  @ValueSource(ints = {1000, 100_000})
  void everyKeyMatchesThreeBindings(int bindings) {
    TopicBindings topic = new TopicBindings(bindings);
    assertThat(topic.exchange().bindings()).hasSize(bindings);
    Set<Destination> found = new HashSet<>();
    Matcher.Sink sink = found::add;
    for (String key : topic.keys(500)) {
      found.clear();
      topic.exchange().matcher().match(key, MessageProperties.NONE, sink);
      assertThat(found).as(key).hasSize(3);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 100_000})
  void keysAreSpread(int bindings) {
    String[] keys = new TopicBindings(bindings).keys(bindings / 10);
    assertThat(Set.of(keys)).as("no key twice before all had their turn").hasSize(bindings / 10);
  }
}
