package org.warrenmq.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ExchangeTypesTest {
  @Test
  void loadsTheBuiltInTypes() {
    assertThat(ExchangeTypes.load().all())
        .extracting(ExchangeType::name)
        .containsExactly("direct", "fanout", "headers", "topic");
  }

  @Test
  void findsByName() {
    ExchangeTypes types = ExchangeTypes.load();
    assertThat(types.find("topic")).isInstanceOf(TopicType.class);
    assertThat(types.find("Topic")).isNull();
  }

  @Test
  void saysWhatMayBeCached() {
    ExchangeTypes types = ExchangeTypes.load();
    assertThat(types.all())
        .filteredOn(ExchangeType::keyOnly)
        .extracting(ExchangeType::name)
        .containsExactly("direct", "fanout", "topic");
    assertThat(types.all()).filteredOn(ExchangeType::keyless).hasSize(1);
  }

  @Test
  void refusesTwoProvidersOfOneName() {
    assertThatThrownBy(() -> ExchangeTypes.of(List.of(new TopicType(), new TopicType())))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("exchange type 'topic' is provided by both");
  }
}
