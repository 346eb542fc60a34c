package org.warrenmq.store;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * How far the log of the main database is known to be on disk: the sequence number of the last
 * entry that was synced, in a small file of its own. A start tells by it what a power cut may have
 * taken, the torn end behind the mark, from damage before it. Moved by the writer thread, opened
 * and closed by the opener's.
 *
 * <p>The file is mapped, so that moving the mark costs neither a system call nor a sync. It
 * outlives the process; after a power cut it may be an older one, and is never ahead of the truth.
 *
 * <p>A second word says that a write or a sync failed: what the operating system's cache holds of
 * the log since then may never come to the disk, however often it is synced. The others say how
 * much of which manifest was synced when the store was opened.
 */
final class SyncedMark implements AutoCloseable {
  static final String NAME = "SYNCED";

  /** What {@link #read} says when nothing is known. */
  static final long UNKNOWN = -1;

  private static final ValueLayout.OfLong WORD =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.BIG_ENDIAN);

  private static final int FAILED_AT = Long.BYTES;
  private static final int MANIFEST_AT = 2 * Long.BYTES;
  private static final int MANIFEST_SIZE_AT = 3 * Long.BYTES;
  private static final int SIZE = 4 * Long.BYTES;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment words;

  private SyncedMark(FileChannel file) throws IOException {
    words = file.map(FileChannel.MapMode.READ_WRITE, 0, SIZE, arena);
  }

  /**
   * The mark of a store all of whose log is on disk, up to a sequence number.
   *
   * @param manifest the number of its manifest
   * @param manifestSize how much of that is on disk
   */
  static SyncedMark open(Path main, long sequence, long manifest, long manifestSize)
      throws IOException {
    write(main, sequence, manifest, manifestSize);
    try (FileChannel file =
        FileChannel.open(main.resolve(NAME), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return new SyncedMark(file);
    }
  }

  /** Sets the mark of a store that is not open, and syncs it. */
  static void write(Path main, long sequence) throws IOException {
    write(main, sequence, word(main, MANIFEST_AT), word(main, MANIFEST_SIZE_AT) >>> Byte.SIZE);
  }

  private static void write(Path main, long sequence, long manifest, long manifestSize)
      throws IOException {
    Path path = main.resolve(NAME);
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      ByteBuffer content = ByteBuffer.allocate(SIZE);
      content.putLong(0, sealed(sequence));
      content.putLong(MANIFEST_AT, manifest);
      content.putLong(MANIFEST_SIZE_AT, sealed(manifestSize));
      while (content.hasRemaining()) {
        file.write(content, content.position());
      }
      file.truncate(SIZE);
      file.force(true);
    }
    Fsync.name(path);
  }

  /** The mark of a store, or {@link #UNKNOWN} when there is none that can be trusted. */
  static long read(Path main) throws IOException {
    long word = word(main, 0);
    long sequence = word >>> Byte.SIZE;
    return sealed(sequence) == word ? sequence : UNKNOWN;
  }

  /** How much of a manifest is known to be synced; all of it when nothing can be trusted. */
  static long manifestSize(Path main, long manifest) throws IOException {
    long word = word(main, MANIFEST_SIZE_AT);
    long size = word >>> Byte.SIZE;
    return sealed(size) == word && word(main, MANIFEST_AT) == manifest ? size : Long.MAX_VALUE;
  }

  /** Whether a write or a sync of the log failed, and no start has dealt with that. */
  static boolean hasFailed(Path main) throws IOException {
    return word(main, FAILED_AT) != 0;
  }

  /** 0 where there is none. */
  private static long word(Path main, int at) throws IOException {
    Path path = main.resolve(NAME);
    if (!Files.isRegularFile(path) || Files.size(path) != SIZE) {
      return 0;
    }
    return ByteBuffer.wrap(Files.readAllBytes(path)).getLong(at);
  }

  /** A write or a sync failed. */
  void failed() {
    set(FAILED_AT, 1);
  }

  /**
   * Everything up to a sequence number is on disk.
   *
   * @throws StoreException when the disk does not take it
   */
  void advance(long sequence) {
    set(0, sealed(sequence));
  }

  private void set(int at, long value) {
    try {
      words.set(WORD, at, value);
    } catch (InternalError e) {
      // What the JVM makes of a page that cannot be had: the disk is full, or broken.
      throw new StoreException("the mark of what is synced could not be moved: " + e, e);
    }
  }

  /** Sequence numbers have 56 bits; the lowest octet is a checksum, so that one word is enough. */
  private static long sealed(long sequence) {
    CRC32C crc = new CRC32C();
    for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
      crc.update((int) (sequence >>> shift) & 0xff);
    }
    return sequence << Byte.SIZE | (crc.getValue() & 0xff);
  }

  @Override
  public void close() {
    arena.close();
  }
}
