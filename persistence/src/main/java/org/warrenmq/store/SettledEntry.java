package org.warrenmq.store;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What is known of settled positions above a queue's floor, one record each: a page that is partly
 * settled, or a run of pages that are settled entirely. Owned by the writer thread, or by one read.
 */
sealed interface SettledEntry {
  int VERSION = 1;

  /** True when a record of it is in the database. */
  boolean stored();

  /** A record of it is, or will be with this batch, in the database. */
  void markStored();

  /** Its record. */
  byte[] encoded();

  static SettledEntry decode(byte[] value) {
    ByteBuffer source = ByteBuffer.wrap(value);
    Bytes.checkVersion(source, VERSION, "a record of settled messages");
    return switch (source.get()) {
      case 0 -> Page.decode(source);
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
      target.put((byte) VERSION).put((byte) 1);
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

    /** Replaces the count of one message; beyond 16 million it stays there. */
    void returned(int offset, int count) {
      int kept = 0;
      int[] changed = new int[returns.length + 1];
      for (int entry : returns) {
        if (entry >>> 24 != offset && !isSettled(entry >>> 24)) {
          changed[kept++] = entry;
        }
      }
      changed[kept++] = offset << 24 | Math.min(count, MAX_COUNT);
      returns = Arrays.copyOf(changed, kept);
    }

    @Override
    public byte[] encoded() {
      ByteBuffer target = ByteBuffer.allocate(2 + 8 * WORDS + 5 + 4 * returns.length);
      target.put((byte) VERSION).put((byte) 0);
      for (long word : bits) {
        target.putLong(word);
      }
      int live = 0;
      for (int entry : returns) {
        live += isSettled(entry >>> 24) ? 0 : 1;
      }
      Bytes.putVar(target, live);
      for (int entry : returns) {
        if (!isSettled(entry >>> 24)) {
          target.putInt(entry);
        }
      }
      return Arrays.copyOf(target.array(), target.position());
    }

    static Page decode(ByteBuffer source) {
      Page page = new Page();
      for (int i = 0; i < WORDS; i++) {
        page.bits[i] = source.getLong();
        page.settled += Long.bitCount(page.bits[i]);
      }
      page.returns = new int[(int) Bytes.getVar(source)];
      for (int i = 0; i < page.returns.length; i++) {
        page.returns[i] = source.getInt();
      }
      page.stored = true;
      return page;
    }
  }
}
