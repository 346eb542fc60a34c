package org.warrenmq.engine.exchange;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.Body;
import org.warrenmq.engine.message.MessageStore;
import org.warrenmq.store.TurnWrites;
import org.warrenmq.store.WriteRequest;

/**
 * A store of delayed messages that takes its time with everything. When it crashes, what was synced
 * survives, and of the rest a part from the beginning. On the test's thread.
 */
final class DelayStore implements MessageStore {
  private final SplittableRandom random;

  /** Sees what is handed over, before any mail of that turn leaves. */
  private final Consumer<WriteRequest> watcher;

  private final DelayDisk before = new DelayDisk();
  private DelayDisk disk = new DelayDisk();

  /** What was written since the start. */
  private final List<TurnWrites> written = new ArrayList<>();

  /** So many of these turns survive a power cut. */
  private int safe;

  private final ArrayDeque<TurnWrites> waiting = new ArrayDeque<>();
  private final ArrayDeque<Runnable> completions = new ArrayDeque<>();
  private final ArrayDeque<Runnable> reads = new ArrayDeque<>();
  private final ArrayDeque<Runnable> answers = new ArrayDeque<>();
  private final ArrayDeque<Runnable> forRoom = new ArrayDeque<>();
  private boolean hasRoom = true;

  DelayStore(SplittableRandom random, Consumer<WriteRequest> watcher) {
    this.random = random;
    this.watcher = watcher;
  }

  DelayDisk disk() {
    return disk;
  }

  @Override
  public void submit(TurnWrites turn) {
    turn.requests().forEach(watcher);
    waiting.add(turn);
  }

  @Override
  public boolean hasRoom() {
    return hasRoom;
  }

  @Override
  public void whenRoom(Runnable action) {
    forRoom.add(action);
  }

  @Override
  public boolean read(long queueId, long from, long maxBytes, Consumer<Page> callback) {
    throw new AssertionError("a queue is read");
  }

  @Override
  public boolean readScheduled(
      long owner, long due, long id, long maxBytes, Consumer<SchedulePage> callback) {
    if (random.nextInt(6) == 0) {
      return false;
    }
    long bytes = random.nextInt(3) == 0 ? random.nextLong(1, 300) : maxBytes;
    reads.add(
        () -> {
          SchedulePage page = disk.read(new Place(due, id), Math.min(bytes, maxBytes));
          answers.add(() -> callback.accept(page));
        });
    return true;
  }

  @Override
  public long newBody() {
    throw new AssertionError("a large body");
  }

  @Override
  public boolean readPiece(Body.Stored body, int index, Consumer<byte @Nullable []> callback) {
    throw new AssertionError("a large body");
  }

  @Override
  public long newTransaction() {
    throw new AssertionError("a transaction");
  }

  @Override
  public void broken(String what) {
    throw new AssertionError(what);
  }

  /** Does some of what there is to do. */
  void work() {
    switch (random.nextInt(5)) {
      case 0 -> write(random.nextInt(1, 4));
      case 1 -> some(completions);
      case 2 -> some(reads);
      case 3 -> some(answers);
      default -> {
        hasRoom = isIdle() || random.nextInt(3) > 0;
        while (hasRoom && !forRoom.isEmpty()) {
          forRoom.remove().run();
        }
      }
    }
  }

  private void some(ArrayDeque<Runnable> actions) {
    for (int i = random.nextInt(1, 4); i > 0 && !actions.isEmpty(); i--) {
      actions.remove().run();
    }
  }

  private void write(int turns) {
    boolean sync = false;
    for (int i = turns; i > 0 && !waiting.isEmpty(); i--) {
      TurnWrites turn = waiting.remove();
      written.add(turn);
      turn.requests().forEach(disk::apply);
      sync |= turn.needsSync();
      Runnable completion = turn.completion();
      if (completion != null) {
        completions.add(completion);
      }
    }
    if (sync) {
      sync();
    }
  }

  /** Makes everything written safe from a power cut, as the real one does five times a second. */
  void sync() {
    safe = written.size();
  }

  boolean isIdle() {
    return waiting.isEmpty()
        && completions.isEmpty()
        && reads.isEmpty()
        && answers.isEmpty()
        && forRoom.isEmpty();
  }

  /** The process ends, and what it still waited for never happens. */
  void crash() {
    int survive = random.nextInt(safe, written.size() + 1);
    for (TurnWrites turn : written.subList(0, survive)) {
      turn.requests().forEach(before::apply);
    }
    before.startAgain();
    disk = before.copy();
    written.clear();
    safe = 0;
    waiting.clear();
    completions.clear();
    reads.clear();
    answers.clear();
    forRoom.clear();
    hasRoom = true;
  }
}
