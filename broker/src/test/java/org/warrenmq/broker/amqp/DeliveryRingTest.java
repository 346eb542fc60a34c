package org.warrenmq.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.warrenmq.engine.queue.Settlement;

class DeliveryRingTest {
  private static final Object SOURCE = "a queue";

  /** The same in the plainest way: what is outstanding by tag, and what a transaction holds. */
  private static final class Model {
    private final DeliveryRing ring = new DeliveryRing();
    private final TreeMap<Long, Long> outstanding = new TreeMap<>();
    private final Map<Long, Settlement> held = new HashMap<>();
    private final SplittableRandom random;
    private long lastTag;

    Model(long seed) {
      random = new SplittableRandom(seed);
    }

    void step(int mostOutstanding) {
      switch (random.nextInt(outstanding.size() >= mostOutstanding ? 5 : 12)) {
        case 0 -> settle(anyTag(), false);
        case 1 -> settle(anyTag(), random.nextInt(20) == 0);
        case 2 -> hold(anyTag());
        case 3 -> endTransaction(random.nextBoolean());
        case 4 -> settle(lastTag, random.nextInt(10) == 0);
        case 5 -> lastTag++;
        default -> add();
      }
      if (random.nextInt(10) == 0) {
        check();
      }
    }

    private long anyTag() {
      if (outstanding.isEmpty()) {
        return lastTag;
      }
      long from = outstanding.firstKey();
      return random.nextLong(from, lastTag + 1);
    }

    private void add() {
      long position = random.nextLong();
      ring.add(++lastTag, position, SOURCE);
      outstanding.put(lastTag, position);
    }

    private void settle(long tag, boolean multiple) {
      int entry = ring.find(tag);
      boolean expected = outstanding.containsKey(tag) && !held.containsKey(tag);
      assertThat(entry >= 0).as("tag %d", tag).isEqualTo(expected);
      if (expected) {
        for (int i = multiple ? 0 : entry; i <= entry; i++) {
          if (ring.source(i) != null && ring.held(i) == null) {
            ring.settled(i);
          }
        }
        ring.tidy();
        List<Long> gone = List.of(tag);
        if (multiple) {
          gone = new ArrayList<>(outstanding.headMap(tag, true).keySet());
          gone.removeAll(held.keySet());
        }
        outstanding.keySet().removeAll(gone);
      }
    }

    private void hold(long tag) {
      int entry = ring.find(tag);
      if (entry >= 0) {
        ring.hold(entry, Settlement.REJECTED);
        held.put(tag, Settlement.REJECTED);
      }
    }

    private void endTransaction(boolean commit) {
      for (int i = 0; commit && i < ring.size(); i++) {
        if (ring.held(i) != null) {
          ring.settled(i);
        }
      }
      ring.forgetHeld();
      ring.tidy();
      if (commit) {
        outstanding.keySet().removeAll(held.keySet());
      }
      held.clear();
    }

    private void check() {
      List<Long> positions = new ArrayList<>();
      int holding = 0;
      for (int i = 0; i < ring.size(); i++) {
        if (ring.source(i) != null) {
          positions.add(ring.position(i));
          holding += ring.held(i) == null ? 0 : 1;
        }
      }
      assertThat(positions).containsExactlyElementsOf(outstanding.values());
      assertThat(holding).isEqualTo(held.size());
      outstanding
          .keySet()
          .forEach(tag -> assertThat(ring.find(tag) < 0).isEqualTo(held.containsKey(tag)));
      outstanding.keySet().forEach(tag -> assertThat(ring.tag(ring.upTo(tag) - 1)).isEqualTo(tag));
      assertThat(ring.upTo(lastTag)).isEqualTo(ring.size());
      assertThat(ring.upTo(0)).isZero();
      int live = outstanding.size();
      assertThat(ring.size() - live).as("holes").isLessThanOrEqualTo(Math.max(16, live));
      assertThat(ring.capacity()).isLessThanOrEqualTo(Math.max(DeliveryRing.KEPT, 16 * live));
    }
  }

  @Test
  @DisplayName("finds what is outstanding, in order, whatever was settled before")
  void agreesWithAModel() {
    for (int seed = 0; seed < 100; seed++) {
      Model model = new Model(seed);
      int most = List.of(3, 40, 400, 6000).get(seed % 4);
      for (int i = 0; i < 4_000 + most; i++) {
        model.step(most);
      }
      model.check();
    }
  }

  @Test
  @DisplayName("one delivery that is never settled does not keep those after it")
  void oneIsNeverSettled() {
    DeliveryRing ring = new DeliveryRing();
    ring.add(1, 1, SOURCE);
    int window = 500;
    for (long tag = 2; tag < 2_000_000; tag++) {
      ring.add(tag, tag, SOURCE);
      if (tag > window + 1) {
        ring.settled(ring.find(tag - window));
        ring.tidy();
      }
      assertThat(ring.capacity() <= 4 * window).isTrue();
    }
    assertThat(ring.find(1)).isZero();
  }

  @Test
  @DisplayName("a ring that was large gets small again")
  void shrinks() {
    DeliveryRing ring = new DeliveryRing();
    for (long tag = 1; tag <= 1 << 20; tag++) {
      ring.add(tag, tag, SOURCE);
    }
    assertThat(ring.capacity()).isEqualTo(1 << 20);
    for (long tag = 1; tag <= 1 << 20; tag++) {
      ring.settled(ring.find(tag));
      ring.tidy();
    }
    assertThat(ring.size()).isZero();
    assertThat(ring.capacity()).isLessThanOrEqualTo(DeliveryRing.KEPT);
  }

  @Test
  @DisplayName("acks in about the order of the deliveries allocate nothing")
  void allocatesNothing() {
    DeliveryRing ring = new DeliveryRing();
    long tag = run(ring, 1, 10_000);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    run(ring, tag, 200_000);
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(10_000);
  }

  /** Deliveries, each settled after about a thousand more, pairs the wrong way round. */
  private static long run(DeliveryRing ring, long firstTag, int count) {
    long tag = firstTag;
    for (int i = 0; i < count; i++, tag++) {
      ring.add(tag, tag, SOURCE);
      long settled = (tag - 1000) ^ 1;
      if (settled > 1) {
        int entry = ring.find(settled);
        if (entry >= 0) {
          ring.settled(entry);
          ring.tidy();
        }
      }
    }
    return tag;
  }
}
