package org.warrenmq.engine;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.warrenmq.codec.Body;
import org.warrenmq.codec.Content;
import org.warrenmq.codec.WireString;
import org.warrenmq.store.StoreException;

/**
 * A message as bytes in the store. Stateless: written on the store's writer thread, read on its
 * reader thread.
 *
 * <p>Layout: version, flags, exchange and routing key as short strings, length of the properties (4
 * octets) and the properties, then the body; for a large body its size (8 octets) instead, and its
 * pieces are fragments of their own.
 */
final class StoredForm {
  private static final byte VERSION = 1;
  private static final int PERSISTENT = 1;
  private static final int FRAGMENTED = 2;
  private static final int FIXED = 1 + 1 + 1 + 1 + 4;

  /** Reads the pieces of a large body, in order. */
  interface Pieces {
    List<byte[]> read();
  }

  private StoredForm() {}

  static int size(Message message) {
    Content content = message.content();
    return FIXED
        + WireString.encodedLength(message.exchange())
        + WireString.encodedLength(message.routingKey())
        + content.properties().length
        + (content.body() instanceof Body.Inline(byte[] bytes) ? bytes.length : Long.BYTES);
  }

  static void write(Message message, ByteBuffer target) {
    Content content = message.content();
    boolean fragmented = content.body() instanceof Body.Fragmented;
    target.put(VERSION);
    target.put((byte) ((message.persistent() ? PERSISTENT : 0) | (fragmented ? FRAGMENTED : 0)));
    target.put(WireString.shortString(message.exchange()));
    target.put(WireString.shortString(message.routingKey()));
    target.putInt(content.properties().length);
    target.put(content.properties());
    switch (content.body()) {
      case Body.Inline(byte[] bytes) -> target.put(bytes);
      case Body.Fragmented(_, long size) -> target.putLong(size);
    }
  }

  /**
   * @throws StoreException when the bytes are no message, or pieces of its body are missing
   */
  static Message read(byte[] bytes, Pieces pieces) {
    try {
      return decode(bytes, pieces);
    } catch (RuntimeException e) {
      throw e instanceof StoreException damage
          ? damage
          : new StoreException("a stored message does not read back: " + e, e);
    }
  }

  private static Message decode(byte[] bytes, Pieces pieces) {
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
        (flags & FRAGMENTED) == 0
            ? new Body.Inline(Arrays.copyOfRange(bytes, source.position(), bytes.length))
            : fragmented(source.getLong(), pieces);
    return new Message(
        exchange, routingKey, new Content(properties, body), (flags & PERSISTENT) != 0);
  }

  private static String shortString(byte[] bytes, ByteBuffer source) {
    int length = source.get() & 0xFF;
    int at = source.position();
    source.position(at + length);
    return WireString.decode(bytes, at, length);
  }

  private static Body fragmented(long size, Pieces pieces) {
    List<byte[]> read = pieces.read();
    long found = read.stream().mapToLong(piece -> piece.length).sum();
    if (found != size) {
      throw new StoreException(
          "of a message's %d bytes only %d are in the store".formatted(size, found));
    }
    return new Body.Fragmented(read, size);
  }
}
