package org.warrenmq.store;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * One record of a queue's log: some messages of one page. Encoded on the writer thread, decoded on
 * whichever thread reads; stateless.
 *
 * <p>Layout: version, flags, count, earliest time, how much later the latest one is, [earliest
 * expiry], then per message [offset from the first, one byte, in a chunk with holes], length,
 * bytes. Version 1 has no times, and the expiry in 8 bytes. A chunk never crosses a page boundary
 * of {@link SettledPages#PAGE} positions: so a page whose messages are all settled takes its chunks
 * with it, and nobody needs an index of them.
 */
final class Chunk {
  static final int VERSION = 2;

  /** Inline bytes of one chunk at most, unless a single message is larger. */
  static final int MAX_BYTES = 64 << 10;

  /**
   * Milliseconds between the times of a chunk's messages at most: so exactly the time of each is
   * known.
   */
  static final long MAX_SPAN = 100;

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
   * Messages to be cut into chunks: side by side, as an object for each would cost more.
   *
   * @param positions ascending, at least as many as messages
   * @param earliest when each was appended, at the earliest
   * @param latest the same at the latest; differs only where it is not known exactly any more
   */
  record Uncut(
      long[] positions, long[] earliest, long[] latest, List<? extends Storable> messages) {}

  /**
   * What is known of a chunk without looking at its messages. Times are milliseconds since the
   * epoch, and those of a clock that may have been set back.
   *
   * @param earliest no message of it was appended before; 0 if that is not known of all
   * @param latest nor after; 0 if that is not known of any
   * @param earliestExpiry MAX_VALUE when none expires
   */
  record Header(boolean holes, int count, long earliest, long latest, long earliestExpiry) {
    private static Header read(ByteBuffer source) {
      int version = Bytes.version(source, VERSION, "a chunk of messages");
      int flags = source.get();
      int count = (int) Bytes.getVar(source);
      long earliest = version == 1 ? 0 : Bytes.getVar(source);
      long latest = version == 1 ? 0 : earliest + Bytes.getVar(source);
      long expiry = Long.MAX_VALUE;
      if ((flags & EXPIRY) != 0) {
        expiry = version == 1 ? source.getLong() : Bytes.getVar(source);
      }
      return new Header((flags & HOLES) != 0, count, earliest, latest, expiry);
    }

    private int size() {
      return 2
          + Bytes.varLength(count)
          + Bytes.varLength(earliest)
          + Bytes.varLength(latest - earliest)
          + (expires() ? Bytes.varLength(earliestExpiry) : 0);
    }

    private boolean expires() {
      return earliestExpiry != Long.MAX_VALUE;
    }

    private void write(ByteBuffer target) {
      target.put((byte) VERSION).put((byte) ((holes ? HOLES : 0) | (expires() ? EXPIRY : 0)));
      Bytes.putVar(target, count);
      Bytes.putVar(target, earliest);
      Bytes.putVar(target, latest - earliest);
      if (expires()) {
        Bytes.putVar(target, earliestExpiry);
      }
    }
  }

  /**
   * Cuts messages into chunks, by page, by size and by time.
   *
   * @return bytes of all messages
   */
  static long cut(Uncut uncut, Sink sink) {
    long[] positions = uncut.positions();
    List<? extends Storable> messages = uncut.messages();
    long sum = 0;
    int start = 0;
    while (start < messages.size()) {
      long page = SettledPages.page(positions[start]);
      long bytes = messages.get(start).storedSize();
      long earliest = uncut.earliest()[start];
      long latest = uncut.latest()[start];
      int end = start + 1;
      while (end < messages.size()
          && SettledPages.page(positions[end]) == page
          && bytes + messages.get(end).storedSize() <= MAX_BYTES) {
        earliest = Math.min(earliest, uncut.earliest()[end]);
        latest = Math.max(latest, uncut.latest()[end]);
        if (latest - earliest > MAX_SPAN) {
          break;
        }
        bytes += messages.get(end).storedSize();
        end++;
      }
      sink.chunk(positions[start], encode(uncut, start, end));
      sum += bytes;
      start = end;
    }
    return sum;
  }

  /**
   * @param uncut has them all in one page, from one index to the other
   * @param from first index taken
   * @param to first index not taken
   */
  static byte[] encode(Uncut uncut, int from, int to) {
    Header header = header(uncut, from, to);
    int size = header.size() + (header.holes() ? header.count() : 0);
    for (int i = from; i < to; i++) {
      int length = uncut.messages().get(i).storedSize();
      size += Bytes.varLength(length) + length;
    }
    ByteBuffer target = ByteBuffer.allocate(size);
    header.write(target);
    long first = uncut.positions()[from];
    for (int i = from; i < to; i++) {
      if (header.holes()) {
        target.put((byte) (uncut.positions()[i] - first));
      }
      encode(uncut.messages().get(i), target);
    }
    return target.array();
  }

  private static Header header(Uncut uncut, int from, int to) {
    long[] positions = uncut.positions();
    int count = to - from;
    long earliest = Long.MAX_VALUE;
    long latest = 0;
    long expiry = Long.MAX_VALUE;
    for (int i = from; i < to; i++) {
      earliest = Math.min(earliest, uncut.earliest()[i]);
      latest = Math.max(latest, uncut.latest()[i]);
      expiry = Math.min(expiry, uncut.messages().get(i).expiresAt());
    }
    boolean holes = positions[to - 1] - positions[from] != count - 1;
    return new Header(holes, count, earliest, latest, expiry);
  }

  private static void encode(Storable message, ByteBuffer target) {
    int length = message.storedSize();
    Bytes.putVar(target, length);
    int start = target.position();
    message.store(target);
    if (target.position() - start != length) {
      throw new StoreException(
          "a message announced %d bytes and wrote %d".formatted(length, target.position() - start));
    }
  }

  /** Walks the messages; nothing is copied, the visitor takes what it wants. */
  static void read(long first, byte[] value, Visitor visitor) {
    ByteBuffer source = ByteBuffer.wrap(value);
    Header header = Header.read(source);
    for (int i = 0; i < header.count(); i++) {
      long position = first + (header.holes() ? source.get() & 0xff : i);
      int length = (int) Bytes.getVar(source);
      int end = source.position() + length;
      if (!visitor.message(position, source, length)) {
        return;
      }
      source.position(end);
    }
  }

  static Header header(byte[] value) {
    return Header.read(ByteBuffer.wrap(value));
  }
}
