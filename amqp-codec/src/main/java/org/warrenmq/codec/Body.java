package org.warrenmq.codec;

import java.util.Arrays;
import java.util.List;

/**
 * The octets of a message. Immutable, any thread: whoever gets hold of the arrays must not write to
 * them.
 */
public sealed interface Body {
  /** The largest body that is kept in one array. */
  int MAX_INLINE = 64 * 1024;

  /** The largest piece of a fragmented body. */
  int MAX_PIECE = 1024 * 1024;

  /** A body without octets. */
  Body EMPTY = new Inline(new byte[0]);

  /** Number of octets. */
  long size();

  /** The body of the given octets, which become its own; cut into pieces when it is large. */
  static Body of(byte[] bytes) {
    return bytes.length <= MAX_INLINE ? new Inline(bytes) : Fragmented.of(bytes);
  }

  /** A body of up to {@link #MAX_INLINE} octets in one exact array. */
  record Inline(byte[] bytes) implements Body {
    @Override
    public long size() {
      return bytes.length;
    }
  }

  /**
   * A larger body, so that no message has to be whole in one array.
   *
   * @param pieces arrays of up to {@link #MAX_PIECE} octets, none of them empty
   * @param size the sum of their lengths
   */
  record Fragmented(List<byte[]> pieces, long size) implements Body {
    public Fragmented {
      pieces = List.copyOf(pieces);
    }

    private static Fragmented of(byte[] bytes) {
      int count = (bytes.length + MAX_PIECE - 1) / MAX_PIECE;
      byte[][] pieces = new byte[count][];
      for (int i = 0; i < count; i++) {
        int from = i * MAX_PIECE;
        pieces[i] = Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + MAX_PIECE));
      }
      return new Fragmented(List.of(pieces), bytes.length);
    }
  }
}
