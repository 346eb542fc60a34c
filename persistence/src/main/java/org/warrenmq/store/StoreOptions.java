package org.warrenmq.store;

import java.time.Duration;

/**
 * How a store is opened; immutable, read on any thread. Sizes are bytes.
 *
 * @param durability what a completion proves
 * @param walDamage what happens when synced records in the write-ahead log do not read back
 * @param memoryBytes block cache of both databases; memtables are charged to it as well
 * @param memtableBytes memtables of both databases together, part of {@code memoryBytes}
 * @param chunkMemtableBytes one memtable of the family that holds messages
 * @param chunkMemtables how many of those may exist before writes stall
 * @param maxPendingBytes handed to the writer and not yet written, above which {@link
 *     StoreWriter#hasRoom} is false
 * @param batchBytes gathered into one write at most, a single turn or transaction excepted
 * @param bodyBytes heap for pieces of large bodies that were just put, of any size
 * @param maxReads reads waiting for the reader at most
 * @param compress LZ4 for messages on disk; off, because they cost more CPU than they save
 * @param maxUnsynced how long a write may wait for its sync when nobody waits for it
 */
public record StoreOptions(
    Durability durability,
    WalDamage walDamage,
    long memoryBytes,
    long memtableBytes,
    long chunkMemtableBytes,
    int chunkMemtables,
    long maxPendingBytes,
    long batchBytes,
    long bodyBytes,
    int maxReads,
    boolean compress,
    Duration maxUnsynced) {
  private static final long MIB = 1 << 20;

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

  public StoreOptions {
    require(memtableBytes >= 4 * MIB, "memtableBytes must be at least 4 MiB");
    require(memoryBytes >= memtableBytes, "memoryBytes must include memtableBytes");
    require(chunkMemtableBytes >= MIB, "chunkMemtableBytes must be at least 1 MiB");
    require(chunkMemtables >= 2, "chunkMemtables must be at least 2");
    require(maxPendingBytes > 0 && batchBytes > 0, "byte bounds must be positive");
    require(maxReads > 0, "maxReads must be positive");
    require(maxUnsynced.isPositive(), "maxUnsynced must be positive");
  }

  /** For a node that gives the store 256 MiB of native memory. */
  public static StoreOptions defaults() {
    return within(256 * MIB);
  }

  /** Divides a memory budget; anything above 16 MiB works, 256 MiB and more is meant. */
  public static StoreOptions within(long bytes) {
    long memtables = Math.max(4 * MIB, Math.min(320 * MIB, bytes * 5 / 8));
    return new StoreOptions(
        Durability.SYNC,
        WalDamage.REFUSE,
        Math.max(bytes, memtables),
        memtables,
        Math.max(MIB, Math.min(64 * MIB, memtables / 2)),
        4,
        64 * MIB,
        16 * MIB,
        16 * MIB,
        65_536,
        false,
        Duration.ofMillis(200));
  }

  /** What a completion proves. */
  public StoreOptions withDurability(Durability changed) {
    return new StoreOptions(
        changed,
        walDamage,
        memoryBytes,
        memtableBytes,
        chunkMemtableBytes,
        chunkMemtables,
        maxPendingBytes,
        batchBytes,
        bodyBytes,
        maxReads,
        compress,
        maxUnsynced);
  }

  /** For one start, by an operator who was told what is lost. */
  public StoreOptions withWalDamage(WalDamage changed) {
    return new StoreOptions(
        durability,
        changed,
        memoryBytes,
        memtableBytes,
        chunkMemtableBytes,
        chunkMemtables,
        maxPendingBytes,
        batchBytes,
        bodyBytes,
        maxReads,
        compress,
        maxUnsynced);
  }

  /** Bounds of what waits for the writer. */
  public StoreOptions withPending(long maxPending, long batch) {
    return new StoreOptions(
        durability,
        walDamage,
        memoryBytes,
        memtableBytes,
        chunkMemtableBytes,
        chunkMemtables,
        maxPending,
        batch,
        bodyBytes,
        maxReads,
        compress,
        maxUnsynced);
  }

  /** Heap for large bodies. */
  public StoreOptions withBodyBytes(long changed) {
    return new StoreOptions(
        durability,
        walDamage,
        memoryBytes,
        memtableBytes,
        chunkMemtableBytes,
        chunkMemtables,
        maxPendingBytes,
        batchBytes,
        changed,
        maxReads,
        compress,
        maxUnsynced);
  }

  /** Reads that may wait for the reader. */
  public StoreOptions withMaxReads(int changed) {
    return new StoreOptions(
        durability,
        walDamage,
        memoryBytes,
        memtableBytes,
        chunkMemtableBytes,
        chunkMemtables,
        maxPendingBytes,
        batchBytes,
        bodyBytes,
        changed,
        compress,
        maxUnsynced);
  }

  private static void require(boolean fits, String sentence) {
    if (!fits) {
      throw new IllegalArgumentException(sentence);
    }
  }
}
