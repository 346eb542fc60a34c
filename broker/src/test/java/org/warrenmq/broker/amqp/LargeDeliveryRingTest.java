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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.warrenmq.engine.queue.Settlement;

/** A {@link DeliveryRing} of many chunks. */
class LargeDeliveryRingTest {
  private static final int CHUNK = DeliveryRing.KEPT;

  /** A chunk takes 20 KiB, what is held 4 more; and there is the table of the chunks. */
  private static final long MOST_AT_ONCE = 32 * 1024;

  /** Which of the deliveries are settled. */
  private enum Shape {
    FRONT,
    BACK,
    ANY,
    ANY_BUT_THE_OLDEST,
    ABOUT_IN_ORDER,
    UP_TO_ANY
  }

  /** A delivery outstanding; all differ, so it is its own source too. */
  private record Delivery(long tag, long position) {}

  /** The ring, and the same in the plainest way. */
  private static final class Model {
    private final DeliveryRing ring = new DeliveryRing();
    private final TreeMap<Long, Delivery> outstanding = new TreeMap<>();
    private final Map<Long, Settlement> held = new HashMap<>();
    private final SplittableRandom random;
    private final Shape shape;
    private long lastTag;

    Model(Shape shape, long seed) {
      this.shape = shape;
      random = new SplittableRandom(seed);
    }

    /** Up to so many outstanding, with settlements among the deliveries, and down again. */
    void wave(int most, int least) {
      while (outstanding.size() < most) {
        step(random.nextInt(8) < 6);
      }
      check();
      while (outstanding.size() > least) {
        step(random.nextInt(8) == 0);
      }
      check();
    }

    private void step(boolean add) {
      if (add || outstanding.isEmpty()) {
        add();
      } else {
        settle(tagToSettle());
      }
      int what = random.nextInt(1 << 15);
      if (what == 0 && !outstanding.isEmpty()) {
        transaction();
        check();
      }
    }

    private void add() {
      lastTag += random.nextInt(10) == 0 ? 2 : 1;
      Delivery delivery = new Delivery(lastTag, random.nextLong());
      int before = ring.capacity();
      ring.add(lastTag, delivery.position, delivery);
      outstanding.put(lastTag, delivery);
      int grown = ring.capacity() - before;
      require(before < CHUNK || grown == 0 || grown == CHUNK, "growth by " + CHUNK, lastTag);
    }

    private long anyTag() {
      long first = outstanding.firstKey();
      return outstanding.ceilingKey(random.nextLong(first, outstanding.lastKey() + 1));
    }

    private long tagToSettle() {
      return switch (shape) {
        case FRONT -> outstanding.firstKey();
        case BACK -> outstanding.lastKey();
        case ANY -> anyTag();
        case ANY_BUT_THE_OLDEST -> {
          long any = anyTag();
          yield any == outstanding.firstKey() ? outstanding.lastKey() : any;
        }
        case ABOUT_IN_ORDER -> {
          Long later = outstanding.ceilingKey(outstanding.firstKey() + random.nextInt(50));
          yield later == null ? outstanding.firstKey() : later;
        }
        // Mostly few, or there would never be many.
        case UP_TO_ANY -> {
          int upTo = random.nextInt(random.nextInt(5000) == 0 ? 3000 : 2);
          yield outstanding.floorKey(outstanding.firstKey() + upTo);
        }
      };
    }

    private void settle(long tag) {
      int entry = ring.find(tag);
      require(entry >= 0, "outstanding", tag);
      for (int i = shape == Shape.UP_TO_ANY ? 0 : entry; i <= entry; i++) {
        if (ring.source(i) instanceof Delivery delivery) {
          require(delivery.equals(outstanding.remove(delivery.tag)), "in the model", delivery.tag);
          ring.settled(i);
        }
      }
      ring.tidy();
      require(ring.find(tag) == -1, "settled", tag);
    }

    /** Some are held, with deliveries and other settlements in the meantime; or none is. */
    private void transaction() {
      int count = random.nextInt(2) == 0 ? 10 : outstanding.size() / 2;
      for (int i = 0; i < count; i++) {
        long tag = anyTag();
        int entry = ring.find(tag);
        require(entry < 0 == held.containsKey(tag), "outstanding unless held", tag);
        if (entry >= 0) {
          Settlement settlement = random.nextBoolean() ? Settlement.REJECTED : Settlement.REQUEUED;
          ring.hold(entry, settlement);
          held.put(tag, settlement);
        }
        for (int more = random.nextInt(3); more > 0; more--) {
          add();
        }
      }
      check();
      giveBackWhatIsNotHeld(random.nextInt(10));
      check();
      boolean commit = random.nextBoolean();
      for (int i = 0; commit && i < ring.size(); i++) {
        if (ring.held(i) != null) {
          ring.settled(i);
        }
      }
      ring.forgetHeld();
      ring.tidy();
      if (commit) {
        held.keySet().forEach(outstanding::remove);
      }
      held.clear();
    }

    /** As basic.recover does, but for some tenths of them. */
    private void giveBackWhatIsNotHeld(int tenths) {
      for (int i = 0; i < ring.size(); i++) {
        if (ring.source(i) instanceof Delivery delivery
            && ring.held(i) == null
            && random.nextInt(10) < tenths) {
          ring.settled(i);
          outstanding.remove(delivery.tag);
        }
      }
      ring.tidy();
    }

    private void check() {
      List<Object> sources = new ArrayList<>();
      for (int i = 0; i < ring.size(); i++) {
        if (ring.source(i) instanceof Delivery delivery) {
          sources.add(delivery);
          boolean right =
              ring.position(i) == delivery.position
                  && ring.held(i) == held.get(delivery.tag)
                  && ring.find(delivery.tag) == (held.containsKey(delivery.tag) ? -1 : i);
          require(right, "the entry of the model", delivery.tag);
        } else {
          require(ring.held(i) == null, "nothing held in a hole", i);
        }
      }
      require(sources.equals(new ArrayList<>(outstanding.values())), "all in order", lastTag);
      int live = outstanding.size();
      assertThat(ring.size() - live).as("holes").isLessThanOrEqualTo(Math.max(16, live));
      assertThat(ring.capacity()).isLessThanOrEqualTo(Math.max(CHUNK, 8 * live + CHUNK));
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("many chunks hold what one would")
  void agreesWithAModel(Shape shape) {
    for (int seed = 0; seed < 3; seed++) {
      Model model = new Model(shape, seed);
      SplittableRandom random = new SplittableRandom(seed);
      for (int most : new int[] {1_100, 5_000, 100_000 >> seed, 1_030, 20_000}) {
        model.wave(most + random.nextInt(1_000), random.nextInt(1 + most / 4));
      }
      model.wave(3_000, 0);
    }
  }

  @Test
  @DisplayName("a large ring neither grows nor shrinks with much memory at once")
  void allocatesLittleAtOnce() {
    DeliveryRing ring = new DeliveryRing();
    Object source = "a queue";
    int count = 1 << 20;
    // The head is amid a chunk, as it mostly is.
    for (long tag = -1500; tag <= count; tag++) {
      int before = ring.capacity();
      long allocated = allocated();
      ring.add(tag, tag, source);
      allocated = allocated() - allocated;
      require(allocated <= MOST_AT_ONCE, "little allocated", tag);
      if (before >= CHUNK) {
        require(ring.capacity() - before == (ring.size() > before ? CHUNK : 0), "one chunk", tag);
      }
      if (tag <= 0) {
        settle(ring, tag);
      }
    }
    assertThat(ring.size()).isEqualTo(count);
    assertThat(ring.capacity()).isEqualTo(count);
    // Each once, all over the ring: any odd factor will do.
    for (long i = 1; i <= count; i++) {
      long tag = (i * 0x9E3779B1L & count - 1) + 1;
      long allocated = allocated();
      settle(ring, tag);
      allocated = allocated() - allocated;
      require(allocated <= MOST_AT_ONCE, "little allocated", tag);
    }
    assertThat(ring.size()).isZero();
    assertThat(ring.capacity()).isEqualTo(CHUNK);
  }

  @Test
  @DisplayName("acks in about the order of the deliveries allocate nothing in a large ring either")
  void allocatesNothing() {
    DeliveryRing ring = new DeliveryRing();
    long window = 5_000;
    long before = 0;
    for (long tag = 2; tag < 400_000; tag++) {
      if (tag == 2 * window) {
        before = allocated();
      }
      ring.add(tag, tag, "a queue");
      if (tag > window + 1) {
        settle(ring, (tag - window) ^ 1);
      }
    }
    assertThat(allocated() - before).isLessThan(10_000);
  }

  private static void settle(DeliveryRing ring, long tag) {
    int entry = ring.find(tag);
    require(entry >= 0 && ring.position(entry) == tag, "outstanding", tag);
    ring.settled(entry);
    ring.tidy();
  }

  /** For what is asked millions of times, and without allocating. */
  private static void require(boolean right, String what, long tag) {
    if (!right) {
      throw new AssertionError(what + ": " + tag);
    }
  }

  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }
}
