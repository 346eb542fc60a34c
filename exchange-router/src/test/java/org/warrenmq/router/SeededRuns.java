package org.warrenmq.router;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Runs a test for many seeds, one after the other on the test's thread. Of the runs that fail the
 * one with the shortest trace is reported, with its seed and how to repeat it.
 *
 * <p>{@code -Dsim.seed} runs exactly one; {@code -Dsim.seeds} above 200 runs more in proportion.
 */
final class SeededRuns {
  private static final int USUAL_SEEDS = 200;
  private static final int STEPS_SHOWN = 60;

  /** One run: everything random in it comes from the generator, what it tried goes to the trace. */
  interface Run {
    void run(SplittableRandom random, List<Object> trace);
  }

  private record Failure(long seed, String trace, Throwable cause) {}

  private SeededRuns() {}

  /**
   * Runs them all, each independent of the others.
   *
   * @param seeds how many, unless the system properties want others
   */
  static void run(Class<?> test, int seeds, Run run) {
    Long single = Long.getLong("sim.seed");
    long first = single == null ? System.nanoTime() : single;
    int count = single == null ? count(seeds) : 1;
    int failed = 0;
    Failure shortest = null;
    for (int i = 0; i < count; i++) {
      Failure failure = runOne(run, first + i);
      if (failure != null) {
        failed++;
        if (shortest == null || failure.trace.length() < shortest.trace.length()) {
          shortest = failure;
        }
      }
    }
    if (shortest != null) {
      throw new AssertionError(
          "%d of %d seeds failed, seed %d: %s%nrepeat with: %s%nlast steps:%n%s"
              .formatted(
                  failed,
                  count,
                  shortest.seed,
                  shortest.cause.getMessage(),
                  replay(test, shortest.seed),
                  shortest.trace),
          shortest.cause);
    }
  }

  /** A number between the two; both are included, and each comes every eighth time at least. */
  static int between(SplittableRandom random, int least, int most) {
    return switch (random.nextInt(8)) {
      case 0 -> least;
      case 1 -> most;
      default -> random.nextInt(least, most + 1);
    };
  }

  static <T> T oneOf(SplittableRandom random, List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  /** A new element, or every second time one that is in the list already. */
  static <T> T newOrKnown(SplittableRandom random, List<T> known, Supplier<T> fresh) {
    return known.isEmpty() || random.nextBoolean() ? fresh.get() : oneOf(random, known);
  }

  private static int count(int seeds) {
    int wanted = Integer.getInteger("sim.seeds", USUAL_SEEDS);
    return (int) Math.max(seeds, (long) seeds * wanted / USUAL_SEEDS);
  }

  private static @Nullable Failure runOne(Run run, long seed) {
    List<Object> trace = new ArrayList<>();
    try {
      run.run(new SplittableRandom(seed), trace);
      return null;
    } catch (RuntimeException | AssertionError e) {
      return new Failure(seed, shown(trace), e);
    }
  }

  private static String shown(List<Object> trace) {
    return trace.stream()
        .skip(Math.max(0, trace.size() - STEPS_SHOWN))
        .map(Object::toString)
        .collect(Collectors.joining("\n"));
  }

  private static String replay(Class<?> test, long seed) {
    return "mvn -pl exchange-router -am test -Dtest="
        + test.getSimpleName()
        + " -Dsurefire.failIfNoSpecifiedTests=false -Dsim.seed="
        + seed;
  }
}
