package org.warrenmq.codec;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * A bounded cache from the octets of short strings to strings, so that a name or key seen before
 * allocates nothing. Not thread-safe: it lives on the event loop of its connection.
 *
 * <p>Bounded by its slots: each key has two places to be in and displaces the older of two others.
 * The table is made at the first use, for many connections never publish.
 */
public final class KeyInterner {
  /** What a key takes beside its octets and its text, in bytes, about. */
  private static final int ENTRY = 96;

  private record Entry(int hash, byte[] octets, String text) {}

  private final int slots;
  private @Nullable Entry @Nullable [] table;
  private long held;

  /**
   * A cache for about so many keys.
   *
   * @param slots rounded up to a power of two
   */
  public KeyInterner(int slots) {
    if (slots < 1 || slots > 1 << 20) {
      throw new IllegalArgumentException("slots out of range: " + slots);
    }
    this.slots = Math.max(2, Integer.highestOneBit(slots * 2 - 1));
  }

  /** What it takes in memory, in bytes, about. */
  public long held() {
    return held;
  }

  private static long cost(int length) {
    return ENTRY + 2L * length;
  }

  /** Reads a short string: a length octet and the octets. */
  public String read(ByteBuf in) {
    int length = Wire.u8(in);
    if (length == 0) {
      return "";
    }
    Wire.need(in, length);
    int from = in.readerIndex();
    int hash = Octets.hash(in, from, length);
    @Nullable Entry[] entries = table();
    int home = hash & slots - 1;
    Entry first = entries[home];
    if (first != null && first.hash == hash && Octets.equal(in, from, length, first.octets)) {
      in.skipBytes(length);
      return first.text;
    }
    Entry second = entries[home ^ 1];
    if (second != null && second.hash == hash && Octets.equal(in, from, length, second.octets)) {
      in.skipBytes(length);
      return second.text;
    }
    byte[] octets = new byte[length];
    in.readBytes(octets);
    String text = WireString.decode(octets, 0, length);
    held += cost(length) - (second == null ? 0 : cost(second.octets.length));
    entries[home ^ 1] = first;
    entries[home] = new Entry(hash, octets, text);
    return text;
  }

  /**
   * Reads a short string that names something, and has to be text.
   *
   * @throws MalformedName if it is not
   */
  String readName(ByteBuf in) {
    return Wire.checked(read(in));
  }

  /** Forgets all keys. */
  public void clear() {
    table = null;
    held = 0;
  }

  private @Nullable Entry[] table() {
    @Nullable Entry[] entries = table;
    if (entries == null) {
      entries = new Entry[slots];
      table = entries;
    }
    return entries;
  }
}
