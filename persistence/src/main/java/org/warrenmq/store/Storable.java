package org.warrenmq.store;

import java.nio.ByteBuffer;

/**
 * A message as the store sees it: immutable, made in a room, encoded by the writer thread only when
 * it is really written, so that one settled before that costs nothing.
 */
public interface Storable {
  /** Exact number of bytes {@link #store} writes; never changes. */
  int storedSize();

  /** Bytes of its body, by which queues are measured; never changes. */
  long bodySize();

  /**
   * Writes the bytes at the buffer's position. Called on the writer thread, at most once per log.
   */
  void store(ByteBuffer target);

  /**
   * True: must outlive a restart, goes to the main database. False: goes to the spill database,
   * which is wiped at start. For a queue that is not durable every message is false.
   */
  boolean persistent();

  /** When it expires, in milliseconds since the epoch; {@link Long#MAX_VALUE} for never. */
  default long expiresAt() {
    return Long.MAX_VALUE;
  }

  /** A message of plain bytes; the array is not copied and must not change any more. */
  static Storable of(byte[] bytes, boolean persistent) {
    return new Plain(bytes, persistent);
  }

  /** Bytes that are already encoded. */
  record Plain(byte[] bytes, boolean persistent) implements Storable {
    @Override
    public int storedSize() {
      return bytes.length;
    }

    @Override
    public long bodySize() {
      return bytes.length;
    }

    @Override
    public void store(ByteBuffer target) {
      target.put(bytes);
    }
  }
}
