package org.warrenmq.broker;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.Body;
import org.warrenmq.engine.message.MessageStore;
import org.warrenmq.store.TurnWrites;

/** A store that takes everything at once and keeps nothing; any thread. */
public class ForgetfulStore implements MessageStore {
  private final AtomicLong transactions = new AtomicLong();

  @Override
  public void submit(TurnWrites turn) {
    Runnable completion = turn.completion();
    if (completion != null) {
      completion.run();
    }
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
    callback.accept(new Page(List.of(), from));
    return true;
  }

  @Override
  public long newBody() {
    return 1;
  }

  @Override
  public boolean readPiece(Body.Stored body, int index, Consumer<byte @Nullable []> callback) {
    return false;
  }

  @Override
  public long newTransaction() {
    return transactions.incrementAndGet();
  }

  @Override
  public void broken(String what) {
    throw new AssertionError(what);
  }
}
