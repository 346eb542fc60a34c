package org.warrenmq.engine.home;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.warrenmq.engine.message.Messages;

class MessageMemoryTest {
  private static final long MIB = 1024 * 1024;

  @Test
  void countsWhatIsTakenAndGivenBack() {
    MessageMemory memory = new MessageMemory(1000);
    memory.add(700);
    memory.add(300);
    assertThat(memory.used()).isEqualTo(1000);
    assertThat(memory.isShort()).isFalse();

    memory.add(1);
    assertThat(memory.isShort()).isTrue();

    memory.add(-1001);
    assertThat(memory.used()).isZero();
    assertThat(memory.isShort()).isFalse();
  }

  @Test
  void messageCostsMoreThanItsBody() {
    assertThat(MessageMemory.cost(Messages.of("m", 0))).isPositive();
    assertThat(MessageMemory.cost(Messages.of("m", 500)))
        .isEqualTo(MessageMemory.cost(Messages.of("m", 0)) + 500);
  }

  @Test
  void oneQueueMayTakeAQuarter() {
    MessageMemory memory = new MessageMemory(1000);

    assertThat(memory.isTooMuch(250)).isFalse();
    assertThat(memory.isTooMuch(251)).isTrue();
  }

  @Test
  void whenAllIsTakenAnythingIsTooMuch() {
    MessageMemory memory = new MessageMemory(1000);
    memory.add(1001);

    assertThat(memory.isTooMuch(0)).isTrue();
  }

  @Test
  void withoutLimitNothingIsTooMuch() {
    MessageMemory memory = new MessageMemory(Long.MAX_VALUE);
    memory.add(1L << 50);

    assertThat(memory.isTooMuch(1L << 50)).isFalse();
    assertThat(memory.isShort()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1024, 100 * 1024, MIB, 3 * MIB, 4 * MIB, 32 * MIB, 1024 * MIB})
  void theLessIsLeftTheLessIsReadAhead(long limit) {
    MessageMemory memory = new MessageMemory(limit);
    long last = 512 * 1024;
    for (int tenth = 0; tenth <= 11; tenth++) {
      assertThat(memory.readAhead()).isBetween(4 * 1024L, last);
      last = memory.readAhead();
      memory.add(limit / 10 + 1);
    }
    assertThat(last).isEqualTo(4 * 1024);
  }
}
