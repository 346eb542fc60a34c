package org.warrenmq.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.warrenmq.codec.FieldTable;

class ExchangeTypesTest {
  @Test
  void loadsTheBuiltInTypes() {
    assertThat(ExchangeTypes.load().all())
        .extracting(ExchangeType::name)
        .containsExactly(
            "direct",
            "fanout",
            "headers",
            "topic",
            "x-consistent-hash",
            "x-delayed-message",
            "x-local-random",
            "x-message-deduplication",
            "x-modulus-hash",
            "x-random",
            "x-recent-history");
  }

  @Test
  void findsByName() {
    ExchangeTypes types = ExchangeTypes.load();
    assertThat(types.find("topic")).isInstanceOf(TopicType.class);
    assertThat(types.find("Topic")).isNull();
  }

  @Test
  void saysWhatMayBeCached() {
    assertThat(typesWhere(Matcher::keyOnly))
        .containsExactly(
            "direct",
            "fanout",
            "topic",
            "x-consistent-hash",
            "x-message-deduplication",
            "x-modulus-hash",
            "x-recent-history");
    assertThat(typesWhere(Matcher::keyless))
        .containsExactly("fanout", "x-message-deduplication", "x-recent-history");
  }

  @Test
  void saysWhichTakeOneWayForAllKeys() {
    assertThat(typesWhere(Matcher::firstKeyOnly))
        .containsExactly("x-consistent-hash", "x-local-random", "x-modulus-hash", "x-random");
  }

  private static List<String> typesWhere(Predicate<Matcher> matchers) {
    return ExchangeTypes.load().all().stream()
        .filter(type -> !(type instanceof DelayedMessageType))
        .filter(type -> matchers.test(matcherOf(type)))
        .map(ExchangeType::name)
        .toList();
  }

  private static Matcher matcherOf(ExchangeType type) {
    return type.newMatcher(TestVhost.spec("x", type.name(), false, FieldTable.EMPTY));
  }

  @Test
  void refusesTwoProvidersOfOneName() {
    assertThatThrownBy(() -> ExchangeTypes.of(List.of(new TopicType(), new TopicType())))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("exchange type 'topic' is provided by both");
  }
}
