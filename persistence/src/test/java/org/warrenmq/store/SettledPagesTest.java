package org.warrenmq.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random settlements against a bit set, and against what a reload from the records gives. */
class SettledPagesTest {
  private static final int POSITIONS = 40 * SettledPages.PAGE;

  @Test
  void equalsABitSet() {
    for (int seed = 0; seed < 200; seed++) {
      run(new Random(seed), seed);
    }
  }

  private static void run(Random random, int seed) {
    SettledPages pages = new SettledPages();
    BitSet model = new BitSet();
    Map<Long, byte[]> records = new HashMap<>();
    long floor = 0;
    for (int step = 0; step < 300; step++) {
      int from = (int) floor + random.nextInt(POSITIONS);
      if (random.nextInt(3) > 0) {
        // The floor itself is settled by moving it.
        from = Math.max(from, (int) floor + 1);
        assertThat(pages.settle(from)).as("seed %d", seed).isEqualTo(!model.get(from));
        model.set(from);
      } else {
        int to = from + random.nextInt(random.nextBoolean() ? 100 : 2000);
        long fresh = to - from - model.get(from, to).cardinality();
        assertThat(pages.settle((long) from, to)).as("seed %d", seed).isEqualTo(fresh);
        model.set(from, to);
      }
      if (random.nextInt(10) == 0) {
        model.set((int) floor);
        floor = pages.advance(floor + 1);
        model.set(0, (int) floor);
      } else {
        floor = pages.advance(floor);
      }
      assertThat(floor).as("seed %d", seed).isEqualTo(model.nextClearBit(0));
      pages.flush(
          (page, entry) -> {
            if (entry == null) {
              assertThat(records.remove(page)).isNotNull();
            } else {
              records.put(page, entry.encoded());
            }
          });
    }
    SettledPages reloaded = new SettledPages();
    records.forEach((page, value) -> reloaded.restore(page, SettledEntry.decode(value)));
    for (long position = floor; position < floor + POSITIONS; position++) {
      assertThat(reloaded.isSettled(position))
          .as("seed %d, position %d", seed, position)
          .isEqualTo(model.get((int) position));
      assertThat(pages.isSettled(position)).isEqualTo(model.get((int) position));
    }
  }
}
