package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.warrenmq.engine.loop.SeededRuns;
import org.warrenmq.engine.message.Messages;
import org.warrenmq.engine.message.Stamps;

class ReadyWindowTest {
  private final ReadyWindow window = new ReadyWindow();
  private final QueueLog log = new QueueLog();

  private void append(int count) {
    for (int i = 0; i < count; i++) {
      log.append(Messages.of(log.next()), 0, 0);
    }
  }

  private long take() {
    long first = window.first(log);
    window.take(first, log);
    return first;
  }

  private List<Long> takeAll() {
    List<Long> taken = new ArrayList<>();
    while (window.first(log) >= 0) {
      taken.add(take());
    }
    return taken;
  }

  @Test
  void givesNewMessagesInOrder() {
    assertThat(window.first(log)).isEqualTo(-1);
    append(3);
    assertThat(take()).isZero();
    assertThat(window.first(log)).isEqualTo(1);
    assertThat(window.head()).isEqualTo(1);
    assertThat(takeAll()).containsExactly(1L, 2L);
  }

  @Test
  void returnedOnesComeFirstInQueueOrder() {
    append(6);
    for (int i = 0; i < 4; i++) {
      take();
    }
    window.giveBack(2, log);
    window.giveBack(3, log);
    window.giveBack(1, log);

    assertThat(takeAll()).containsExactly(1L, 2L, 3L, 4L, 5L);
  }

  @Test
  void restoreMakesEverythingReadyAndPassesOverWhatIsSettled() {
    append(1000);
    for (long position = 0; position < 1000; position++) {
      if (position != 3 && position != 7 && position != 700) {
        log.settle(position);
      }
    }
    window.restore(log.first());

    assertThat(take()).isEqualTo(3);
    window.giveBack(3, log);
    assertThat(takeAll()).containsExactly(3L, 7L, 700L);
  }

  @Test
  void stopsBeforeWhatIsCold() {
    append(10);
    log.pageOut(4, 8);

    assertThat(takeAll()).containsExactly(0L, 1L, 2L, 3L);
    window.giveBack(1, log);
    assertThat(take()).isEqualTo(1);
    assertThat(window.first(log)).isEqualTo(-1);
    for (long position = 4; position < 8; position++) {
      log.load(position, Messages.of(position), 0, 0, Stamps.NEVER, 0);
    }
    assertThat(log.loadedBelow(8)).isTrue();
    assertThat(takeAll()).containsExactly(4L, 5L, 6L, 7L, 8L, 9L);
  }

  @Test
  void clearStartsAtTheGivenPosition() {
    append(10);
    take();
    window.giveBack(0, log);
    log.clear();
    window.clear(10);

    assertThat(window.first(log)).isEqualTo(-1);
    append(1);
    assertThat(window.first(log)).isEqualTo(10);
  }

  @Test
  void doesWhatASortedSetDoes() {
    SeededRuns.run(
        ReadyWindowTest.class,
        (random, trace) -> {
          ReadyWindow tested = new ReadyWindow();
          QueueLog content = new QueueLog();
          TreeSet<Long> ready = new TreeSet<>();
          List<Long> out = new ArrayList<>();
          for (int i = 0; i < 600; i++) {
            int dice = random.nextInt(i < 300 ? 4 : 3);
            trace.add("dice " + dice);
            if (dice == 0 && !out.isEmpty()) {
              long position = out.remove(random.nextInt(out.size()));
              tested.giveBack(position, content);
              ready.add(position);
            } else if (dice <= 1) {
              ready.add(content.append(Messages.of(content.next()), 0, 0));
            } else if (!ready.isEmpty()) {
              long position = ready.removeFirst();
              assertThat(tested.first(content)).isEqualTo(position);
              tested.take(position, content);
              out.add(position);
            }
            assertThat(tested.first(content)).isEqualTo(ready.isEmpty() ? -1 : ready.first());
          }
        });
  }

  @Test
  void doesSoWhereSomeAreTakenFromAmongOthers() {
    SeededRuns.run(
        ReadyWindowTest.class,
        (random, trace) -> {
          ReadyWindow tested = new ReadyWindow();
          QueueLog content = new QueueLog();
          TreeSet<Long> ready = new TreeSet<>();
          List<Long> out = new ArrayList<>();
          for (int i = 0; i < 600; i++) {
            int dice = random.nextInt(4);
            trace.add("dice " + dice);
            Long never = ready.ceiling(tested.head());
            if (dice == 0 && !out.isEmpty()) {
              long position = out.remove(random.nextInt(out.size()));
              tested.giveBack(position, content);
              ready.add(position);
            } else if (dice <= 1) {
              ready.add(content.append(Messages.of(content.next()), 0, 0));
            } else if (dice == 2 && never != null) {
              tested.passOver(never, content);
            } else if (!ready.isEmpty()) {
              List<Long> known = new ArrayList<>(ready.headSet(tested.head()));
              if (never != null) {
                known.add(never);
              }
              long position = known.get(random.nextInt(known.size()));
              tested.takeAny(position, content);
              ready.remove(position);
              out.add(position);
            }
            assertThat(tested.first(content)).isEqualTo(ready.isEmpty() ? -1 : ready.first());
          }
        });
  }

  @Test
  void manyReturnsAtOnceKeepTheirOrder() {
    append(5000);
    for (int i = 0; i < 5000; i++) {
      take();
    }
    for (long position = 4999; position >= 0; position--) {
      window.giveBack(position, log);
    }

    assertThat(takeAll()).hasSize(5000).isSorted();
  }
}
