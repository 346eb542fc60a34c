package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** When the old generation is collected. */
class OldSpaceTest {
  private static final long MB = 1 << 20;

  private long used;
  private long live;
  private long held;
  private int collections;
  private final OldSpace space =
      new OldSpace(() -> used, () -> live, () -> held, () -> collections++);

  @Test
  @DisplayName("little is never worth it")
  void little() {
    used = 64 * MB;
    space.look();
    assertThat(collections).isZero();
    used++;
    space.look();
    assertThat(collections).isEqualTo(1);
  }

  @Test
  @DisplayName("it comes when twice as much has died as lives")
  void whenMostOfItDied() {
    live = 100 * MB;
    used = 300 * MB;
    space.look();
    assertThat(collections).isZero();
    used++;
    space.look();
    assertThat(collections).isEqualTo(1);
  }

  @Test
  @DisplayName("what clients have had the broker hold since lives, too")
  void whatIsHeld() {
    live = 100 * MB;
    held = 50 * MB;
    used = 450 * MB;
    space.look();
    assertThat(collections).isZero();
    used++;
    space.look();
    assertThat(collections).isEqualTo(1);
    // Now that is part of what was found alive.
    live = 150 * MB;
    used = 450 * MB;
    space.look();
    assertThat(collections).isEqualTo(1);
    held = 0;
    space.look();
    assertThat(collections).isEqualTo(1);
  }
}
