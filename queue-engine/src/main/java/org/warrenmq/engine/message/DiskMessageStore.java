package org.warrenmq.engine.message;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.Body;
import org.warrenmq.store.BodySize;
import org.warrenmq.store.MessageBatch;
import org.warrenmq.store.ScheduleBatch;
import org.warrenmq.store.ScheduledMessage;
import org.warrenmq.store.Store;
import org.warrenmq.store.StoreException;
import org.warrenmq.store.StoredMessage;
import org.warrenmq.store.TurnWrites;

/**
 * The node's {@link Store} as queues see it; used from any loop. Messages are decoded on the
 * store's reader thread, so that no loop spends its time on that.
 */
public final class DiskMessageStore implements MessageStore {
  private final Store store;
  private final AtomicLong transactions = new AtomicLong();

  public DiskMessageStore(Store store) {
    this.store = store;
  }

  /** What a store of messages is to be opened with. */
  public static BodySize bodySize() {
    return StoredForm::bodySize;
  }

  @Override
  public void submit(TurnWrites turn) {
    store.writer().submit(turn);
  }

  @Override
  public boolean hasRoom() {
    return store.writer().hasRoom();
  }

  @Override
  public void whenRoom(Runnable action) {
    store.writer().whenRoom(action);
  }

  @Override
  public boolean read(long queueId, long from, long maxBytes, Consumer<Page> callback) {
    return store.reader().read(queueId, from, maxBytes, batch -> callback.accept(decode(batch)));
  }

  @Override
  public boolean readScheduled(
      long owner, long due, long id, long maxBytes, Consumer<SchedulePage> callback) {
    return store
        .reader()
        .readScheduled(owner, due, id, maxBytes, batch -> callback.accept(decode(batch)));
  }

  @Override
  public long newBody() {
    return store.newBody();
  }

  @Override
  public boolean readPiece(Body.Stored body, int index, Consumer<byte @Nullable []> callback) {
    return store.reader().readPiece(body.id(), index, body.persistent(), callback);
  }

  @Override
  public long newTransaction() {
    return transactions.incrementAndGet();
  }

  @Override
  public void broken(String what) {
    store.fail(new StoreException(what));
  }

  private static SchedulePage decode(ScheduleBatch batch) {
    List<Scheduled> scheduled = new ArrayList<>(batch.messages().size());
    for (ScheduledMessage stored : batch.messages()) {
      scheduled.add(StoredForm.read(stored));
    }
    return new SchedulePage(scheduled, batch.atEnd());
  }

  private static Page decode(MessageBatch batch) {
    List<Loaded> loaded = new ArrayList<>(batch.messages().size());
    for (StoredMessage stored : batch.messages()) {
      loaded.add(StoredForm.read(stored));
    }
    return new Page(loaded, batch.resumeAt());
  }
}
