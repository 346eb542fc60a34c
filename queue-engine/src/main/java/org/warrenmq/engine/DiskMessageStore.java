package org.warrenmq.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.warrenmq.store.MessageBatch;
import org.warrenmq.store.Store;
import org.warrenmq.store.StoreException;
import org.warrenmq.store.StoreReader.FragmentSource;
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
    return store
        .reader()
        .read(
            queueId,
            from,
            maxBytes,
            (batch, fragments) -> callback.accept(decode(batch, maxBytes, fragments)));
  }

  @Override
  public long newTransaction() {
    return transactions.incrementAndGet();
  }

  @Override
  public void broken(String what) {
    store.fail(new StoreException(what));
  }

  /** Large bodies do not count in what the store reads: with them a page may end earlier. */
  private static Page decode(MessageBatch batch, long maxBytes, FragmentSource fragments) {
    List<Loaded> loaded = new ArrayList<>(batch.messages().size());
    long bytes = 0;
    for (StoredMessage stored : batch.messages()) {
      if (bytes > maxBytes) {
        return new Page(loaded, stored.position());
      }
      Message message = StoredForm.read(stored.bytes(), () -> fragments.read(stored.position()));
      bytes += message.size();
      loaded.add(new Loaded(stored.position(), message, stored.returns()));
    }
    return new Page(loaded, batch.resumeAt());
  }
}
