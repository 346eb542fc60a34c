package org.warrenmq.store;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * One record of a queue's log: some messages of one page. Encoded on the writer thread, decoded on
 * whichever thread reads; stateless.
 *
 * <p>Layout: version, flags, count, [earliest expiry, 8 bytes], then per message [offset from the
 * first, one byte, in a chunk with holes], length, bytes. A chunk never crosses a page boundary of
 * {@link SettledPages#PAGE} positions: so a page whose messages are all settled takes its chunks
 * with it, and nobody needs an index of them.
 */
final class Chunk {
  static final int VERSION = 1;

  /** Inline bytes of one chunk at most, unless a single message is larger. */
  static final int MAX_BYTES = 64 << 10;

  private static final int HOLES = 1;
  private static final int EXPIRY = 2;

  private Chunk() {}

  /** Takes the messages of a chunk, one by one. */
  interface Visitor {
    /**
     * @param source positioned at the message's bytes; may be left anywhere
     * @return false to stop
     */
    boolean message(long position, ByteBuffer source, int length);
  }

  /** Takes encoded chunks. */
  interface Sink {
    void chunk(long first, byte[] value);
  }

  /**
   * Cuts messages into chunks, by page and by size.
   *
   * @param positions ascending, at least as many as messages
   * @return bytes of all messages
   */
  static long cut(long[] positions, List<? extends Storable> messages, Sink sink) {
    long sum = 0;
    int start = 0;
    while (start < messages.size()) {
      long page = SettledPages.page(positions[start]);
      long bytes = messages.get(start).storedSize();
      int end = start + 1;
      while (end < messages.size()
          && SettledPages.page(positions[end]) == page
          && bytes + messages.get(end).storedSize() <= MAX_BYTES) {
        bytes += messages.get(end).storedSize();
        end++;
      }
      sink.chunk(positions[start], encode(positions, messages, start, end));
      sum += bytes;
      start = end;
    }
    return sum;
  }

  /**
   * @param positions ascending, all in one page
   * @param from first index taken from both lists
   * @param to first index not taken
   */
  static byte[] encode(long[] positions, List<? extends Storable> messages, int from, int to) {
    long first = positions[from];
    int count = to - from;
    boolean holes = positions[to - 1] - first != count - 1;
    long expiry = Long.MAX_VALUE;
    int size = 2 + Bytes.varLength(count) + (holes ? count : 0);
    for (int i = from; i < to; i++) {
      Storable message = messages.get(i);
      int length = message.storedSize();
      size += Bytes.varLength(length) + length;
      expiry = Math.min(expiry, message.expiresAt());
    }
    boolean expires = expiry != Long.MAX_VALUE;
    ByteBuffer target = ByteBuffer.allocate(size + (expires ? 8 : 0));
    target.put((byte) VERSION).put((byte) ((holes ? HOLES : 0) | (expires ? EXPIRY : 0)));
    Bytes.putVar(target, count);
    if (expires) {
      target.putLong(expiry);
    }
    for (int i = from; i < to; i++) {
      Storable message = messages.get(i);
      if (holes) {
        target.put((byte) (positions[i] - first));
      }
      int length = message.storedSize();
      Bytes.putVar(target, length);
      int start = target.position();
      message.store(target);
      if (target.position() - start != length) {
        throw new StoreException(
            "a message announced %d bytes and wrote %d"
                .formatted(length, target.position() - start));
      }
    }
    return target.array();
  }

  /** Walks the messages; nothing is copied, the visitor takes what it wants. */
  static void read(long first, byte[] value, Visitor visitor) {
    ByteBuffer source = ByteBuffer.wrap(value);
    Bytes.checkVersion(source, VERSION, "a chunk of messages");
    byte flags = source.get();
    long count = Bytes.getVar(source);
    if ((flags & EXPIRY) != 0) {
      source.getLong();
    }
    for (int i = 0; i < count; i++) {
      long position = first + ((flags & HOLES) != 0 ? source.get() & 0xff : i);
      int length = (int) Bytes.getVar(source);
      int end = source.position() + length;
      if (!visitor.message(position, source, length)) {
        return;
      }
      source.position(end);
    }
  }

  /** Earliest expiry of its messages, milliseconds since the epoch; MAX_VALUE when none expires. */
  static long earliestExpiry(byte[] value) {
    ByteBuffer source = ByteBuffer.wrap(value);
    Bytes.checkVersion(source, VERSION, "a chunk of messages");
    byte flags = source.get();
    Bytes.getVar(source);
    return (flags & EXPIRY) != 0 ? source.getLong() : Long.MAX_VALUE;
  }
}
