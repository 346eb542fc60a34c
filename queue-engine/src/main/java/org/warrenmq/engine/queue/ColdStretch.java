package org.warrenmq.engine.queue;

/**
 * Where a {@link QueueLog} is not in memory: positions of which only the number of messages is
 * known, as they lie in the message store. Part of the log.
 */
final class ColdStretch {
  private long from;
  private long to;

  /** Messages between the two. */
  private long count;

  /** Their body bytes. */
  private long bytes;

  boolean isEmpty() {
    return count == 0;
  }

  /** Where it begins; without meaning while it is empty. */
  long from() {
    return from;
  }

  long to() {
    return to;
  }

  long count() {
    return count;
  }

  boolean contains(long position) {
    return count > 0 && position >= from && position < to;
  }

  /** How a log comes back at a start: cold altogether. */
  void restore(long floor, long end, long messages, long bodyBytes) {
    from = floor;
    to = end;
    count = messages;
    bytes = bodyBytes;
  }

  /** It goes on to a position, or begins. {@link #add} tells of the messages. */
  void extend(long first, long end) {
    if (count == 0) {
      from = first;
    } else if (to != first) {
      throw new IllegalStateException("cold to " + to + ", paging out from " + first);
    }
    to = end;
  }

  /**
   * It begins earlier; where it was empty, it goes to an end. {@link #add} tells of the messages.
   */
  void precede(long first, long end) {
    if (count == 0) {
      to = end;
    }
    from = first;
  }

  void add(long size) {
    count++;
    bytes += size;
  }

  /** One of its messages was read. */
  void loaded(long size) {
    bytes -= size;
    count--;
  }

  /** Everything below a position was read. */
  void advance(long position) {
    from = Math.max(from, position);
  }

  /**
   * It is no more.
   *
   * @return the bytes that were in it
   */
  long end(long position) {
    long left = bytes;
    bytes = 0;
    count = 0;
    from = position;
    to = position;
    return left;
  }
}
