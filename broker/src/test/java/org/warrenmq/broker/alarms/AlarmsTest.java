package org.warrenmq.broker.alarms;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.warrenmq.engine.loop.NodeMemory;

/** When the disk is looked at. */
class AlarmsTest {
  private static final long LIMIT = 50_000_000;

  @ParameterizedTest
  @DisplayName("the next look comes before a fast disk could have filled up to the limit")
  @CsvSource({
    "0, 100",
    "50000000, 100",
    "150000000, 100",
    "450000000, 400",
    "1050000000, 1000",
    "900000000000, 1000",
    "9223372036854775807, 1000"
  })
  void looksOftenerNearTheLimit(long free, long millis) {
    assertThat(Alarms.millisToNextDiskCheck(free, LIMIT)).isEqualTo(millis);
  }

  @Test
  @DisplayName("any limit will do")
  void extremeLimits() {
    assertThat(Alarms.millisToNextDiskCheck(0, Long.MAX_VALUE)).isEqualTo(100);
    assertThat(Alarms.millisToNextDiskCheck(Long.MAX_VALUE, 0)).isEqualTo(1000);
  }

  @Test
  @DisplayName("it goes on looking, whatever it has seen")
  void goesOnLooking() {
    long[] seen = {LIMIT, LIMIT - 1, LIMIT, LIMIT - 1, LIMIT + 1};
    var looks = new AtomicInteger();
    var told = new CopyOnWriteArrayList<String>();
    try (var alarms =
        new Alarms(
            NodeMemory.unlimited(),
            1,
            new SetHeap(),
            LIMIT,
            () -> seen[Math.min(looks.getAndIncrement(), seen.length - 1)])) {
      alarms.listen(reason -> told.add(String.valueOf(reason)));
      alarms.start();
      Awaitility.await("the last look")
          .atMost(Duration.ofSeconds(20))
          .until(() -> looks.get() > seen.length);
    }
    assertThat(told).containsExactly("null", "low on disk", "null", "low on disk", "null");
  }

  /** A heap that is as full as the test says; a collection takes the garbage away. */
  private static final class SetHeap implements Alarms.Heap {
    volatile long left;
    volatile long live;
    final AtomicInteger collections = new AtomicInteger();

    @Override
    public long left() {
      return left;
    }

    @Override
    public void collect() {
      collections.incrementAndGet();
      left = live;
    }
  }

  private static void await(String what, Callable<Boolean> condition) {
    Awaitility.await(what).atMost(Duration.ofSeconds(20)).until(condition);
  }

  @Test
  @DisplayName("memory held for clients raises the alarm at once, and clears it a little below")
  void memoryHeldForClients() {
    var node = new NodeMemory(1000);
    var heap = new SetHeap();
    var told = new CopyOnWriteArrayList<String>();
    try (var alarms = new Alarms(node, Long.MAX_VALUE, heap, 0, () -> 1)) {
      alarms.listen(reason -> told.add(String.valueOf(reason)));
      alarms.start();
      node.add(849);
      node.add(1);
      await("the alarm", () -> told.size() == 2);
      node.add(-49);
      assertThat(told).hasSize(2);
      node.add(-2);
      await("its end", () -> told.size() == 3);
    }
    assertThat(told).containsExactly("null", "low on memory", "null");
    assertThat(heap.collections).hasValue(0);
  }

  @Test
  @DisplayName("what is in use after a collection raises it; one is asked for when much has gone")
  void heapAfterCollection() {
    var node = new NodeMemory(100_000);
    var heap = new SetHeap();
    var told = new CopyOnWriteArrayList<String>();
    node.add(900);
    try (var alarms = new Alarms(node, 1000, heap, 0, () -> 1)) {
      alarms.listen(reason -> told.add(String.valueOf(reason)));
      alarms.start();
      heap.live = 2000;
      alarms.watermark(1000);
      await("the alarm", () -> told.size() == 2);
      assertThat(heap.collections).hasValue(1);
      heap.live = 500;
      node.add(-200);
      await("its end", () -> told.size() == 3);
    }
    assertThat(told).containsExactly("null", "low on memory", "null");
    assertThat(heap.collections).hasValue(2);
  }
}
