package org.warrenmq.engine.queue;

import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.home.MessageMemory;
import org.warrenmq.engine.message.Entry;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.PagedOut;
import org.warrenmq.engine.message.Stamps;
import org.warrenmq.store.WriteRequest.Return;

/**
 * What a queue contains: messages by position, and how often each came back. Decides nothing; runs
 * in the queue's room.
 *
 * <p>Positions grow by one per message and are never reused. Messages lie in segments of 128, so a
 * deep queue never copies its content, and a segment whose messages are all settled is dropped even
 * when an older one is still held. An empty log holds the unfinished segment at its end at most.
 *
 * <p>Not all of it is in memory. One stretch, the {@linkplain ColdStretch cold} one, is only
 * counted and lies in the message store: what was never delivered, between the messages read ahead
 * of the consumers and those that have just been published. And single messages that were delivered
 * may be {@link PagedOut}.
 */
public final class QueueLog {
  private static final int SHIFT = LogSegment.SHIFT;
  private static final @Nullable LogSegment[] NONE = {};

  private final MessageMemory memory;

  /** Ring of segments; a power of two, or empty. */
  private @Nullable LogSegment[] segments = NONE;

  /** LogSegment number (position >> SHIFT) of the oldest one kept. */
  private long firstSegment;

  private long next;
  private long size;
  private long bytes;

  /** What its messages in memory are charged with. */
  private long residentCost;

  /** Messages of which only the size is in memory. */
  private int pagedOut;

  private @Nullable PagedOut lastPagedOut;

  /** Null while nothing is cold. */
  private @Nullable ColdStretch cold;

  /** Null while no message has to leave at a time. */
  private @Nullable DueTimes dues;

  /** A log whose messages are charged to nobody. */
  public QueueLog() {
    this(new MessageMemory(Long.MAX_VALUE));
  }

  /**
   * @param memory charged with the messages in memory
   */
  QueueLog(MessageMemory memory) {
    this.memory = memory;
  }

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

  /** Messages of which only the size is in memory. */
  int remains() {
    return pagedOut;
  }

  /** What the messages in memory are charged with, in bytes. */
  long residentCost() {
    return residentCost;
  }

  /** What is in the store only; null when there is nothing. */
  @Nullable ColdStretch cold() {
    return cold;
  }

  /** Where that begins; where the log ends when there is nothing. */
  long coldFrom() {
    return cold == null ? next : cold.from();
  }

  /** Where it ends; where the log ends when there is nothing. */
  long coldTo() {
    return cold == null ? next : cold.to();
  }

  /** An empty log becomes one that is cold altogether: how a queue comes back at a start. */
  void restore(long floor, long end, long count, long bodyBytes) {
    firstSegment = floor >> SHIFT;
    next = end;
    size = count;
    bytes = bodyBytes;
    cold = count == 0 ? null : new ColdStretch(floor, end, count, bodyBytes);
  }

  /**
   * @param now when it came, in milliseconds since the epoch
   * @param precision milliseconds by which it may count as older than it is
   */
  long append(Message message, long now, int precision) {
    long position = next++;
    if (size == 0 && firstSegment != position >> SHIFT) {
      // Everything before is gone: start afresh here.
      firstSegment = position >> SHIFT;
    }
    put(position, message, now, precision);
    size++;
    bytes += message.size();
    return position;
  }

  private void put(long position, Message message, long came, int precision) {
    LogSegment segment = segmentFor(position >> SHIFT);
    segment.came(position, came, precision);
    segment.entries[LogSegment.index(position)] = message;
    segment.live++;
    charge(message);
  }

  private void charge(Message message) {
    long cost = MessageMemory.cost(message);
    residentCost += cost;
    memory.add(cost);
  }

  /** Messages mostly are of one size: what is left of them can be shared. */
  private PagedOut remainsOf(Message message) {
    PagedOut last = lastPagedOut;
    if (last == null
        || last.size() != message.size()
        || last.persistent() != message.persistent()) {
      last = new PagedOut(message.size(), message.persistent());
      lastPagedOut = last;
    }
    return last;
  }

  private void remains(int more) {
    pagedOut += more;
    memory.addRemains((long) MessageMemory.REMAINS * more);
  }

  /** What is kept of its messages beside it: no reason to keep fewer in memory. */
  void chargeBeside(long more) {
    memory.addRemains(more);
  }

  private void release(Message message) {
    long cost = MessageMemory.cost(message);
    residentCost -= cost;
    memory.add(-cost);
  }

  /** Removes a message that is not cold, and returns what there was of it. */
  Entry settle(long position) {
    LogSegment segment = segmentAt(position >> SHIFT);
    Entry entry = segment == null ? null : segment.entries[LogSegment.index(position)];
    if (segment == null || entry == null) {
      throw new IllegalStateException("no message at " + position);
    }
    size--;
    bytes -= entry.size();
    remove(segment, position);
    switch (entry) {
      case Message message -> release(message);
      case PagedOut _ -> remains(-1);
    }
    return entry;
  }

  private void remove(LogSegment segment, long position) {
    segment.entries[LogSegment.index(position)] = null;
    segment.back(position, false);
    if (--segment.live == 0) {
      segment.emptied();
      if (position >> SHIFT != next >> SHIFT) {
        drop(position >> SHIFT);
      }
    }
  }

  void returned(long position) {
    LogSegment segment = segmentAt(position >> SHIFT);
    if (segment == null || segment.entries[LogSegment.index(position)] == null) {
      throw new IllegalStateException("no message at " + position);
    }
    segment.returns(position, segment.returns(position) + 1);
  }

  /**
   * When the message at a position may be delivered again, in milliseconds, if it came back; mostly
   * {@link Return#AT_ONCE}.
   */
  long retryAt(long position) {
    LogSegment segment = segmentAt(position >> SHIFT);
    return segment == null ? Return.AT_ONCE : segment.retryAt(position);
  }

  void retryAt(long position, long millis) {
    segmentFor(position >> SHIFT).retryAt(position, millis);
  }

  /** A message that was taken is ready again, or is not any more. */
  void back(long position, boolean is) {
    LogSegment segment = segmentAt(position >> SHIFT);
    if (segment != null && segment.entry(position) != null) {
      segment.back(position, is);
      if (is && segment.due(position) != Stamps.NEVER) {
        // Its block may have been looked at while it was out.
        dues().add(position, segment.due(position), this::holdsAny);
      }
    }
  }

  /** Whether the message at a position was taken and is ready again. */
  boolean isBack(long position) {
    LogSegment segment = segmentAt(position >> SHIFT);
    return segment != null && segment.isBack(position);
  }

  /**
   * When the message at a position came, in milliseconds since the epoch; for one that is here, in
   * memory or in part.
   */
  long came(long position) {
    LogSegment segment = segmentAt(position >> SHIFT);
    if (segment == null) {
      throw new IllegalStateException("no message at " + position);
    }
    return segment.came(position);
  }

  /** Octets of the body at a position; 0 when nothing is known. */
  long sizeAt(long position) {
    Entry entry = entry(position);
    return entry == null ? 0 : entry.size();
  }

  /** The message at a position has to leave at a time, in milliseconds. */
  void due(long position, long millis) {
    segmentFor(position >> SHIFT).due(position, millis);
    dues().add(position, millis, this::holdsAny);
  }

  private DueTimes dues() {
    DueTimes present = dues;
    if (present == null) {
      present = new DueTimes();
      dues = present;
    }
    return present;
  }

  /** When messages have to leave; null when none ever had to. */
  @Nullable DueTimes dueTimes() {
    return dues;
  }

  /** Of what is cold below a position nobody has read when it is due. */
  void duesUnknown(long below) {
    if (cold != null && cold.from() < below) {
      dues().unknown(cold.from(), Math.min(cold.to(), below));
    }
  }

  /** A message has to leave that may be cold, at a time, or others of its block. */
  void dueInBlock(long position, long millis) {
    dues().add(position, millis, this::holdsAny);
  }

  /** Whether something of a block is here, or may be cold. */
  private boolean holdsAny(long block) {
    return segmentAt(block >> SHIFT) != null
        || segmentAt((block >> SHIFT) + 1) != null
        || hasColdIn(block);
  }

  /** Whether something of a block may be cold. */
  boolean hasColdIn(long block) {
    return cold != null && cold.from() < block + DueTimes.BLOCK && cold.to() > block;
  }

  /** Whether the message at a position is cold, if it is there at all. */
  boolean isCold(long position) {
    return cold != null && cold.contains(position) && entry(position) == null;
  }

  /** A cold message has left the queue. */
  void settleCold(long messageSize) {
    ColdStretch stretch = cold;
    if (stretch != null) {
      stretch.loaded(messageSize);
      size--;
      bytes -= messageSize;
      if (stretch.isEmpty()) {
        endCold();
      }
    }
  }

  /** When the message at a position has to leave; {@link Stamps#NEVER} if it need not. */
  long due(long position) {
    LogSegment segment = segmentAt(position >> SHIFT);
    return segment == null ? Stamps.NEVER : segment.due(position);
  }

  /**
   * Removes everything below a position, cold or not, but for some.
   *
   * @param kept ascending
   */
  void purge(long below, long[] kept) {
    endCold();
    int k = 0;
    for (long position = taken(first(), below); position >= 0; position = taken(position, below)) {
      while (k < kept.length && kept[k] < position) {
        k++;
      }
      if (k == kept.length || kept[k] != position) {
        settle(position);
      }
      position++;
    }
  }

  /** Forgets all content; positions go on. */
  void clear() {
    memory.add(-residentCost);
    residentCost = 0;
    remains(-pagedOut);
    segments = NONE;
    firstSegment = next >> SHIFT;
    cold = null;
    size = 0;
    bytes = 0;
    dues = null;
  }

  // Paging.

  /** Messages become cold: never delivered, in the store, and next to the cold stretch if any. */
  void pageOut(long from, long to) {
    ColdStretch stretch = cold == null ? new ColdStretch(from, from) : cold;
    if (cold == null) {
      stretch.since(cameFirst(from, to));
    }
    stretch.extend(from, to);
    giveUp(stretch, from, to);
  }

  /** Everything in memory before the cold stretch, or before an end if there is none, joins it. */
  void cool(long first, long end) {
    ColdStretch stretch = cold == null ? new ColdStretch(end, end) : cold;
    stretch.precede(first);
    stretch.since(cameFirst(first, end));
    giveUp(stretch, first, end);
  }

  /** When the first message in memory came between two positions. */
  private long cameFirst(long from, long to) {
    long first = taken(from, to);
    return first < 0 ? Stamps.UNKNOWN : came(first);
  }

  private void giveUp(ColdStretch stretch, long from, long to) {
    cold = stretch;
    for (long position = from; position < to; position++) {
      LogSegment segment = segmentAt(position >> SHIFT);
      Entry entry = segment == null ? null : segment.entries[LogSegment.index(position)];
      if (segment != null && entry != null) {
        stretch.add(entry.size());
        switch (entry) {
          case Message message -> release(message);
          case PagedOut _ -> remains(-1);
        }
        remove(segment, position);
      }
    }
    if (stretch.isEmpty()) {
      endCold();
    }
  }

  /** What was cold has left, or all of it was read. */
  private void endCold() {
    if (cold != null) {
      size -= cold.count();
      bytes -= cold.bytes();
      cold = null;
    }
  }

  /** The content of a message that was delivered is forgotten; it is in the store. */
  void pageOut(long position) {
    LogSegment segment = segmentAt(position >> SHIFT);
    if (segment != null && segment.entries[LogSegment.index(position)] instanceof Message message) {
      segment.entries[LogSegment.index(position)] = remainsOf(message);
      release(message);
      remains(1);
    }
  }

  /** A message was read back; one that is not missing any more is passed over. */
  void load(long position, Message message, long came, int returns, long due, long retryAt) {
    ColdStretch stretch = cold;
    if (stretch != null && stretch.contains(position)) {
      if (entry(position) != null) {
        return;
      }
      put(position, message, came, 0);
      stretch.loaded(message.size());
      if (stretch.isEmpty()) {
        endCold();
      }
      if (returns > 0) {
        segmentFor(position >> SHIFT).returns(position, returns);
        segmentFor(position >> SHIFT).retryAt(position, retryAt);
      }
      if (due != Stamps.NEVER) {
        due(position, due);
      }
      return;
    }
    LogSegment segment = segmentAt(position >> SHIFT);
    if (segment != null && segment.entries[LogSegment.index(position)] instanceof PagedOut) {
      segment.entries[LogSegment.index(position)] = message;
      remains(-1);
      charge(message);
    }
  }

  /** Everything of the cold stretch below a position was read. False when messages are missing. */
  boolean loadedBelow(long position) {
    if (cold == null) {
      return true;
    }
    cold.advance(position);
    return position < cold.to();
  }

  // Looking things up.

  /** The message at a position, or null when it is not here. */
  public @Nullable Message get(long position) {
    return entry(position) instanceof Message message ? message : null;
  }

  /**
   * What is known of the message at a position: null when it was settled, never was, or is cold.
   */
  @Nullable Entry entry(long position) {
    LogSegment segment = segmentAt(position >> SHIFT);
    return segment == null ? null : segment.entries[LogSegment.index(position)];
  }

  /** How often the message at this position came back after a delivery. */
  public int returns(long position) {
    LogSegment segment = segmentAt(position >> SHIFT);
    return segment == null ? 0 : segment.returns(position);
  }

  /**
   * The first position from this one on that is taken and not cold, or -1 when cold ones follow.
   */
  long following(long from) {
    return taken(from, cold != null && from <= cold.to() ? cold.from() : next);
  }

  /** The first position from this one on, and below an end, that is taken; -1 for none. */
  long taken(long from, long end) {
    long position = from;
    while (position < end) {
      LogSegment segment = segmentAt(position >> SHIFT);
      if (segment == null) {
        position = ((position >> SHIFT) + 1) << SHIFT;
      } else if (segment.entries[LogSegment.index(position)] != null) {
        return position;
      } else {
        position++;
      }
    }
    return -1;
  }

  /** The last position below an end that is taken and in memory; -1 for none. */
  long takenBelow(long end) {
    long position = end - 1;
    while (position >= firstSegment << SHIFT) {
      LogSegment segment = segmentAt(position >> SHIFT);
      if (segment == null) {
        position = ((position >> SHIFT) << SHIFT) - 1;
      } else if (segment.entries[LogSegment.index(position)] != null) {
        return position;
      } else {
        position--;
      }
    }
    return -1;
  }

  /** Where the oldest message may be. */
  long first() {
    return Math.min(firstSegment << SHIFT, coldFrom());
  }

  private @Nullable LogSegment segmentAt(long number) {
    long offset = number - firstSegment;
    return offset < 0 || offset >= segments.length
        ? null
        : segments[(int) number & (segments.length - 1)];
  }

  private LogSegment segmentFor(long number) {
    while (number - firstSegment >= segments.length) {
      grow();
    }
    int index = (int) number & (segments.length - 1);
    LogSegment segment = segments[index];
    if (segment == null) {
      segment = new LogSegment();
      segments[index] = segment;
    }
    return segment;
  }

  private void grow() {
    resize(Math.max(2, segments.length * 2), segments.length);
  }

  private void resize(int capacity, long span) {
    @Nullable LogSegment[] resized = new @Nullable LogSegment[capacity];
    for (long n = firstSegment; n < firstSegment + span; n++) {
      resized[(int) n & (capacity - 1)] = segments[(int) n & (segments.length - 1)];
    }
    segments = resized;
  }

  /** Forgets an emptied segment and moves the start past all that are gone. */
  private void drop(long number) {
    segments[(int) number & (segments.length - 1)] = null;
    long end = coldFrom() >> SHIFT;
    while (firstSegment < end && segments[(int) firstSegment & (segments.length - 1)] == null) {
      firstSegment++;
    }
    if (segments.length > 64 && size < (long) segments.length * LogSegment.SIZE / 16) {
      shrink();
    }
  }

  /** A queue that was deep once gives the ring back, if what is left spans little of it. */
  private void shrink() {
    long span = (next >> SHIFT) - firstSegment + 1;
    int capacity = Math.max(2, Integer.highestOneBit((int) Math.min(span, 1 << 29)) << 1);
    if (capacity < segments.length) {
      resize(capacity, span);
    }
  }

  /** Positions of all messages contained that are not cold, ascending. */
  public long[] livePositions() {
    LongStream.Builder live = LongStream.builder();
    for (long position = taken(first(), next);
        position >= 0;
        position = taken(position + 1, next)) {
      live.add(position);
    }
    return live.build().toArray();
  }
}
