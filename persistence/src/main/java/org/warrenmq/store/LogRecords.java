package org.warrenmq.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads one of RocksDB's logs, or its manifest, record by record, up to the first thing that is not
 * a whole record. RocksDB itself passes over much of that without a word: its checksums cover
 * neither a record's length nor, as far as it is looked at before them, its type.
 *
 * <p>The format: blocks of 32 KiB, in them parts of records that cross no boundary, each with a
 * header: masked checksum of type and payload (4), length of the payload (2), type (1). Used on the
 * opener's thread, before RocksDB opens the file.
 */
final class LogRecords implements AutoCloseable {
  static final int BLOCK = 32 << 10;
  static final int HEADER = 7;

  private static final int WHOLE = 1;
  private static final int FIRST = 2;
  private static final int LAST = 4;

  /** As much of a record's beginning as anybody asks for. */
  private static final int HEAD = 256;

  private final FileChannel channel;
  private final ByteBuffer block = ByteBuffer.allocate(BLOCK).order(ByteOrder.LITTLE_ENDIAN);
  private final ByteBuffer head = ByteBuffer.allocate(HEAD).order(ByteOrder.LITTLE_ENDIAN);

  /** Where the block lies in the file. */
  private long start;

  /** Where the last whole record ended. */
  private long end;

  /** Where the parts of the present record begin, or -1 between records. */
  private long begin = -1;

  private @Nullable Damage damage;

  private final BatchCheck batch = new BatchCheck();

  /**
   * Where something is wrong.
   *
   * @param what for the operator
   * @param at where it begins, in the file
   * @param toEnd whether the file simply ends in the middle of a record
   */
  record Damage(String what, long at, boolean toEnd) {
    Damage(String what, long at) {
      this(what, at, false);
    }
  }

  LogRecords(Path file) throws IOException {
    channel = FileChannel.open(file);
    read(0);
  }

  private void read(long from) throws IOException {
    start = from;
    block.clear();
    while (block.hasRemaining() && channel.read(block, from + block.position()) >= 0) {
      // A block may come in parts.
    }
    block.flip();
  }

  /** Goes to the next record; false at the end, or where something is wrong. */
  boolean next() throws IOException {
    if (damage != null) {
      return false;
    }
    head.clear();
    begin = -1;
    while (damage == null) {
      if (block.remaining() < HEADER) {
        if (block.limit() < BLOCK) {
          return endOfFile();
        }
        read(start + BLOCK);
      } else if (part()) {
        return true;
      }
    }
    return false;
  }

  /** Always false. */
  private boolean endOfFile() {
    if (begin >= 0 || block.hasRemaining()) {
      damage = new Damage("a record that was cut short", begin >= 0 ? begin : position(), true);
    }
    return false;
  }

  /** Takes the next part; true when it completes a record. */
  private boolean part() throws IOException {
    int at = block.position();
    int length = Short.toUnsignedInt(block.getShort(at + 4));
    int type = Byte.toUnsignedInt(block.get(at + 6));
    if (type == 0) {
      wrong(zerosOnly() ? "zeros" : "a hole", start + at);
    } else if (type > LAST) {
      wrong("a record of unknown kind", start + at);
    } else if (length > block.remaining() - HEADER) {
      // In the last block the rest of the record may not have been written.
      boolean toEnd = block.limit() < BLOCK && at + HEADER + length <= BLOCK;
      damage = new Damage("the length of a record", start + at, toEnd);
    } else if (!isIntact(at, length)) {
      wrong("the checksum of a record", start + at);
    } else if ((type == WHOLE || type == FIRST) != begin < 0) {
      wrong("a part of a record", start + at);
    } else {
      if (begin < 0) {
        begin = start + at;
        batch.begin();
      }
      batch.take(block.array(), at + HEADER, length);
      head.put(block.array(), at + HEADER, Math.min(length, head.remaining()));
      block.position(at + HEADER + length);
      if (type == WHOLE || type == LAST) {
        head.flip();
        end = position();
        return true;
      }
    }
    return false;
  }

  private void wrong(String what, long at) {
    damage = new Damage(what, at);
  }

  private long position() {
    return start + block.position();
  }

  private boolean zerosOnly() throws IOException {
    while (block.limit() > 0) {
      while (block.hasRemaining()) {
        if (block.get() != 0) {
          return false;
        }
      }
      read(start + BLOCK);
    }
    return true;
  }

  /** Where the record begins that {@link #next} went to. */
  long begin() {
    return begin;
  }

  /** Where the last whole record ended, 0 before the first. */
  long end() {
    return end;
  }

  /** The first octets of the record, little-endian, up to {@value #HEAD}. */
  ByteBuffer head() {
    return head;
  }

  /** Whether the record is a batch, as those of a log are. */
  boolean isBatch() {
    return batch.isWhole();
  }

  /** What is wrong where {@link #next} stopped, or null at the end of a sound file. */
  @Nullable Damage damage() {
    return damage;
  }

  /**
   * The highest mark of what was synced in whatever is intact in a log: a record made after a sync
   * says how far that was.
   */
  static long highestMark(Path file) throws IOException {
    try (LogRecords records = new LogRecords(file)) {
      long highest = SyncedMark.UNKNOWN;
      while (records.block.limit() > 0) {
        highest = Math.max(highest, records.marksInBlock());
        records.read(records.start + BLOCK);
      }
      return highest;
    }
  }

  private long marksInBlock() {
    long highest = SyncedMark.UNKNOWN;
    while (block.remaining() >= HEADER) {
      int at = block.position();
      int length = Short.toUnsignedInt(block.getShort(at + 4));
      int type = Byte.toUnsignedInt(block.get(at + 6));
      if (type < WHOLE || type > LAST || length > block.remaining() - HEADER) {
        break;
      }
      // One with a wrong checksum may all the same have the right length.
      if ((type == WHOLE || type == LAST) && isIntact(at, length)) {
        highest = Math.max(highest, RocksDisk.markIn(block, at + HEADER, length));
      }
      block.position(at + HEADER + length);
    }
    return highest;
  }

  private boolean isIntact(int at, int length) {
    CRC32C crc = new CRC32C();
    crc.update(block.array(), at + 6, 1 + length);
    // RocksDB's way to store checksums, so that one of data with checksums in it is no trivial one.
    return Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8 == block.getInt(at);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
