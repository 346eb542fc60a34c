package org.warrenmq.benchmarks.turns;

/**
 * Something that clients do and that could keep a broker from everything else for long; used by the
 * measuring thread.
 */
interface Case extends AutoCloseable {
  /** Makes ready what the next disturbance takes; not measured. */
  void prepare() throws Exception;

  /**
   * Disturbs the broker until the time is over or what was prepared is used up; measured.
   *
   * @return how often something was done
   */
  long disturb(long deadlineNanos) throws Exception;

  /** What else there is to say, as {@code key=value} pairs. */
  default String figures() {
    return "";
  }
}
