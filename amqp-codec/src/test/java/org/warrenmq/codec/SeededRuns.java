package org.warrenmq.codec;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
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

  /** One run: everything random in it comes from the samples, what it tried goes to the trace. */
  interface Run {
    void run(Samples samples, List<Object> trace);
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

  private static int count(int seeds) {
    int wanted = Integer.getInteger("sim.seeds", USUAL_SEEDS);
    return (int) Math.max(seeds, (long) seeds * wanted / USUAL_SEEDS);
  }

  private static @Nullable Failure runOne(Run run, long seed) {
    List<Object> trace = new ArrayList<>();
    try {
      run.run(new Samples(seed), trace);
      return null;
    } catch (RuntimeException | AssertionError e) {
      return new Failure(seed, shown(trace), e);
    }
  }

  private static String shown(List<Object> trace) {
    return trace.stream()
        .skip(Math.max(0, trace.size() - STEPS_SHOWN))
        .map(step -> step instanceof byte[] octets ? HexFormat.of().formatHex(octets) : "" + step)
        .collect(Collectors.joining("\n"));
  }

  private static String replay(Class<?> test, long seed) {
    return "mvn -pl amqp-codec -am test -Dtest="
        + test.getSimpleName()
        + " -Dsurefire.failIfNoSpecifiedTests=false -Dsim.seed="
        + seed;
  }
}
