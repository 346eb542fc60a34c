package org.warrenmq.codec;

/**
 * Where bodies over {@link Body#MAX_INLINE} are put away while they arrive, so that no message has
 * to be whole in memory. Called by the {@link ContentAssembler}s of a connection, on its event
 * loop.
 */
public interface LargeBodies {
  /**
   * A large body is about to come.
   *
   * @param properties of its message, well-formed
   * @param size octets announced, more than {@link Body#MAX_INLINE}
   */
  Upload begin(byte[] properties, long size);

  /** One body on its way in; ends with {@link #complete} or {@link #abandon}. */
  interface Upload {
    /**
     * The next octets.
     *
     * @param bytes {@link Body#PIECE} of them, or fewer with the last one; passes to the upload
     */
    void piece(byte[] bytes);

    /** All pieces came: the body, which from now on is the caller's to release. */
    Body complete();

    /** The rest will not come. */
    void abandon();
  }
}
