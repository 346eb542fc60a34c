package org.warrenmq.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ReadyWindowTest {
  private final ReadyWindow window = new ReadyWindow();

  private List<Long> takeAll(long next) {
    List<Long> taken = new ArrayList<>();
    while (!window.isEmpty(next)) {
      taken.add(window.take());
    }
    return taken;
  }

  @Test
  void givesNewMessagesInOrder() {
    assertThat(window.isEmpty(0)).isTrue();
    assertThat(window.size(3)).isEqualTo(3);
    assertThat(window.take()).isZero();
    assertThat(window.first()).isEqualTo(1);
    assertThat(window.head()).isEqualTo(1);
    assertThat(window.size(3)).isEqualTo(2);
  }

  @Test
  void returnedOnesComeFirstInQueueOrder() {
    for (int i = 0; i < 4; i++) {
      window.take();
    }
    window.giveBack(2);
    window.giveBack(3);
    window.giveBack(1);

    assertThat(window.size(6)).isEqualTo(5);
    assertThat(window.returnedSorted()).containsExactly(1, 2, 3);
    assertThat(window.take()).isEqualTo(1);
    assertThat(window.take()).isEqualTo(2);
    assertThat(window.take()).isEqualTo(3);
    assertThat(window.take()).isEqualTo(4);
  }

  @Test
  void restoreMakesEverythingReady() {
    long[] positions = {3, 7, 8, 40};
    window.restore(positions, 50);

    assertThat(window.size(52)).isEqualTo(6);
    assertThat(window.take()).isEqualTo(3);
    window.giveBack(3);
    assertThat(positions).as("the caller's array").containsExactly(3, 7, 8, 40);
    for (long expected : new long[] {3, 7, 8, 40, 50, 51}) {
      assertThat(window.first()).isEqualTo(expected);
      assertThat(window.take()).isEqualTo(expected);
    }
    assertThat(window.isEmpty(52)).isTrue();
  }

  @Test
  void clearStartsAtTheGivenPosition() {
    window.take();
    window.giveBack(0);
    window.clear(10);

    assertThat(window.isEmpty(10)).isTrue();
    assertThat(window.size(11)).isEqualTo(1);
    assertThat(window.first()).isEqualTo(10);
  }

  @Test
  void doesWhatASortedSetDoes() {
    SeededRuns.run(
        ReadyWindowTest.class,
        (random, trace) -> {
          ReadyWindow tested = new ReadyWindow();
          TreeSet<Long> ready = new TreeSet<>();
          List<Long> out = new ArrayList<>();
          long next = 0;
          for (int i = 0; i < 600; i++) {
            int dice = random.nextInt(i < 300 ? 4 : 3);
            trace.add("dice " + dice);
            if (dice == 0 && !out.isEmpty()) {
              long position = out.remove(random.nextInt(out.size()));
              tested.giveBack(position);
              ready.add(position);
            } else if (dice <= 1) {
              ready.add(next++);
            } else if (!ready.isEmpty()) {
              long position = ready.removeFirst();
              assertThat(tested.first()).isEqualTo(position);
              assertThat(tested.take()).isEqualTo(position);
              out.add(position);
            }
            assertThat(tested.size(next)).isEqualTo(ready.size());
            assertThat(tested.isEmpty(next)).isEqualTo(ready.isEmpty());
          }
        });
  }

  @Test
  void manyReturnsAtOnceKeepTheirOrder() {
    for (int i = 0; i < 5000; i++) {
      window.take();
    }
    for (long position = 4999; position >= 0; position--) {
      window.giveBack(position);
    }

    assertThat(takeAll(5000)).hasSize(5000).isSorted();
  }
}
