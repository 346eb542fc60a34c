package org.warrenmq.engine.loop;

import java.util.ArrayDeque;
import java.util.SplittableRandom;

/**
 * Runs a simulation for many seeds, one after the other on the test's thread; a failure names its
 * seed and how to repeat it.
 *
 * <p>{@code -Dsim.seeds} sets how many seeds, {@code -Dsim.steps} how long each run is, {@code
 * -Dsim.seed} runs exactly one.
 */
public final class SeededRuns {
  private static final int STEPS_SHOWN = 30;

  /** What {@code sim.steps} is where nobody says anything. */
  private static final int USUAL_STEPS = 5000;

  /** One run: everything random in it comes from the generator, every step goes to the trace. */
  public interface Simulation {
    void run(SplittableRandom random, Trace trace);
  }

  /** The last steps of a run, for the message of its failure. */
  public static final class Trace {
    private final ArrayDeque<String> last = new ArrayDeque<>();
    private int steps;

    public void add(String step) {
      if (last.size() == STEPS_SHOWN) {
        last.removeFirst();
      }
      last.addLast(++steps + ": " + step);
    }

    public int steps() {
      return steps;
    }

    @Override
    public String toString() {
      return String.join("\n", last);
    }
  }

  private SeededRuns() {}

  /**
   * How many steps a run has.
   *
   * @param usual how many where {@code sim.steps} is 5,000; as much more or less as that is
   */
  public static int steps(int usual) {
    return (int) ((long) usual * Integer.getInteger("sim.steps", USUAL_STEPS) / USUAL_STEPS);
  }

  /** Returns the number of steps taken in all. */
  public static long run(Class<?> test, Simulation simulation) {
    return runSome(test, 1, simulation);
  }

  /**
   * The same for a simulation that takes long.
   *
   * @param share one of how many seeds it gets
   */
  public static long runSome(Class<?> test, int share, Simulation simulation) {
    Long single = Long.getLong("sim.seed");
    long first = single == null ? System.nanoTime() : single;
    int seeds = Integer.getInteger("sim.seeds", 200);
    int count = single == null ? Math.max(1, seeds / share) : 1;
    long steps = 0;
    for (int i = 0; i < count; i++) {
      steps += runOne(test, simulation, first + i);
    }
    return steps;
  }

  private static int runOne(Class<?> test, Simulation simulation, long seed) {
    Trace trace = new Trace();
    try {
      simulation.run(new SplittableRandom(seed), trace);
    } catch (RuntimeException | AssertionError e) {
      String replay =
          "mvn -pl queue-engine -am test -Dtest="
              + test.getSimpleName()
              + " -Dsurefire.failIfNoSpecifiedTests=false -Dsim.seed="
              + seed
              + " -Dsim.steps="
              + steps(USUAL_STEPS);
      throw new AssertionError(
          "seed %d failed: %s%nrepeat with: %s%nlast steps:%n%s"
              .formatted(seed, e.getMessage(), replay, trace),
          e);
    }
    return trace.steps();
  }
}
