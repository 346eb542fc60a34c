package org.warrenmq.engine;

import java.util.List;

/**
 * What a {@link Dispatcher} decided, as pure data: the only thing a queue stores or replicates.
 *
 * <p>Applying the same outcomes in the same order gives the same {@link QueueLog} anywhere, at any
 * time: nothing in them depends on consumers, clocks or threads.
 */
public sealed interface Outcome {
  /** The layout of these records; a reader of an unknown version refuses. */
  int VERSION = 1;

  /**
   * Messages were added at the tail.
   *
   * @param first position of the first of them; the others follow without gaps
   */
  record Append(long first, List<Message> messages) implements Outcome {}

  /**
   * Messages left the queue.
   *
   * @param positions in any order, each present in the log
   */
  record Settle(long[] positions, Settlement reason) implements Outcome {}

  /** Delivered messages came back to their positions; each one's delivery count grows by one. */
  record Return(long[] positions) implements Outcome {}

  /**
   * All messages below a position left, except some.
   *
   * @param below the first position not concerned
   * @param kept positions of unsettled deliveries, ascending
   */
  record Purge(long below, long[] kept) implements Outcome {}
}
