package org.warrenmq.engine.message;

import java.nio.ByteBuffer;
import org.warrenmq.store.Storable;

/**
 * A message as one queue stores it, where that differs from the message; immutable.
 *
 * @param persistent whether it outlives the process in that queue
 */
public record Stamped(Message message, boolean persistent, Stamps stamps) implements Storable {
  @Override
  public int storedSize() {
    return StoredForm.size(message, stamps);
  }

  @Override
  public long bodySize() {
    return message.size();
  }

  @Override
  public void store(ByteBuffer target) {
    StoredForm.write(message, stamps, target);
  }

  @Override
  public long expiresAt() {
    return stamps.due();
  }
}
