package org.warrenmq.store;

import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.file.Path;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Seeded random life of a store against a model. A failing seed comes again with {@code
 * -Dsim.seed=N}; {@code -Dsim.seeds} says how much to try, of which a twentieth is done here, as
 * these runs are on a real disk.
 */
class StoreSimulationTest {
  private static final int STEPS = 60;

  @TempDir Path root;

  @TestFactory
  java.util.stream.Stream<DynamicTest> seeds() {
    Long one = Long.getLong("sim.seed");
    int count = Math.max(1, Integer.getInteger("sim.seeds", 200) / 20);
    LongStream seeds = one != null ? LongStream.of(one) : LongStream.range(0, count);
    return seeds.mapToObj(
        seed ->
            DynamicTest.dynamicTest(
                "seed " + seed,
                () -> {
                  Path folder = root.resolve(String.valueOf(seed));
                  assertThatCode(() -> new StoreSimulation(seed, folder).run(STEPS))
                      .as("seed %d", seed)
                      .doesNotThrowAnyException();
                }));
  }
}
