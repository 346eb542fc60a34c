package org.warrenmq.store;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.warrenmq.store.WriteRequest.PutPiece;

/**
 * Pieces of large bodies that are in memory: from the moment they are handed over, so that whoever
 * holds a body finds all of it, here or in a database. For any thread; what stays how long is
 * decided by the {@link BodyTable}.
 */
final class ResidentPieces {
  private record Key(long body, int index) {}

  private final ConcurrentHashMap<Key, byte[]> pieces = new ConcurrentHashMap<>();
  private final AtomicLong bytes = new AtomicLong();

  /** Takes the pieces that a turn brings. */
  void add(TurnWrites turn) {
    for (WriteRequest request : turn.requests()) {
      if (request instanceof PutPiece piece) {
        pieces.put(new Key(piece.body(), piece.index()), piece.bytes());
        bytes.addAndGet(piece.bytes().length);
      }
    }
  }

  byte @Nullable [] get(long body, int index) {
    return pieces.isEmpty() ? null : pieces.get(new Key(body, index));
  }

  /** Forgets a body. */
  void drop(long body, int count) {
    for (int index = 0; index < count; index++) {
      byte[] dropped = pieces.remove(new Key(body, index));
      if (dropped != null) {
        bytes.addAndGet(-dropped.length);
      }
    }
  }

  /** What all of them take. */
  long bytes() {
    return bytes.get();
  }
}
