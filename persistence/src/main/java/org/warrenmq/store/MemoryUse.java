package org.warrenmq.store;

/**
 * Memory the store holds outside the Java heap, plus what waits in it; a snapshot, bytes.
 *
 * @param cacheUsed block cache in use, memtables included as far as they are charged to it
 * @param cachePinned the part that cannot be evicted
 * @param memtables memtables of both databases
 * @param tableReaders indexes and filters held outside the cache
 * @param pending handed to the writer and not written yet (Java heap)
 */
public record MemoryUse(
    long cacheUsed, long cachePinned, long memtables, long tableReaders, long pending) {
  /** What the store occupies besides the Java heap. */
  public long nativeBytes() {
    return Math.max(cacheUsed, memtables) + tableReaders;
  }
}
