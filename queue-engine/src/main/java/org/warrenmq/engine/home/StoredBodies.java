package org.warrenmq.engine.home;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.Body;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.message.MessageStore;
import org.warrenmq.store.TurnWrites;
import org.warrenmq.store.WriteRequest;

/**
 * Large bodies as the rooms of one loop deal with them: they are put into the message store piece
 * by piece as they come, and read back piece by piece when they are sent, so that none is ever
 * whole in memory. Lives on the loop.
 *
 * <p>A body stays while somebody <em>holds</em> it or a queue has a message with it. Whoever begins
 * one holds it, and passes that on with the message: to a queue, or to the client that gets it. So
 * a message under way is held once for each place it goes to. Bodies in memory are nobody's
 * concern, and everything here passes them over.
 *
 * <p>What is asked for reaches the store with the turn, before what the loop's queues want written
 * and before any mail leaves, and never waits for a transaction: so holds are counted in the order
 * in which they came to be, whatever loop that happens on.
 */
public final class StoredBodies {
  /** How long to wait when too many reads are under way. */
  private static final int RETRY_MILLIS = 2;

  private final RoomLoop loop;
  private final MessageStore store;
  private List<WriteRequest> requests = new ArrayList<>(2);

  StoredBodies(RoomLoop loop, MessageStore store) {
    this.loop = loop;
    this.store = store;
  }

  /** An id for a body that is about to be put here. */
  public long newBody() {
    return store.newBody();
  }

  /**
   * One piece of a body; with the first one put it is held.
   *
   * @param index from 0
   * @param bytes {@link Body#PIECE} of them, or fewer in the last piece; passes to the store
   */
  public void put(long body, int index, byte[] bytes, boolean persistent) {
    request(new WriteRequest.PutPiece(body, index, bytes, persistent));
  }

  /** So many more hold the body, all of which release it in the end. */
  public void hold(Body body, int times) {
    if (times > 0 && body instanceof Body.Stored stored) {
      request(new WriteRequest.Hold(stored.id(), times));
    }
  }

  /** A holder needs the body no longer. */
  public void release(Body body) {
    if (body instanceof Body.Stored stored) {
      release(stored.id());
    }
  }

  /** The same for one that did not become whole. */
  public void release(long body) {
    request(new WriteRequest.Release(body));
  }

  /** A queue takes a message, and with it its hold on the body. */
  public void refer(Body body, long queueId, long position, boolean lasting) {
    if (body instanceof Body.Stored stored) {
      request(new WriteRequest.Refer(stored.id(), queueId, position, lasting));
      release(stored.id());
    }
  }

  /**
   * Reads a piece of a body that the caller holds, and goes on holding until it is answered.
   *
   * @param callback gets it in a turn of this loop; never, when the store fails
   */
  public void read(Body.Stored body, int index, Consumer<byte[]> callback) {
    // It may have been put in this turn.
    submit();
    boolean taken =
        store.readPiece(
            body, index, bytes -> loop.post(() -> answer(body, index, bytes, callback)));
    if (!taken) {
      loop.schedule(RETRY_MILLIS, () -> read(body, index, callback));
    }
  }

  private void answer(
      Body.Stored body, int index, byte @Nullable [] bytes, Consumer<byte[]> callback) {
    if (bytes == null) {
      store.broken("piece %d of body %d is not there".formatted(index, body.id()));
    } else {
      callback.accept(bytes);
    }
  }

  private void request(WriteRequest request) {
    assert loop.inRoom();
    requests.add(request);
    loop.scheduleTurn();
  }

  /** Queues go on elsewhere, without the messages that they were given in this turn. */
  void discardReferences() {
    requests.removeIf(WriteRequest.Refer.class::isInstance);
  }

  boolean isEmpty() {
    return requests.isEmpty();
  }

  /** Hands over what has gathered. */
  void submit() {
    if (!requests.isEmpty()) {
      store.submit(TurnWrites.unsynced(requests));
      requests = new ArrayList<>(2);
    }
  }
}
