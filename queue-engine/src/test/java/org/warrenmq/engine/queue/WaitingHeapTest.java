package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.warrenmq.engine.message.Stamps;

class WaitingHeapTest {
  private final WaitingHeap heap = new WaitingHeap();

  @Test
  void nothingIsThere() {
    assertThat(heap.earliest()).isEqualTo(Stamps.NEVER);
    heap.add(5, 1);
    assertThat(heap.removeFirst()).isEqualTo(1);
    assertThat(heap.earliest()).isEqualTo(Stamps.NEVER);
  }

  @Test
  void theEarliestComesFirst() {
    SplittableRandom random = new SplittableRandom(1);
    PriorityQueue<Long> expected = new PriorityQueue<>();
    for (int i = 0; i < 20_000; i++) {
      if (random.nextInt(100) < (i / 4000 % 2 == 0 ? 60 : 40) || expected.isEmpty()) {
        // All different, and the position tells which.
        long time = random.nextLong(1000) << 20 | i;
        heap.add(time, -time);
        expected.add(time);
      } else {
        assertThat(heap.earliest()).isEqualTo(expected.element());
        assertThat(heap.first()).isEqualTo(-expected.element());
        assertThat(heap.removeFirst()).isEqualTo(-expected.remove());
      }
    }
    while (!expected.isEmpty()) {
      assertThat(heap.removeFirst()).isEqualTo(-expected.remove());
    }
  }
}
