package org.warrenmq.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A walk along the record headers of one of RocksDB's logs, in search of damage that RocksDB does
 * not report: its checksums cover neither a record's length nor, as far as it is looked at before
 * them, its type. A length that reaches beyond the end of the file looks like a write that was cut
 * short, a type of the kind that is used in recycled logs ends the replay or makes it go round in
 * circles, and a hole of zeros is skipped. All else is RocksDB's to find: the walk ends there.
 *
 * <p>The format: blocks of 32 KiB, in them records that cross no boundary, each with a header:
 * masked checksum of type and payload (4), length of the payload (2), type (1). Lives for one walk,
 * on the opener's thread, before RocksDB opens the file.
 */
final class LogHeaders {
  static final int BLOCK = 32 << 10;
  static final int HEADER = 7;

  /** A whole record is 1, the first, middle and last part of one 2 to 4; there are no others. */
  private static final int LAST_TYPE = 4;

  private final FileChannel channel;
  private final ByteBuffer block = ByteBuffer.allocate(BLOCK).order(ByteOrder.LITTLE_ENDIAN);

  /** Where the block lies in the file. */
  private long start;

  private @Nullable Damage damage;

  /**
   * Where something is wrong.
   *
   * @param what for the operator
   * @param at where the record begins, in the file
   */
  record Damage(String what, long at) {}

  private LogHeaders(FileChannel channel) {
    this.channel = channel;
  }

  /** The first damage that RocksDB would pass over, or null when it is to be trusted. */
  static @Nullable Damage firstDamage(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      LogHeaders headers = new LogHeaders(channel);
      headers.read(0);
      while (headers.walkBlock()) {
        headers.read(headers.start + BLOCK);
      }
      return headers.damage;
    }
  }

  private void read(long from) throws IOException {
    start = from;
    block.clear();
    while (block.hasRemaining() && channel.read(block, from + block.position()) >= 0) {
      // A block may come in parts.
    }
    block.flip();
  }

  /** False when the walk ends here. */
  private boolean walkBlock() throws IOException {
    while (block.remaining() >= HEADER) {
      int at = block.position();
      int length = Short.toUnsignedInt(block.getShort(at + 4));
      int type = Byte.toUnsignedInt(block.get(at + 6));
      if (type == 0) {
        return endsInZeros(at);
      }
      if (type > LAST_TYPE) {
        return ends("a record of unknown kind", start + at);
      }
      if (length > block.remaining() - HEADER) {
        // In a block that is full this is reported.
        boolean silent = block.limit() < BLOCK && isThereAsAWhole(at);
        return silent && ends("the length of a record", start + at);
      }
      if (checksum(at, length) != block.getInt(at)) {
        return false;
      }
      block.position(at + HEADER + length);
    }
    return block.limit() == BLOCK;
  }

  /** Always false: the walk ends. */
  private boolean ends(String what, long at) {
    damage = new Damage(what, at);
    return false;
  }

  /**
   * Nothing but zeros is the end of a file that was made longer than what had been written to it
   * when the power went.
   */
  private boolean endsInZeros(int at) throws IOException {
    long hole = start + at;
    block.position(at + HEADER);
    while (block.limit() > 0) {
      while (block.hasRemaining()) {
        if (block.get() != 0) {
          return ends("a hole", hole);
        }
      }
      read(start + BLOCK);
    }
    return false;
  }

  /**
   * Whether a record that seems to be cut short is there as a whole: some first part of what is
   * there has its checksum. In one that was really cut short that happens by chance, once in 2^17
   * at worst; the start is refused then without need.
   */
  private boolean isThereAsAWhole(int at) {
    CRC32C crc = new CRC32C();
    crc.update(block.get(at + 6));
    int expected = block.getInt(at);
    int end = at + HEADER;
    while (masked(crc) != expected) {
      if (end == block.limit()) {
        return false;
      }
      crc.update(block.get(end++));
    }
    return true;
  }

  private int checksum(int at, int length) {
    CRC32C crc = new CRC32C();
    crc.update(block.array(), at + 6, 1 + length);
    return masked(crc);
  }

  /**
   * RocksDB's way to store checksums, so that one of data with checksums in it is no trivial one.
   */
  private static int masked(CRC32C crc) {
    return Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
  }
}
