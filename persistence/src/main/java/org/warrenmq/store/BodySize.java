package org.warrenmq.store;

import java.nio.ByteBuffer;

/**
 * What the store cannot see in a message that was stored, and those who encode messages can; called
 * on any thread.
 */
@FunctionalInterface
public interface BodySize {
  /** For messages that are nothing but their body. */
  BodySize WHOLE = ByteBuffer::remaining;

  /**
   * What {@link Storable#bodySize} said when the message was written.
   *
   * @param stored the message's bytes, and nothing else
   * @throws StoreException when they are no message
   */
  long of(ByteBuffer stored);
}
