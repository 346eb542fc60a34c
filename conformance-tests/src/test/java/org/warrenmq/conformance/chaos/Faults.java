package org.warrenmq.conformance.chaos;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** What the broker did wrong to honest clients; noted by any thread. */
final class Faults {
  private static final int MOST = 50;

  private final Queue<String> faults = new ConcurrentLinkedQueue<>();

  void add(String format, Object... arguments) {
    if (faults.size() < MOST) {
      faults.add(format.formatted(arguments));
    }
  }

  /** Something that must not fail. */
  @FunctionalInterface
  interface Work {
    void run() throws Exception;
  }

  void guard(Work work) {
    try {
      work.run();
    } catch (Exception e) {
      add("%s failed: %s", Thread.currentThread().getName(), e);
    }
  }

  boolean isEmpty() {
    return faults.isEmpty();
  }

  List<String> all() {
    return List.copyOf(faults);
  }
}
