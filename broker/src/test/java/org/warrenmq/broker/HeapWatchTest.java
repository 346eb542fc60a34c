package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HeapWatchTest {
  private static final long LOOK = 250;

  private long now;
  private long collecting;
  private long left;
  private final HeapWatch watch = new HeapWatch(() -> collecting, () -> left, 1000, 0);

  /** A look after so much of its time went to collections. */
  private boolean look(long collectingMillis) {
    now += TimeUnit.MILLISECONDS.toNanos(LOOK);
    collecting += collectingMillis;
    return watch.isInVain(now);
  }

  @Test
  void aSecondOfCollectionsInAFullHeapIsTheEnd() {
    left = 950;
    assertThat(look(240)).isFalse();
    assertThat(look(250)).isFalse();
    assertThat(look(245)).isFalse();
    assertThat(look(250)).isTrue();
  }

  @Test
  void collectionsThatHelpAreNot() {
    left = 600;
    for (int i = 0; i < 20; i++) {
      assertThat(look(250)).isFalse();
    }
  }

  @Test
  void aFullHeapThatLeavesTimeIsNot() {
    left = 990;
    for (int i = 0; i < 20; i++) {
      assertThat(look(i % 4 == 3 ? 100 : 250)).isFalse();
    }
  }
}
