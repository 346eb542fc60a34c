package org.warrenmq.engine.home;

import java.util.ArrayDeque;
import org.warrenmq.engine.loop.NodeMemory;

/**
 * Whose turn it is to read messages back, among the queues of one loop. What a read brings is
 * charged when it is there, so few are under way at once: the fewer, the less memory there is, and
 * none when hardly any is left and more would only pile up at connections. Lives on that loop.
 */
public final class ReadTurns {
  private final MessageMemory memory;
  private final NodeMemory node;
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>(0);
  private int underWay;

  ReadTurns(MessageMemory memory, NodeMemory node) {
    this.memory = memory;
    this.node = node;
  }

  /** Runs a read, now or later; {@link #done} follows each. */
  public void take(Runnable read) {
    if (waiting.isEmpty() && mayRead()) {
      underWay++;
      read.run();
    } else {
      waiting.add(read);
    }
  }

  private boolean mayRead() {
    int most =
        switch (node.level()) {
          case ROOM -> 16;
          case PAGING -> 4;
          case SLOWING, ALARM -> 1;
          case REFUSING -> node.isHeldByConnections() ? 0 : 1;
        };
    return underWay < (memory.isShort() ? Math.min(most, 2) : most);
  }

  /** A read has brought what it brings, and that is charged. */
  public void done() {
    underWay--;
    proceed();
  }

  /** There may be memory again. */
  public void proceed() {
    Runnable next;
    while (mayRead() && (next = waiting.poll()) != null) {
      underWay++;
      next.run();
    }
  }
}
