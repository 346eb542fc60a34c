package org.warrenmq.engine;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.warrenmq.codec.Body;
import org.warrenmq.codec.Content;
import org.warrenmq.codec.WireString;
import org.warrenmq.store.StoreException;

/**
 * A message as bytes in the store. Stateless: written on the store's writer thread, read on its
 * reader thread.
 *
 * <p>Layout: version, flags, exchange and routing key as short strings, length of the properties (4
 * octets) and the properties, then the body; of one that is stored by itself its id and its size (8
 * octets each) instead.
 */
final class StoredForm {
  private static final byte VERSION = 1;
  private static final int PERSISTENT = 1;
  private static final int STORED_BODY = 2;
  private static final int PERSISTENT_BODY = 4;
  private static final int FIXED = 1 + 1 + 1 + 1 + 4;

  private StoredForm() {}

  static int size(Message message) {
    Content content = message.content();
    return FIXED
        + WireString.encodedLength(message.exchange())
        + WireString.encodedLength(message.routingKey())
        + content.properties().length
        + switch (content.body()) {
          case Body.Inline(byte[] bytes) -> bytes.length;
          case Body.Stored _ -> 2 * Long.BYTES;
        };
  }

  static void write(Message message, ByteBuffer target) {
    Content content = message.content();
    target.put(VERSION);
    target.put((byte) ((message.persistent() ? PERSISTENT : 0) | flags(content.body())));
    target.put(WireString.shortString(message.exchange()));
    target.put(WireString.shortString(message.routingKey()));
    target.putInt(content.properties().length);
    target.put(content.properties());
    switch (content.body()) {
      case Body.Inline(byte[] bytes) -> target.put(bytes);
      case Body.Stored(long id, long size, _) -> target.putLong(id).putLong(size);
    }
  }

  private static int flags(Body body) {
    return switch (body) {
      case Body.Inline _ -> 0;
      case Body.Stored stored -> STORED_BODY | (stored.persistent() ? PERSISTENT_BODY : 0);
    };
  }

  /**
   * @throws StoreException when the bytes are no message
   */
  static Message read(byte[] bytes) {
    try {
      return decode(bytes);
    } catch (RuntimeException e) {
      throw e instanceof StoreException damage
          ? damage
          : new StoreException("a stored message does not read back: " + e, e);
    }
  }

  private static Message decode(byte[] bytes) {
    ByteBuffer source = ByteBuffer.wrap(bytes);
    byte version = source.get();
    if (version != VERSION) {
      throw new StoreException("a stored message has format version %d".formatted(version));
    }
    int flags = source.get();
    String exchange = shortString(bytes, source);
    String routingKey = shortString(bytes, source);
    int length = source.getInt();
    if (length < 0 || length > source.remaining()) {
      throw new StoreException("a stored message has %d bytes of properties".formatted(length));
    }
    byte[] properties = new byte[length];
    source.get(properties);
    Body body =
        (flags & STORED_BODY) == 0
            ? new Body.Inline(Arrays.copyOfRange(bytes, source.position(), bytes.length))
            : new Body.Stored(source.getLong(), source.getLong(), (flags & PERSISTENT_BODY) != 0);
    return new Message(
        exchange, routingKey, new Content(properties, body), (flags & PERSISTENT) != 0);
  }

  private static String shortString(byte[] bytes, ByteBuffer source) {
    int length = source.get() & 0xFF;
    int at = source.position();
    source.position(at + length);
    return WireString.decode(bytes, at, length);
  }
}
