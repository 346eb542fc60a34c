package org.warrenmq.engine.queue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.warrenmq.engine.loop.HandLoop;

/**
 * The loops that queues and channels of a {@link SuccessionSimulation} live on, and their time. On
 * the test's thread.
 */
final class SuccessionLoops {
  private final SplittableRandom random;
  private final ReplicatedStore store;
  private final long messageBytes;
  private final List<HandLoop> all = new ArrayList<>();
  private final List<HandLoop> homes = new ArrayList<>();

  /** Whether whatever is under way arrives before time passes. */
  private final boolean prompt;

  private long passed;

  /** When nothing was under way that had been decided before. */
  private long quietAt;

  SuccessionLoops(SplittableRandom random, ReplicatedStore store) {
    this.random = random;
    this.store = store;
    this.messageBytes = 1L << random.nextInt(10, 17);
    this.prompt = random.nextBoolean();
  }

  HandLoop open() {
    HandLoop loop = new HandLoop(store, messageBytes, HandLoop.restlessClock(random.split()));
    loop.pass(passed);
    all.add(loop);
    return loop;
  }

  /** A loop without channels: what is delivered leaves it, and that after it was handed over. */
  HandLoop openHome() {
    HandLoop loop = open();
    homes.add(loop);
    return loop;
  }

  List<HandLoop> all() {
    return all;
  }

  HandLoop any() {
    return all.get(random.nextInt(all.size()));
  }

  HandLoop anyHome() {
    return homes.get(random.nextInt(homes.size()));
  }

  int indexOf(HandLoop loop) {
    return all.indexOf(loop);
  }

  long passed() {
    return passed;
  }

  /** Whatever arrives now was decided then or later. */
  long decidedSince() {
    return quietAt;
  }

  void pass(int millis) {
    if (prompt) {
      arrive();
    }
    boolean quiet = isIdle() && all.stream().allMatch(loop -> loop.rooms().unsent().isEmpty());
    passed += millis;
    all.forEach(loop -> loop.pass(millis));
    if (quiet) {
      quietAt = all.getFirst().rooms().clock().millis();
    }
  }

  /** Nothing is under way any more, unless it waits for its time or for the store. */
  private void arrive() {
    boolean idle = false;
    while (!idle) {
      for (HandLoop loop : all) {
        loop.run();
        if (!loop.rooms().unsent().isEmpty()) {
          loop.rooms().postOutgoing();
        }
      }
      idle = isIdle();
    }
  }

  boolean isIdle() {
    return all.stream().allMatch(HandLoop::isIdle);
  }
}
