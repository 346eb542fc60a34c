package org.warrenmq.codec;

/**
 * The octets of a message. Immutable, any thread: whoever gets hold of an array must not write to
 * it.
 */
public sealed interface Body {
  /** The largest body that is kept in one array. */
  int MAX_INLINE = 1024 * 1024;

  /** The size of the pieces in which a larger one lies elsewhere; the last one may be shorter. */
  int PIECE = 256 * 1024;

  /** A body without octets. */
  Body EMPTY = new Inline(new byte[0]);

  /** Number of octets. */
  long size();

  /** A body of up to {@link #MAX_INLINE} octets in one exact array. */
  record Inline(byte[] bytes) implements Body {
    @Override
    public long size() {
      return bytes.length;
    }
  }

  /**
   * A larger body, which is never whole in memory: it was put away in pieces as it came, and is
   * fetched piece by piece when it is sent. See {@link LargeBodies}.
   *
   * @param id under which it was put away
   * @param size number of octets
   * @param persistent whether its pieces outlive the process
   */
  record Stored(long id, long size, boolean persistent) implements Body {
    /** In how many pieces it lies. */
    public int pieces() {
      return (int) ((size + PIECE - 1) / PIECE);
    }
  }
}
