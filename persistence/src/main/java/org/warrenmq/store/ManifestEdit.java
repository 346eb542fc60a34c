package org.warrenmq.store;

import java.nio.ByteBuffer;

/**
 * The beginning of a record of RocksDB's manifest, which is a change of its list of files: fields
 * with a tag each, the plain numbers first. Stateless.
 */
final class ManifestEdit {
  private static final int COMPARATOR = 1;
  private static final int LOG_NUMBER = 2;
  private static final int NEXT_FILE = 3;
  private static final int LAST_SEQUENCE = 4;
  private static final int PREVIOUS_LOG = 9;

  /** Fields from this tag on begin with their length, so that older programs can skip them. */
  private static final int IGNORABLE = 1 << 13;

  private ManifestEdit() {}

  /** The last sequence number in tables with this change, or 0 when the change does not say. */
  static long lastSequence(ByteBuffer edit) {
    ByteBuffer fields = edit.duplicate();
    while (fields.hasRemaining()) {
      int tag = (int) number(fields);
      switch (tag) {
        case COMPARATOR -> skipText(fields);
        case LOG_NUMBER, NEXT_FILE, PREVIOUS_LOG -> number(fields);
        case LAST_SEQUENCE -> {
          return number(fields);
        }
        default -> {
          if (tag < IGNORABLE) {
            return 0;
          }
          skipText(fields);
        }
      }
    }
    return 0;
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
