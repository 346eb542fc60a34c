package org.warrenmq.store;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Tells whether a record of a log is one whole batch, as it is read part by part. RocksDB's
 * checksums cover each part for itself: where a disk shows blocks of an older file, every part may
 * be sound and the record still be put together of two. Used by {@link LogRecords}, on its thread.
 *
 * <p>The format: first sequence number (8), number of entries (4), then entries of a kind (1) each,
 * their family of columns as a number, and keys and values with their lengths before them. Data for
 * the log alone is no entry.
 */
final class BatchCheck {
  private static final int HEADER = 12;

  private enum Next {
    HEADER,
    KIND,
    FAMILY,
    LENGTH,
    OCTETS,
    NOTHING
  }

  private final ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
  private final ByteBuffer logData =
      ByteBuffer.allocate(RocksDisk.IN_LOG).order(ByteOrder.LITTLE_ENDIAN);

  private Next next = Next.HEADER;
  private int entries;

  /** Keys and values that the entry still has, with the present one. */
  private int fields;

  private boolean isLogData;

  /** Octets that the present key or value still has. */
  private long octets;

  private long number;
  private int shift;

  void begin() {
    header.clear();
    logData.clear();
    next = Next.HEADER;
    entries = 0;
  }

  void take(byte[] part, int from, int length) {
    int end = from + length;
    int at = from;
    while (at < end && next != Next.NOTHING) {
      if (next == Next.OCTETS) {
        int some = (int) Math.min(octets, end - at);
        skip(part, at, some);
        at += some;
      } else {
        take(part[at++]);
      }
    }
  }

  private void take(byte octet) {
    switch (next) {
      case HEADER -> {
        header.put(octet);
        if (!header.hasRemaining()) {
          next = Next.KIND;
        }
      }
      case KIND -> begin(octet);
      case FAMILY, LENGTH -> digit(octet);
      case OCTETS, NOTHING -> throw new IllegalStateException(next.toString());
    }
  }

  private void begin(byte kind) {
    isLogData = kind == RocksDisk.LOG_DATA;
    // Without a family, or with one: delete, put, merge, delete once, delete a range.
    fields =
        switch (kind) {
          case 0x0, 0x4, RocksDisk.LOG_DATA, 0x7, 0x8 -> 1;
          case 0x1, 0x5, 0x2, 0x6, 0xf, 0xe -> 2;
          default -> 0;
        };
    number = 0;
    shift = 0;
    if (fields == 0) {
      next = Next.NOTHING;
    } else {
      boolean ofFamily =
          switch (kind) {
            case 0x4, 0x5, 0x6, 0x8, 0xe -> true;
            default -> false;
          };
      next = ofFamily ? Next.FAMILY : Next.LENGTH;
    }
    if (isLogData) {
      logData.clear();
    } else {
      entries++;
    }
  }

  /** Seven bits an octet, the lowest first; a length has 32 bits. */
  private void digit(byte octet) {
    number |= (octet & 0x7fL) << shift;
    shift += 7;
    if (octet < 0) {
      next = shift > 28 ? Next.NOTHING : next;
      return;
    }
    if (next == Next.LENGTH) {
      octets = number;
      next = Next.OCTETS;
      if (octets == 0) {
        endOfField();
      }
    } else {
      next = Next.LENGTH;
    }
    number = 0;
    shift = 0;
  }

  private void skip(byte[] part, int from, int length) {
    if (isLogData) {
      logData.put(part, from, Math.min(length, logData.remaining()));
    }
    octets -= length;
    if (octets == 0) {
      endOfField();
    }
  }

  private void endOfField() {
    fields--;
    next = fields > 0 ? Next.LENGTH : Next.KIND;
  }

  /** Whether what was taken is one batch from its first octet to its last. */
  boolean isWhole() {
    boolean ends = next == Next.KIND && header.getInt(8) == entries;
    // Its end says which batch's it is; a program that kept no mark wrote none.
    return ends && (logData.hasRemaining() || logData.getLong(0) == header.getLong(0));
  }
}
