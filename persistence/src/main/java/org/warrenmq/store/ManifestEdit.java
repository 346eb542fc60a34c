package org.warrenmq.store;

import java.nio.ByteBuffer;

/**
 * The beginning of a record of RocksDB's manifest, which is a change of its list of files: fields
 * with a tag each, the plain numbers first.
 *
 * @param lastSequence the last sequence number in tables with this change, or 0
 * @param logNumber the first log that the family of columns still needs, or 0 when it is not said
 * @param minLog logs before this one may be deleted from now on, or 0
 */
record ManifestEdit(long lastSequence, long logNumber, long minLog) {
  private static final int COMPARATOR = 1;
  private static final int LOG_NUMBER = 2;
  private static final int NEXT_FILE = 3;
  private static final int LAST_SEQUENCE = 4;
  private static final int PREVIOUS_LOG = 9;
  private static final int MIN_LOG = 10;

  /** Fields from this tag on begin with their length, so that older programs can skip them. */
  private static final int IGNORABLE = 1 << 13;

  /** Reads the fields up to the first that is no plain number. */
  static ManifestEdit read(ByteBuffer edit) {
    ByteBuffer fields = edit.duplicate();
    long lastSequence = 0;
    long logNumber = 0;
    long minLog = 0;
    boolean plain = true;
    while (plain && fields.hasRemaining()) {
      int tag = (int) number(fields);
      switch (tag) {
        case LOG_NUMBER -> logNumber = number(fields);
        case LAST_SEQUENCE -> lastSequence = number(fields);
        case MIN_LOG -> minLog = number(fields);
        case NEXT_FILE, PREVIOUS_LOG -> number(fields);
        default -> {
          plain = tag == COMPARATOR || tag >= IGNORABLE;
          if (plain) {
            skipText(fields);
          }
        }
      }
    }
    return new ManifestEdit(lastSequence, logNumber, minLog);
  }

  private static void skipText(ByteBuffer fields) {
    long length = number(fields);
    fields.position((int) Math.min(fields.limit(), fields.position() + length));
  }

  /** Seven bits an octet, the lowest first; 0 where the field is not whole. */
  private static long number(ByteBuffer fields) {
    long value = 0;
    for (int shift = 0; fields.hasRemaining() && shift < Long.SIZE; shift += 7) {
      byte octet = fields.get();
      value |= (octet & 0x7fL) << shift;
      if (octet >= 0) {
        return value;
      }
    }
    return 0;
  }
}
