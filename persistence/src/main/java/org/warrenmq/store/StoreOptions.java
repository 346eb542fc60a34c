package org.warrenmq.store;

import java.time.Duration;

/**
 * How a store is opened; immutable, read on any thread. Sizes are bytes.
 *
 * @param durability what a completion proves
 * @param walDamage what happens when synced records in the write-ahead log do not read back
 * @param memory what it may hold in memory
 * @param pending what may wait for its threads
 * @param maxUnsynced how long a write may wait for its sync when nobody waits for it
 * @param openFiles table files that each of the two databases keeps open at most, at least 20
 */
public record StoreOptions(
    Durability durability,
    WalDamage walDamage,
    Memory memory,
    Pending pending,
    Duration maxUnsynced,
    int openFiles) {
  private static final long MIB = 1 << 20;

  /** Enough for tens of gigabytes, and a share of what a process mostly may open. */
  private static final int OPEN_FILES = 128;

  /** What a completion proves. */
  public enum Durability {
    /** What asked for a sync has reached the disk. */
    SYNC,
    /** The operating system has it: it outlives the process, not a power cut. */
    BUFFERED
  }

  /** What to do about records of the write-ahead log that do not read back, its torn end apart. */
  public enum WalDamage {
    /** Refuse to open: confirmed messages would be lost. */
    REFUSE,
    /** Give up everything from the damaged record on; an operator's decision. */
    CUT
  }

  /**
   * What a store holds in memory, in bytes: native memory, and heap for bodies.
   *
   * @param total block cache of both databases; memtables are charged to it as well
   * @param memtables memtables of both databases together, part of {@code total}
   * @param chunkMemtable one memtable of the family that holds messages
   * @param chunkMemtables how many of those may exist before writes stall
   * @param bodies heap for pieces of large bodies that were just put, of any size
   */
  public record Memory(
      long total, long memtables, long chunkMemtable, int chunkMemtables, long bodies) {
    public Memory {
      require(memtables >= 4 * MIB, "memtables must be at least 4 MiB");
      require(total >= memtables, "total must include memtables");
      require(chunkMemtable >= MIB, "chunkMemtable must be at least 1 MiB");
      require(chunkMemtables >= 2, "chunkMemtables must be at least 2");
      require(bodies >= 0, "bodies must not be negative");
    }

    /** Divides a budget of native memory. */
    private static Memory within(long bytes) {
      long memtables = Math.max(4 * MIB, Math.min(320 * MIB, bytes * 5 / 8));
      return new Memory(
          Math.max(bytes, memtables),
          memtables,
          Math.max(MIB, Math.min(64 * MIB, memtables / 2)),
          4,
          16 * MIB);
    }
  }

  /**
   * What waits for the store's threads.
   *
   * @param bytes handed to the writer and not yet written, above which {@link StoreWriter#hasRoom}
   *     is false
   * @param batchBytes gathered into one write at most, a single turn or transaction excepted
   * @param reads waiting for the reader at most
   */
  public record Pending(long bytes, long batchBytes, int reads) {
    public Pending {
      require(bytes > 0 && batchBytes > 0, "byte bounds must be positive");
      require(reads > 0, "reads must be positive");
    }
  }

  public StoreOptions {
    require(maxUnsynced.isPositive(), "maxUnsynced must be positive");
    require(openFiles >= 20, "openFiles must be at least 20");
  }

  /** For a node that gives the store 256 MiB of native memory. */
  public static StoreOptions defaults() {
    return within(256 * MIB);
  }

  /** Divides a memory budget; anything above 16 MiB works, 256 MiB and more is meant. */
  public static StoreOptions within(long bytes) {
    return new StoreOptions(
        Durability.SYNC,
        WalDamage.REFUSE,
        Memory.within(bytes),
        new Pending(64 * MIB, 16 * MIB, 65_536),
        Duration.ofMillis(200),
        OPEN_FILES);
  }

  /** What a completion proves. */
  public StoreOptions withDurability(Durability changed) {
    return new StoreOptions(changed, walDamage, memory, pending, maxUnsynced, openFiles);
  }

  /** For one start, by an operator who was told what is lost. */
  public StoreOptions withWalDamage(WalDamage changed) {
    return new StoreOptions(durability, changed, memory, pending, maxUnsynced, openFiles);
  }

  /** Bounds of what waits for the writer. */
  public StoreOptions withPending(long bytes, long batchBytes) {
    Pending changed = new Pending(bytes, batchBytes, pending.reads());
    return new StoreOptions(durability, walDamage, memory, changed, maxUnsynced, openFiles);
  }

  /** Heap for large bodies. */
  public StoreOptions withBodyBytes(long bytes) {
    Memory changed =
        new Memory(
            memory.total(),
            memory.memtables(),
            memory.chunkMemtable(),
            memory.chunkMemtables(),
            bytes);
    return new StoreOptions(durability, walDamage, changed, pending, maxUnsynced, openFiles);
  }

  /** Table files of each database that stay open. */
  public StoreOptions withOpenFiles(int files) {
    return new StoreOptions(durability, walDamage, memory, pending, maxUnsynced, files);
  }

  private static void require(boolean fits, String sentence) {
    if (!fits) {
      throw new IllegalArgumentException(sentence);
    }
  }
}
