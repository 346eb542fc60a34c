package org.warrenmq.broker.amqp;

import static org.warrenmq.codec.ReplyCode.RESOURCE_ERROR;

import io.netty.util.concurrent.ScheduledFuture;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.codec.ConnectionError;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.loop.NodeMemory;
import org.warrenmq.engine.loop.NodeMemory.Level;
import org.warrenmq.engine.loop.RoomLoop;

/**
 * What the connections of one loop do while the node is short of memory ({@link
 * org.warrenmq.engine.loop.NodeMemory}). Lives on that loop.
 *
 * <p>Those that hold more than their share are not read; one of them at a time is, for a second, so
 * that work that needs more than a share gets done. Deliveries that wait for a client that does not
 * read go back to their queues. When hardly any memory is left, those who hold most are closed, if
 * it is connections that hold it.
 */
final class MemoryPressure implements ReadGate.Pressure {
  private static final Logger log = LoggerFactory.getLogger(MemoryPressure.class);
  private static final int LOOK_MILLIS = 250;

  /** Looks in which one connection goes on that should not. */
  private static final int FAVOUR_LOOKS = 4;

  /** Who holds less than this, and than so small a part of the budget, cannot be to blame. */
  private static final long MUCH = 1L << 20;

  private static final int PART = 64;

  /** But when nobody holds more, and that has been so for some looks, those who hold most are. */
  private static final int PATIENCE = 4;

  private static final long LITTLE = 16L << 10;

  private final RoomLoop loop;
  private final LoopStore store;
  private final Set<OpenConnection> open;
  private final SequencedSet<ReadGate> heldUp = new LinkedHashSet<>();
  private @Nullable ReadGate favourite;
  private @Nullable ScheduledFuture<?> looks;
  private int looked;
  private long largestHere;

  /** Looks in a row that found hardly any memory left. */
  private int refusing;

  /**
   * @param open the connections of the loop that are open
   */
  MemoryPressure(LoopStore store, Set<OpenConnection> open) {
    this.loop = store.loop();
    this.store = store;
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
    store.memoryEased();
    ScheduledFuture<?> running = looks;
    if (isShort && running == null) {
      looks = loop.scheduleEvery(LOOK_MILLIS, this::look);
    } else if (!isShort && running != null) {
      running.cancel(false);
      looks = null;
    }
  }

  @Override
  public void holdsUp(ReadGate gate, boolean now) {
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
    Set.copyOf(open).forEach(OpenConnection::giveUp);
    if (looked++ % FAVOUR_LOOKS == 0 || favourite == null) {
      favourNext();
    }
    if (loop.account().node().isAtLeast(Level.REFUSING)) {
      store.memoryEased();
      closeLargest();
    } else {
      refusing = 0;
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

  /** Says how much its largest holder has; a moment later all loops have said so. */
  private void closeLargest() {
    largestHere = open.stream().mapToLong(each -> each.gate().holding()).max().orElse(0);
    loop.account().largest(largestHere);
    refusing++;
    loop.schedule(LOOK_MILLIS / 10, this::closeIfLargest);
  }

  /** Closes as many as it takes, the largest first, if this loop has the largest of all. */
  private void closeIfLargest() {
    NodeMemory node = loop.account().node();
    if (!node.isAtLeast(Level.REFUSING) || largestHere < node.largest()) {
      return;
    }
    if (!node.isHeldByConnections()) {
      // Queues have it: they page, publishers are blocked, and consumers may come. This would not
      // help.
      return;
    }
    long least = refusing <= PATIENCE ? Math.max(MUCH, node.budget() / PART) : LITTLE;
    long surplus = node.used() - node.budget() / 10 * 9;
    for (OpenConnection each : largestFirst()) {
      long holding = each.gate().holding();
      if (surplus <= 0 || holding < least) {
        return;
      }
      surplus -= holding;
      close(each, holding);
    }
  }

  private List<OpenConnection> largestFirst() {
    return open.stream()
        .sorted(Comparator.comparingLong((OpenConnection each) -> -each.gate().holding()))
        .toList();
  }

  private void close(OpenConnection holder, long holding) {
    String amount = holding >> 20 > 0 ? (holding >> 20) + " MB" : (holding >> 10) + " kB";
    log.warn(
        "memory is used up (kB: {}): {} holds most, {}, and is closed",
        loop.account().node().byKind(),
        holder.peer(),
        amount);
    holder.fail(
        new ConnectionError(
            RESOURCE_ERROR, "memory is used up, and this connection holds most: " + amount));
    if (!holder.isWritable()) {
      // It would not hear of it, and what waits for it is what has to go.
      holder.drop();
    }
    open.remove(holder);
  }
}
