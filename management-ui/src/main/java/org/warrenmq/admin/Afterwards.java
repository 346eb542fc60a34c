package org.warrenmq.admin;

import io.vertx.ext.web.RoutingContext;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;

/**
 * What is done when a request is over, whether it was answered or its client has gone: once, and at
 * once where it is over already. Vert.x forgets who asks for that too late, and a client may go
 * while a thread is busy with its request. Lives on the event loop of the HTTP API.
 */
final class Afterwards {
  private static final String KEY = "afterwards";

  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private boolean isOver;

  private Afterwards() {}

  /** For a request that has just begun. */
  static void begin(RoutingContext context) {
    Afterwards afterwards = new Afterwards();
    context.put(KEY, afterwards);
    context.addEndHandler(_ -> afterwards.over());
  }

  /** Has something done when the request is over; what was asked for last is done first. */
  static void run(RoutingContext context, Runnable task) {
    Afterwards afterwards = Objects.requireNonNull(context.<Afterwards>get(KEY));
    if (afterwards.isOver) {
      task.run();
    } else {
      afterwards.tasks.push(task);
    }
  }

  private void over() {
    isOver = true;
    for (Runnable task; (task = tasks.poll()) != null; ) {
      task.run();
    }
  }
}
