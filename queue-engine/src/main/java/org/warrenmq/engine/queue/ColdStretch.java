package org.warrenmq.engine.queue;

import org.warrenmq.engine.message.Stamps;

/**
 * Where a {@link QueueLog} is not in memory: positions of which only the number of messages is
 * known, as they lie in the message store. Part of the log, while there are any.
 */
final class ColdStretch {
  private long from;
  private long to;

  /** Messages between the two. */
  private long count;

  /** Their body bytes. */
  private long bytes;

  /**
   * When the first message from {@link #from} on came, which may have been read already; {@link
   * Stamps#UNKNOWN} if that has to be read.
   */
  private long since = Stamps.UNKNOWN;

  /** One without messages yet. */
  ColdStretch(long from, long to) {
    this(from, to, 0, 0);
  }

  ColdStretch(long from, long to, long count, long bytes) {
    this.from = from;
    this.to = to;
    this.count = count;
    this.bytes = bytes;
  }

  boolean isEmpty() {
    return count == 0;
  }

  /** Where it begins. */
  long from() {
    return from;
  }

  long to() {
    return to;
  }

  long count() {
    return count;
  }

  long bytes() {
    return bytes;
  }

  boolean contains(long position) {
    return position >= from && position < to;
  }

  long since() {
    return since;
  }

  /** The first message from its beginning on came at a time, in milliseconds since the epoch. */
  void since(long millis) {
    since = millis;
  }

  /** It goes on to a position. {@link #add} tells of the messages. */
  void extend(long first, long end) {
    if (to != first) {
      throw new IllegalStateException("cold to " + to + ", paging out from " + first);
    }
    to = end;
  }

  /** It begins earlier. {@link #add} tells of the messages. */
  void precede(long first) {
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
    since = Stamps.UNKNOWN;
  }

  /** Everything below a position was read. */
  void advance(long position) {
    if (position > from) {
      from = position;
      // What is before it now may have been read earlier, together with something else.
      since = Stamps.UNKNOWN;
    }
  }
}
