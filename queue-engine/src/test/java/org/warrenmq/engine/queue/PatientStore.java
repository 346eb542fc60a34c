package org.warrenmq.engine.queue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.Body;
import org.warrenmq.engine.message.MessageStore;
import org.warrenmq.store.TurnWrites;
import org.warrenmq.store.WriteRequest;

/** A store that takes turns and reads, and finishes them when the test says so, on its thread. */
final class PatientStore implements MessageStore {
  final Deque<TurnWrites> turns = new ArrayDeque<>();
  final Deque<Consumer<Page>> reads = new ArrayDeque<>();

  /** What queues said of it; each of it an error, too. */
  final List<String> faults = new ArrayList<>();

  @Override
  public void submit(TurnWrites turn) {
    turns.add(turn);
  }

  /** The turn is written. */
  static void finish(TurnWrites turn) {
    Runnable completion = turn.completion();
    if (completion != null) {
      completion.run();
    }
  }

  /** Everything handed over so far is written. */
  void finishAll() {
    List<TurnWrites> done = List.copyOf(turns);
    turns.clear();
    done.forEach(PatientStore::finish);
  }

  /** All requests not finished yet, in order. */
  List<WriteRequest> requests() {
    return turns.stream().flatMap(turn -> turn.requests().stream()).toList();
  }

  @Override
  public boolean hasRoom() {
    return true;
  }

  @Override
  public void whenRoom(Runnable action) {
    action.run();
  }

  @Override
  public boolean read(long queueId, long from, long maxBytes, Consumer<Page> callback) {
    reads.add(callback);
    return true;
  }

  @Override
  public long newBody() {
    return 1;
  }

  @Override
  public boolean readPiece(Body.Stored body, int index, Consumer<byte @Nullable []> callback) {
    throw new AssertionError("nobody reads bodies here");
  }

  @Override
  public long newTransaction() {
    return 1;
  }

  @Override
  public void broken(String what) {
    faults.add(what);
    throw new AssertionError(what);
  }
}
