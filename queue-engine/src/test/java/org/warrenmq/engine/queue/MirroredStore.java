package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.Body;
import org.warrenmq.engine.message.DiskMessageStore;
import org.warrenmq.engine.message.Message;
import org.warrenmq.store.Store;
import org.warrenmq.store.StoreOptions;
import org.warrenmq.store.TurnWrites;

/**
 * The real store on a real disk, and beside it what the simulated one would hold: after every start
 * both must hold the same. On the test's thread; what the real one's threads have to say waits for
 * it. A restart closes the store, so all that was handed over survives.
 */
final class MirroredStore implements StoreInSimulation {
  private static final int PATIENCE_SECONDS = 30;

  private final Path folder;
  private final LinkedBlockingQueue<Runnable> arrived = new LinkedBlockingQueue<>();
  private SimulatedDisk mirror = new SimulatedDisk();
  private Store store;
  private DiskMessageStore real;
  private int underWay;

  /** The highest id of a queue that stored anything. */
  private long queues;

  MirroredStore(Path folder) {
    this.folder = folder;
    this.store = open(folder);
    this.real = new DiskMessageStore(store);
  }

  private static Store open(Path folder) {
    return Store.open(
        folder,
        StoreOptions.within(16 << 20),
        DiskMessageStore.bodySize(),
        failure -> {
          throw new AssertionError("the store failed", failure);
        });
  }

  @Override
  public void submit(TurnWrites turn) {
    underWay++;
    Runnable written = () -> arrived.add(() -> written(turn));
    real.submit(new TurnWrites(turn.requests(), turn.needsSync(), written, turn.transaction()));
  }

  private void written(TurnWrites turn) {
    underWay--;
    queues = Math.max(queues, SimulatedDisk.lastQueue(turn.requests()));
    mirror.apply(turn.requests());
    Runnable completion = turn.completion();
    if (completion != null) {
      completion.run();
    }
  }

  @Override
  public boolean hasRoom() {
    return real.hasRoom();
  }

  @Override
  public void whenRoom(Runnable action) {
    underWay++;
    real.whenRoom(
        () ->
            arrived.add(
                () -> {
                  underWay--;
                  action.run();
                }));
  }

  @Override
  public boolean read(long queueId, long from, long maxBytes, Consumer<Page> callback) {
    boolean taken =
        real.read(
            queueId,
            from,
            maxBytes,
            page ->
                arrived.add(
                    () -> {
                      underWay--;
                      callback.accept(page);
                    }));
    underWay += taken ? 1 : 0;
    return taken;
  }

  @Override
  public long newBody() {
    return real.newBody();
  }

  @Override
  public boolean readPiece(Body.Stored body, int index, Consumer<byte @Nullable []> callback) {
    boolean taken =
        real.readPiece(
            body,
            index,
            piece ->
                arrived.add(
                    () -> {
                      underWay--;
                      callback.accept(piece);
                    }));
    underWay += taken ? 1 : 0;
    return taken;
  }

  @Override
  public long newTransaction() {
    return real.newTransaction();
  }

  @Override
  public void broken(String what) {
    throw new AssertionError(what);
  }

  /** Lets something arrive; what is under way does so within a moment. */
  @Override
  public void work() {
    try {
      Runnable next = underWay == 0 ? null : arrived.poll(5, TimeUnit.MILLISECONDS);
      if (next != null) {
        next.run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  @Override
  public boolean isIdle() {
    return underWay == 0;
  }

  /** What waits is safe soon enough: it survives a close in any case. */
  @Override
  public void sync() {}

  @Override
  public boolean isSafe(long queueId, long position) {
    return mirror.wasAppended(queueId, position);
  }

  @Override
  public boolean isEndSafe(long queueId) {
    return mirror.isDropped(queueId);
  }

  /** Of chunks. */
  @Override
  public long coarseness() {
    return 100;
  }

  @Override
  public SimulatedDisk disk() {
    return mirror;
  }

  @Override
  public void restart(boolean powerCut) {
    store.close();
    // Nothing more arrives; what was completed was written, and nobody is left to hear it.
    List<Runnable> last = new ArrayList<>();
    arrived.drainTo(last);
    underWay = 0;
    last.forEach(Runnable::run);
    underWay = 0;
    mirror.startAgain();
    store = open(folder);
    real = new DiskMessageStore(store);
    assertThat(store.recover().queues()).isEqualTo(mirror.states());
    assertThat(store.verify().problems()).isEmpty();
    for (long queueId = 1; queueId <= queues; queueId++) {
      verify(queueId);
    }
  }

  private void verify(long queueId) {
    List<Loaded> found = new ArrayList<>();
    long from = 0;
    Page page;
    do {
      page = readNow(queueId, from);
      found.addAll(page.messages());
      from = page.resumeAt();
    } while (!page.messages().isEmpty());
    var expected = mirror.live(queueId);
    assertThat(found.stream().map(Loaded::position).toList())
        .as("what is stored of queue %s", queueId)
        .isEqualTo(List.copyOf(expected.keySet()));
    for (Loaded loaded : found) {
      assertThat(loaded.returns()).isEqualTo(expected.get(loaded.position()).returns());
      Message message = mirror.message(queueId, loaded.position());
      assertThat(message).isNotNull();
      QueueChronicle.assertSame(loaded.message(), message);
    }
  }

  private Page readNow(long queueId, long from) {
    CompletableFuture<Page> answer = new CompletableFuture<>();
    assertThat(real.read(queueId, from, 64 * 1024, answer::complete)).isTrue();
    return answer.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
  }

  @Override
  public void close() {
    store.close();
  }
}
