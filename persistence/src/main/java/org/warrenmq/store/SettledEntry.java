package org.warrenmq.store;

import static org.warrenmq.store.WriteRequest.Return.AT_ONCE;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What is known of settled positions above a queue's floor, one record each: a page that is partly
 * settled, or a run of pages that are settled entirely. Owned by the writer thread, or by one read.
 */
sealed interface SettledEntry {
  /** Of a page in which messages have a time before which they are not delivered again. */
  int VERSION = 2;

  /** Of all others: what has no such times is written as it always was. */
  int WITHOUT_TIMES = 1;

  /** True when a record of it is in the database. */
  boolean stored();

  /** A record of it is, or will be with this batch, in the database. */
  void markStored();

  /** Its record. */
  byte[] encoded();

  static SettledEntry decode(byte[] value) {
    ByteBuffer source = ByteBuffer.wrap(value);
    int version = Bytes.version(source, VERSION, "a record of settled messages");
    return switch (source.get()) {
      case 0 -> Page.decode(source, version);
      case 1 -> new Run(Bytes.getVar(source), true);
      default -> throw new StoreException("a record of settled messages has an unknown kind");
    };
  }

  /** Pages from the entry's key up to {@code end}, exclusive, hold nothing any more. */
  final class Run implements SettledEntry {
    final long end;
    private boolean stored;

    Run(long end, boolean stored) {
      this.end = end;
      this.stored = stored;
    }

    @Override
    public boolean stored() {
      return stored;
    }

    @Override
    public void markStored() {
      stored = true;
    }

    @Override
    public byte[] encoded() {
      ByteBuffer target = ByteBuffer.allocate(2 + Bytes.varLength(end));
      target.put((byte) WITHOUT_TIMES).put((byte) 1);
      Bytes.putVar(target, end);
      return target.array();
    }
  }

  /** Settled positions of one page as bits, and how often its messages came back. */
  final class Page implements SettledEntry {
    private static final int WORDS = SettledPages.PAGE / 64;

    private final long[] bits = new long[WORDS];
    private int settled;
    private boolean stored;

    /** Offsets (high 8 bits) and counts (low 24) of returned messages; few, if any. */
    private int[] returns = NO_RETURNS;

    /** When each of these may be delivered again; null while all may be at once. */
    private long @Nullable [] retries;

    /** Messages its chunks still hold, settled or not; less after a rewrite. */
    int held = SettledPages.PAGE;

    private static final int[] NO_RETURNS = {};
    private static final int MAX_COUNT = (1 << 24) - 1;

    @Override
    public boolean stored() {
      return stored;
    }

    @Override
    public void markStored() {
      stored = true;
    }

    int settled() {
      return settled;
    }

    boolean isSettled(int offset) {
      return (bits[offset >> 6] & 1L << offset) != 0;
    }

    /** True when it was not settled before. */
    boolean settle(int offset) {
      if (isSettled(offset)) {
        return false;
      }
      bits[offset >> 6] |= 1L << offset;
      settled++;
      return true;
    }

    /** The first offset not settled, from one on; PAGE when there is none. */
    int nextLive(int from) {
      for (int word = from >> 6; word < WORDS; word++) {
        long live = ~bits[word];
        if (word == from >> 6) {
          live &= -1L << from;
        }
        if (live != 0) {
          return (word << 6) + Long.numberOfTrailingZeros(live);
        }
      }
      return SettledPages.PAGE;
    }

    int returns(int offset) {
      for (int entry : returns) {
        if (entry >>> 24 == offset) {
          return entry & MAX_COUNT;
        }
      }
      return 0;
    }

    /** When the message may be delivered again. */
    long retryAt(int offset) {
      for (int i = 0; retries != null && i < returns.length; i++) {
        if (returns[i] >>> 24 == offset) {
          return retries[i];
        }
      }
      return AT_ONCE;
    }

    /** Replaces the count and the time of one message; the count stays at 16 million. */
    void returned(int offset, int count, long due) {
      int kept = 0;
      int[] changed = new int[returns.length + 1];
      long[] times = new long[returns.length + 1];
      boolean timed = due != AT_ONCE;
      for (int i = 0; i < returns.length; i++) {
        int of = returns[i] >>> 24;
        if (of != offset && !isSettled(of)) {
          changed[kept] = returns[i];
          times[kept] = retries == null ? AT_ONCE : retries[i];
          timed |= times[kept++] != AT_ONCE;
        }
      }
      changed[kept] = offset << 24 | Math.min(count, MAX_COUNT);
      times[kept++] = due;
      returns = Arrays.copyOf(changed, kept);
      retries = timed ? Arrays.copyOf(times, kept) : null;
    }

    @Override
    public byte[] encoded() {
      ByteBuffer target = ByteBuffer.allocate(2 + 8 * WORDS + 5 + 12 * returns.length);
      target.put((byte) (retries == null ? WITHOUT_TIMES : VERSION)).put((byte) 0);
      for (long word : bits) {
        target.putLong(word);
      }
      int live = 0;
      for (int entry : returns) {
        live += isSettled(entry >>> 24) ? 0 : 1;
      }
      Bytes.putVar(target, live);
      for (int i = 0; i < returns.length; i++) {
        if (!isSettled(returns[i] >>> 24)) {
          target.putInt(returns[i]);
          if (retries != null) {
            target.putLong(retries[i]);
          }
        }
      }
      return Arrays.copyOf(target.array(), target.position());
    }

    static Page decode(ByteBuffer source, int version) {
      Page page = new Page();
      for (int i = 0; i < WORDS; i++) {
        page.bits[i] = source.getLong();
        page.settled += Long.bitCount(page.bits[i]);
      }
      page.returns = new int[(int) Bytes.getVar(source)];
      long[] times = version == VERSION ? new long[page.returns.length] : null;
      for (int i = 0; i < page.returns.length; i++) {
        page.returns[i] = source.getInt();
        if (times != null) {
          times[i] = source.getLong();
        }
      }
      page.retries = times;
      page.stored = true;
      return page;
    }
  }
}
