package org.warrenmq.engine.message;

import java.nio.ByteBuffer;
import org.warrenmq.codec.Body;
import org.warrenmq.codec.Content;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.codec.PropertyEdit;
import org.warrenmq.store.Storable;

/**
 * A published message: immutable, and shared by all queues it was routed to.
 *
 * @param exchange the exchange it was published to, as deliveries repeat it
 * @param routingKey the key it was published with, whatever CC keys routed it as well
 * @param content property bytes and body as they came
 * @param traits what the properties mean to queues; of one that was read back from the store, what
 *     its queue did with its time to live and priority is known there, and they are not given here
 */
public record Message(String exchange, String routingKey, Content content, MessageTraits traits)
    implements Storable, Entry {
  /** One without a time to live and a priority. */
  public Message(String exchange, String routingKey, Content content, boolean persistent) {
    this(exchange, routingKey, content, MessageTraits.of(persistent, HeaderMarks.NONE));
  }

  @Override
  public boolean persistent() {
    return traits.persistent();
  }

  /** The content as clients see it: without what is none of their business. */
  public Content shown() {
    FieldTable headers = traits.marks().blind() ? content.view().headers() : null;
    return headers == null
        ? content
        : new Content(
            PropertyEdit.withHeaders(content.properties(), headers.without("BCC")), content.body());
  }

  /** The same message with one more header, or another value of it. */
  public Message withHeader(String name, long value) {
    FieldTable headers = content.view().headers();
    FieldTable changed =
        (headers == null ? FieldTable.EMPTY : headers).with(name, FieldValue.of(value));
    byte[] properties = PropertyEdit.withHeaders(content.properties(), changed);
    return new Message(exchange, routingKey, new Content(properties, content.body()), traits);
  }

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
