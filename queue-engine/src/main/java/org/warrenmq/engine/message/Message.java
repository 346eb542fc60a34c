package org.warrenmq.engine.message;

import java.nio.ByteBuffer;
import org.warrenmq.codec.Body;
import org.warrenmq.codec.Content;
import org.warrenmq.store.Storable;

/**
 * A published message: immutable, and shared by all queues it was routed to.
 *
 * @param exchange the exchange it was published to, as deliveries repeat it
 * @param routingKey the key it was published with, whatever CC keys routed it as well
 * @param content property bytes and body as they came
 * @param persistent delivery-mode 2
 */
public record Message(String exchange, String routingKey, Content content, boolean persistent)
    implements Storable, Entry {
  /** Body bytes. */
  @Override
  public long size() {
    return content.bodySize();
  }

  @Override
  public long bodySize() {
    return size();
  }

  /** Bytes of it that are in memory: properties, unless they are shared by many, and body. */
  public long sizeInMemory() {
    return content.sizeInMemory();
  }

  /** Whether its body lies in the store, however the message itself is kept. */
  public boolean hasStoredBody() {
    return content.body() instanceof Body.Stored;
  }

  @Override
  public int storedSize() {
    return StoredForm.size(this, Stamps.NONE);
  }

  @Override
  public void store(ByteBuffer target) {
    StoredForm.write(this, Stamps.NONE, target);
  }
}
