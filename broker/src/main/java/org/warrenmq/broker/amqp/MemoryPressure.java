package org.warrenmq.broker.amqp;

import static org.warrenmq.codec.ReplyCode.RESOURCE_ERROR;

import io.netty.util.concurrent.ScheduledFuture;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.codec.ConnectionError;
import org.warrenmq.engine.NodeMemory.Level;
import org.warrenmq.engine.RoomLoop;

/**
 * What the connections of one loop do while the node is short of memory ({@link
 * org.warrenmq.engine.NodeMemory}). Lives on that loop.
 *
 * <p>Those that hold more than their share are not read; one of them at a time is, for a second, so
 * that work that needs more than a share gets done. Deliveries that wait for a client that does not
 * read go back to their queues. When hardly any memory is left, who holds most is closed, one after
 * the other.
 */
final class MemoryPressure {
  private static final Logger log = LoggerFactory.getLogger(MemoryPressure.class);
  private static final int LOOK_MILLIS = 250;

  /** Looks in which one connection goes on that should not. */
  private static final int FAVOUR_LOOKS = 4;

  /** Who holds less than this, and than so small a part of the budget, cannot be to blame. */
  private static final long MUCH = 1L << 20;

  private static final int PART = 64;

  private final RoomLoop loop;
  private final Set<AmqpConnection> open;
  private final SequencedSet<ReadGate> heldUp = new LinkedHashSet<>();
  private @Nullable ReadGate favourite;
  private @Nullable ScheduledFuture<?> looks;
  private int looked;

  /**
   * @param open the connections of the loop that are open
   */
  MemoryPressure(RoomLoop loop, Set<AmqpConnection> open) {
    this.loop = loop;
    this.open = open;
  }

  /** The level of the node's memory is another one. */
  void changed(Level level) {
    boolean isShort = level.isAtLeast(Level.SLOWING);
    if (isShort) {
      Set.copyOf(open).forEach(connection -> connection.gate().look());
      look();
    } else {
      Set.copyOf(heldUp).forEach(ReadGate::look);
    }
    loop.memoryEased();
    ScheduledFuture<?> running = looks;
    if (isShort && running == null) {
      looks = loop.scheduleEvery(LOOK_MILLIS, this::look);
    } else if (!isShort && running != null) {
      running.cancel(false);
      looks = null;
    }
  }

  /** A connection is not read because of what it holds, or is again. */
  void holdsUp(ReadGate gate, boolean now) {
    if (now) {
      heldUp.add(gate);
    } else {
      heldUp.remove(gate);
      if (favourite == gate) {
        favourite = null;
        gate.favour(false);
      }
    }
  }

  private void look() {
    Set.copyOf(open).forEach(AmqpConnection::giveUpDeliveries);
    if (looked++ % FAVOUR_LOOKS == 0 || favourite == null) {
      favourNext();
    }
    if (loop.account().node().isAtLeast(Level.REFUSING)) {
      closeLargest();
    }
  }

  private void favourNext() {
    ReadGate last = favourite;
    favourite = null;
    if (last != null) {
      last.favour(false);
    }
    ReadGate next = heldUp.isEmpty() ? null : heldUp.removeFirst();
    if (next != null) {
      heldUp.addLast(next);
      favourite = next;
      next.favour(true);
    }
  }

  private void closeLargest() {
    AmqpConnection largest =
        open.stream().max(Comparator.comparingLong(each -> each.gate().holding())).orElse(null);
    long much = Math.max(MUCH, loop.account().node().budget() / PART);
    if (largest != null && largest.gate().holding() >= much) {
      long megabytes = largest.gate().holding() >> 20;
      log.warn("memory is used up: {} holds most, {} MB, and is closed", largest.peer(), megabytes);
      largest.fail(
          new ConnectionError(
              RESOURCE_ERROR,
              "memory is used up, and this connection holds most: %d MB".formatted(megabytes)));
      if (!largest.output().isWritable()) {
        // It would not hear of it, and what waits for it is what has to go.
        largest.drop();
      }
      open.remove(largest);
    }
  }
}
