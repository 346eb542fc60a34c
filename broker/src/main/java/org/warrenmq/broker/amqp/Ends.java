package org.warrenmq.broker.amqp;

import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the ending connections of one event loop still have to do, in the order in which it came and
 * a little in every pass of the loop: ten thousand clients that vanish at once must not hold up the
 * others. Runs on that loop's thread.
 *
 * <p>A connection leaves two steps here at most: to close its socket, and to give back what it
 * held. A pass spends as long on such steps as the rest of it took, within bounds. So ends come to
 * an end on a busy loop, too, and on an idle one nobody waits long for them. A socket that was
 * reset is reported as ready in every pass until it is closed, which is one more reason to do more
 * of them when passes get long.
 */
final class Ends {
  /** What a pass may spend on ends however short the rest of it was. */
  private static final long SHORTEST_NANOS = 100_000;

  /** What it may spend however long the rest was. */
  private static final long LONGEST_NANOS = 500_000;

  private static final Logger log = LoggerFactory.getLogger(Ends.class);

  private final EventLoop eventLoop;
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
  private final Runnable slice = this::slice;
  private boolean scheduled;
  private long sliceEnded;

  Ends(EventLoop eventLoop) {
    this.eventLoop = eventLoop;
  }

  /** Carries out a step when those before it are done, never at once. */
  void add(Runnable step) {
    waiting.add(step);
    if (!scheduled) {
      scheduled = true;
      sliceEnded = System.nanoTime();
      scheduleSlice();
    }
  }

  /**
   * As a timer that is due at once, and not as a task: a pass goes on with tasks until none is left
   * before it looks at its sockets again.
   */
  private void scheduleSlice() {
    eventLoop.schedule(slice, 0, TimeUnit.NANOSECONDS);
  }

  private void slice() {
    long began = System.nanoTime();
    long budget = Math.clamp(began - sliceEnded, SHORTEST_NANOS, LONGEST_NANOS);
    Runnable step;
    while (System.nanoTime() - began < budget && (step = waiting.poll()) != null) {
      run(step);
    }
    if (waiting.isEmpty()) {
      scheduled = false;
    } else {
      sliceEnded = System.nanoTime();
      scheduleSlice();
    }
  }

  private static void run(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException | AssertionError e) {
      log.error("the end of a connection failed", e);
    }
  }
}
