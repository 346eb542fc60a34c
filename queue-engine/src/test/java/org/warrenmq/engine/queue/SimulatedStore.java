package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.Body;
import org.warrenmq.store.TurnWrites;
import org.warrenmq.store.TurnWrites.TransactionPart;
import org.warrenmq.store.WriteRequest;
import org.warrenmq.store.WriteRequest.OfQueue;

/**
 * A store that may take its time with everything, and keeps what a store has to keep: turns are
 * written in order, those of one transaction at once, and completed in that order; reads see what
 * was written. When it crashes, a prefix survives. On the test's thread.
 */
class SimulatedStore implements StoreInSimulation {
  private final SplittableRandom random;
  private SimulatedDisk written = new SimulatedDisk();
  private final SimulatedDisk synced = new SimulatedDisk();

  /** Batches that a power cut may take. */
  private final List<List<TurnWrites>> unsynced = new ArrayList<>();

  /** Turns that wait for a transaction to become complete, in order of arrival. */
  private final List<TurnWrites> held = new ArrayList<>();

  /** What may be written now: each list at once. */
  private final ArrayDeque<List<TurnWrites>> waiting = new ArrayDeque<>();

  private final ArrayDeque<Runnable> completions = new ArrayDeque<>();
  private final ArrayDeque<Runnable> reads = new ArrayDeque<>();
  private final ArrayDeque<Runnable> answers = new ArrayDeque<>();
  private final ArrayDeque<Runnable> waitingForRoom = new ArrayDeque<>();

  /** Pieces of bodies since the start. */
  private final Map<String, byte[]> handedOver = new HashMap<>();

  private boolean hasRoom = true;
  private long lastTransaction;
  private long lastBody;

  SimulatedStore(SplittableRandom random) {
    this.random = random;
  }

  @Override
  public void submit(TurnWrites turn) {
    for (WriteRequest request : turn.requests()) {
      if (request instanceof WriteRequest.PutPiece(long body, int index, byte[] bytes, _)) {
        handedOver.put(body + "/" + index, bytes);
      }
    }
    TransactionPart part = turn.transaction();
    if (held.isEmpty() && (part == null || part.parts() == 1)) {
      waiting.add(List.of(turn));
      return;
    }
    held.add(turn);
    releaseComplete();
  }

  /** What hangs together by a queue or a transaction goes together, once nothing is missing. */
  private void releaseComplete() {
    List<TurnWrites> left = new ArrayList<>(held);
    while (!left.isEmpty()) {
      List<TurnWrites> group = new ArrayList<>();
      group.add(left.removeFirst());
      Set<Object> links = links(group.getFirst());
      boolean grown = true;
      while (grown) {
        grown = false;
        for (TurnWrites other : List.copyOf(left)) {
          if (links(other).stream().anyMatch(links::contains)) {
            links.addAll(links(other));
            left.remove(other);
            group.add(other);
            grown = true;
          }
        }
      }
      if (isComplete(group)) {
        // In order of arrival, however they were found.
        waiting.add(held.stream().filter(group::contains).toList());
        held.removeAll(group);
      }
    }
  }

  private static Set<Object> links(TurnWrites turn) {
    Set<Object> links = new HashSet<>();
    for (WriteRequest request : turn.requests()) {
      if (request instanceof OfQueue ofQueue) {
        links.add(ofQueue.queueId());
      }
    }
    TransactionPart part = turn.transaction();
    if (part != null) {
      links.add("transaction " + part.id());
    }
    return links;
  }

  private static boolean isComplete(List<TurnWrites> group) {
    Map<Long, Integer> missing = new HashMap<>();
    for (TurnWrites turn : group) {
      TransactionPart part = turn.transaction();
      if (part != null) {
        missing.merge(part.id(), part.parts() - 1, (before, _) -> before - 1);
      }
    }
    return missing.values().stream().allMatch(parts -> parts == 0);
  }

  @Override
  public boolean hasRoom() {
    return hasRoom;
  }

  @Override
  public void whenRoom(Runnable action) {
    waitingForRoom.add(action);
  }

  @Override
  public boolean read(long queueId, long from, long maxBytes, Consumer<Page> callback) {
    if (random.nextInt(6) == 0) {
      return false;
    }
    int maxMessages = random.nextInt(3) == 0 ? random.nextInt(1, 6) : Integer.MAX_VALUE;
    reads.add(
        () -> {
          Page page = written.read(queueId, from, maxBytes, maxMessages);
          answers.add(() -> callback.accept(page));
        });
    return true;
  }

  @Override
  public long newBody() {
    return ++lastBody;
  }

  @Override
  public boolean readPiece(Body.Stored body, int index, Consumer<byte @Nullable []> callback) {
    if (random.nextInt(6) == 0) {
      return false;
    }
    byte[] resident = handedOver.get(body.id() + "/" + index);
    if (resident != null && random.nextBoolean()) {
      callback.accept(resident);
      return true;
    }
    reads.add(
        () -> {
          // Held, so it is there if it has been written.
          boolean isWritten = written.bodies().contains(body.id());
          byte[] piece = isWritten ? written.piece(body.id(), index) : resident;
          assertThat(piece).isNotNull();
          answers.add(() -> callback.accept(piece));
        });
    return true;
  }

  @Override
  public long newTransaction() {
    return ++lastTransaction;
  }

  @Override
  public void broken(String what) {
    throw new AssertionError(what);
  }

  @Override
  public void work() {
    switch (random.nextInt(5)) {
      case 0 -> write(random.nextInt(1, 5));
      case 1 -> some(completions);
      case 2 -> some(reads);
      case 3 -> some(answers);
      default -> {
        hasRoom = isIdle() || random.nextInt(3) > 0;
        while (hasRoom && !waitingForRoom.isEmpty()) {
          waitingForRoom.remove().run();
        }
      }
    }
  }

  private void some(ArrayDeque<Runnable> actions) {
    for (int i = random.nextInt(1, 5); i > 0 && !actions.isEmpty(); i--) {
      actions.remove().run();
    }
  }

  /** So many of those that wait as one batch, which survives whole or not at all. */
  private void write(int groups) {
    List<TurnWrites> batch = new ArrayList<>();
    for (int i = groups; i > 0 && !waiting.isEmpty(); i--) {
      batch.addAll(waiting.remove());
    }
    for (TurnWrites turn : batch) {
      apply(turn);
      Runnable completion = turn.completion();
      if (completion != null) {
        completions.add(completion);
      }
    }
    unsynced.add(batch);
    if (batch.stream().anyMatch(TurnWrites::needsSync)) {
      sync();
    }
  }

  /** A turn is written. */
  void apply(TurnWrites turn) {
    written.apply(turn.requests());
  }

  /** Some of what waits is written, as much as the seed says; returns the rest, which never is. */
  List<TurnWrites> cutOff() {
    write(random.nextInt(waiting.size() + 1));
    List<TurnWrites> rest = new ArrayList<>();
    waiting.forEach(rest::addAll);
    waiting.clear();
    return rest;
  }

  @Override
  public boolean isIdle() {
    return waiting.isEmpty()
        && completions.isEmpty()
        && reads.isEmpty()
        && answers.isEmpty()
        && waitingForRoom.isEmpty();
  }

  @Override
  public void sync() {
    survive(unsynced.size());
  }

  private void survive(int batches) {
    for (List<TurnWrites> batch : unsynced.subList(0, batches)) {
      batch.forEach(turn -> synced.apply(turn.requests()));
    }
    unsynced.subList(0, batches).clear();
  }

  @Override
  public boolean isSafe(long queueId, long position) {
    return synced.wasAppended(queueId, position);
  }

  @Override
  public boolean isEndSafe(long queueId) {
    return synced.isDropped(queueId);
  }

  @Override
  public long coarseness() {
    return 0;
  }

  @Override
  public SimulatedDisk disk() {
    return written;
  }

  @Override
  public void restart(boolean powerCut) {
    if (powerCut) {
      survive(random.nextInt(unsynced.size() + 1));
    } else {
      write(random.nextInt(waiting.size() + 1));
      sync();
    }
    unsynced.clear();
    synced.startAgain();
    written = synced.copy();
    handedOver.clear();
    held.clear();
    waiting.clear();
    completions.clear();
    reads.clear();
    answers.clear();
    waitingForRoom.clear();
    hasRoom = true;
  }

  @Override
  public void close() {}
}
