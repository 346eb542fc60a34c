package org.warrenmq.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a queue contains: messages by position, and how often each came back. Applies outcomes and
 * decides nothing; runs in the queue's room (or wherever a copy is kept).
 *
 * <p>Positions grow by one per message and are never reused. Messages lie in segments of 128, so a
 * deep queue never copies its content, and a segment whose messages are all settled is dropped even
 * when an older one is still held. An empty log holds the unfinished segment at its end at most.
 */
public final class QueueLog {
  private static final int SHIFT = 7;
  private static final int SEGMENT = 1 << SHIFT;
  private static final int MASK = SEGMENT - 1;
  private static final @Nullable Segment[] NONE = {};

  private static final class Segment {
    final @Nullable Message[] messages = new @Nullable Message[SEGMENT];
    int live;

    /** Times each message came back; allocated with the first return. */
    int @Nullable [] returns;
  }

  /** Ring of segments; a power of two, or empty. */
  private @Nullable Segment[] segments = NONE;

  /** Segment number (position >> SHIFT) of the oldest one kept. */
  private long firstSegment;

  private long next;
  private long size;
  private long bytes;

  /** Position of the next message appended. */
  public long next() {
    return next;
  }

  /** Messages contained, delivered or not. */
  public long size() {
    return size;
  }

  /** Body bytes contained. */
  public long bytes() {
    return bytes;
  }

  /** Applies a recorded decision. */
  public void apply(Outcome outcome) {
    switch (outcome) {
      case Outcome.Append(long first, var messages) -> {
        if (first != next) {
          throw new IllegalStateException("append at " + first + " to a log ending at " + next);
        }
        messages.forEach(this::append);
      }
      case Outcome.Settle(long[] positions, _) -> {
        for (long position : positions) {
          settle(position);
        }
      }
      case Outcome.Return(long[] positions) -> {
        for (long position : positions) {
          returned(position);
        }
      }
      case Outcome.Purge(long below, long[] kept) -> purge(below, kept);
    }
  }

  long append(Message message) {
    long position = next++;
    Segment segment = segmentForAppend(position >> SHIFT);
    segment.messages[(int) position & MASK] = message;
    segment.live++;
    size++;
    bytes += message.size();
    return position;
  }

  /** Removes a message and returns it. */
  Message settle(long position) {
    Segment segment = segmentAt(position >> SHIFT);
    int slot = (int) position & MASK;
    Message message = segment == null ? null : segment.messages[slot];
    if (segment == null || message == null) {
      throw new IllegalStateException("no message at " + position);
    }
    segment.messages[slot] = null;
    size--;
    bytes -= message.size();
    if (--segment.live == 0) {
      segment.returns = null;
      if (position >> SHIFT != next >> SHIFT) {
        drop(position >> SHIFT);
      }
    }
    return message;
  }

  void returned(long position) {
    Segment segment = segmentAt(position >> SHIFT);
    if (segment == null || segment.messages[(int) position & MASK] == null) {
      throw new IllegalStateException("no message at " + position);
    }
    if (segment.returns == null) {
      segment.returns = new int[SEGMENT];
    }
    segment.returns[(int) position & MASK]++;
  }

  private void purge(long below, long[] kept) {
    long position = firstSegment << SHIFT;
    int k = 0;
    while (position < below) {
      if (segmentAt(position >> SHIFT) == null) {
        position = ((position >> SHIFT) + 1) << SHIFT;
        continue;
      }
      while (k < kept.length && kept[k] < position) {
        k++;
      }
      boolean keep = k < kept.length && kept[k] == position;
      if (!keep && get(position) != null) {
        settle(position);
      }
      position++;
    }
  }

  /** Forgets all content; positions go on. */
  void clear() {
    segments = NONE;
    firstSegment = next >> SHIFT;
    size = 0;
    bytes = 0;
  }

  /** The message at a position, or null when it was settled or never appended. */
  public @Nullable Message get(long position) {
    Segment segment = segmentAt(position >> SHIFT);
    return segment == null ? null : segment.messages[(int) position & MASK];
  }

  /** How often the message at this position came back after a delivery. */
  public int returns(long position) {
    Segment segment = segmentAt(position >> SHIFT);
    return segment == null || segment.returns == null ? 0 : segment.returns[(int) position & MASK];
  }

  private @Nullable Segment segmentAt(long number) {
    long offset = number - firstSegment;
    return offset < 0 || offset >= segments.length
        ? null
        : segments[(int) number & (segments.length - 1)];
  }

  private Segment segmentForAppend(long number) {
    if (size == 0 && firstSegment != number) {
      // Everything before is gone: start afresh here.
      firstSegment = number;
    }
    if (number - firstSegment >= segments.length) {
      grow();
    }
    int index = (int) number & (segments.length - 1);
    Segment segment = segments[index];
    if (segment == null) {
      segment = new Segment();
      segments[index] = segment;
    }
    return segment;
  }

  private void grow() {
    int capacity = Math.max(2, segments.length * 2);
    @Nullable Segment[] grown = new @Nullable Segment[capacity];
    for (long n = firstSegment; n < firstSegment + segments.length; n++) {
      grown[(int) n & (capacity - 1)] = segments[(int) n & (segments.length - 1)];
    }
    segments = grown;
  }

  /** Forgets an emptied segment and moves the start past all that are gone. */
  private void drop(long number) {
    segments[(int) number & (segments.length - 1)] = null;
    while (firstSegment < next >> SHIFT
        && segments[(int) firstSegment & (segments.length - 1)] == null) {
      firstSegment++;
    }
    if (segments.length > 64 && size < (long) segments.length * SEGMENT / 16) {
      shrink();
    }
  }

  /** A queue that was deep once gives the ring back, if what is left spans little of it. */
  private void shrink() {
    long span = (next >> SHIFT) - firstSegment + 1;
    int capacity = Math.max(2, Integer.highestOneBit((int) Math.min(span, 1 << 29)) << 1);
    if (capacity >= segments.length) {
      return;
    }
    @Nullable Segment[] small = new @Nullable Segment[capacity];
    for (long n = firstSegment; n < firstSegment + span; n++) {
      small[(int) n & (capacity - 1)] = segments[(int) n & (segments.length - 1)];
    }
    segments = small;
  }

  /** Content and delivery counts, for comparing a copy with its original. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof QueueLog that
        && next == that.next
        && size == that.size
        && bytes == that.bytes
        && Arrays.equals(livePositions(), that.livePositions())
        && Arrays.stream(livePositions())
            .allMatch(p -> get(p) == that.get(p) && returns(p) == that.returns(p));
  }

  @Override
  public int hashCode() {
    return Long.hashCode(next) * 31 + Long.hashCode(size);
  }

  /** Positions of all messages contained, ascending. */
  public long[] livePositions() {
    long[] live = new long[(int) size];
    int n = 0;
    for (long p = firstSegment << SHIFT; p < next; p++) {
      if (get(p) != null) {
        live[n++] = p;
      }
    }
    return live;
  }
}
