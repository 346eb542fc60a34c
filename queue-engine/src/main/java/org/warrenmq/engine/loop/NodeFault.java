package org.warrenmq.engine.loop;

/**
 * What nobody expected, on a thread that owns state: after it that state may be anything, and what
 * waits for it would wait for ever. It goes to the thread's handler of uncaught exceptions, as if
 * the thread had ended by it; in a broker's process that handler ends the node. For threads whose
 * own loop catches everything: event loops and executors. Any thread; stateless.
 */
public final class NodeFault {
  private NodeFault() {}

  /** Ends the node where that is provided for; else the caller must do no more. */
  public static void report(Throwable fault) {
    Thread here = Thread.currentThread();
    here.getUncaughtExceptionHandler().uncaughtException(here, fault);
  }

  /** A task for an executor, which would keep to itself what the task fails by. */
  public static Runnable guard(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (Throwable e) {
        report(e);
      }
    };
  }
}
