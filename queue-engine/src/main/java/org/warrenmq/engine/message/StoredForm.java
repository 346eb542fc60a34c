package org.warrenmq.engine.message;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.warrenmq.codec.Body;
import org.warrenmq.codec.Content;
import org.warrenmq.codec.WireString;
import org.warrenmq.engine.message.MessageStore.Loaded;
import org.warrenmq.engine.message.MessageStore.Scheduled;
import org.warrenmq.store.Bytes;
import org.warrenmq.store.ScheduledMessage;
import org.warrenmq.store.StoreException;
import org.warrenmq.store.StoredMessage;
import org.warrenmq.store.WriteRequest.Return;

/**
 * A message as bytes in the store. Stateless: written on the store's writer thread, read on its
 * reader thread.
 *
 * <p>Layout: version, flags, as far as flags say so [due time, time of enqueueing, priority (1
 * octet), enqueuer (8 octets) and number of its publish, marks (1 octet)], exchange and routing key
 * as short strings, length of the properties (4 octets) and the properties, then the body; of one
 * that is stored by itself its id and its size (8 octets each) instead. Numbers without a length
 * are variable. Version 1 has nothing in brackets, and is written no more.
 */
public final class StoredForm {
  private static final byte VERSION = 2;
  private static final int FIXED = 1 + 1 + 1 + 1 + 4;

  private static final int PERSISTENT = 1;
  private static final int STORED_BODY = 2;
  private static final int PERSISTENT_BODY = 4;
  private static final int DUE = 8;
  private static final int ENQUEUED = 16;
  private static final int PRIORITY = 32;
  private static final int ORIGIN = 64;
  private static final int MARKS = 128;
  private static final int KNOWN_TO_1 = PERSISTENT | STORED_BODY | PERSISTENT_BODY;
  private static final int KNOWN = KNOWN_TO_1 | DUE | ENQUEUED | PRIORITY | ORIGIN | MARKS;

  private StoredForm() {}

  static int size(Message message, Stamps stamps) {
    Content content = message.content();
    return FIXED
        + (stamps == Stamps.NONE ? 0 : size(stamps))
        + (message.traits().marks().bits() == 0 ? 0 : 1)
        + WireString.encodedLength(message.exchange())
        + WireString.encodedLength(message.routingKey())
        + content.properties().length
        + switch (content.body()) {
          case Body.Inline(byte[] bytes) -> bytes.length;
          case Body.Stored _ -> 2 * Long.BYTES;
        };
  }

  private static int size(Stamps stamps) {
    int flags = flags(stamps);
    Stamps.Origin origin = stamps.origin();
    return ((flags & DUE) == 0 ? 0 : Bytes.varLength(stamps.due()))
        + ((flags & ENQUEUED) == 0 ? 0 : Bytes.varLength(stamps.enqueued()))
        + ((flags & PRIORITY) == 0 ? 0 : 1)
        + (origin == null ? 0 : Long.BYTES + Bytes.varLength(origin.number()));
  }

  static void write(Message message, Stamps stamps, ByteBuffer target) {
    Content content = message.content();
    target.put(VERSION);
    target.put((byte) (flags(message.traits()) | flags(content.body()) | flags(stamps)));
    if (stamps != Stamps.NONE) {
      write(stamps, target);
    }
    int marks = message.traits().marks().bits();
    if (marks != 0) {
      target.put((byte) marks);
    }
    target.put(WireString.shortString(message.exchange()));
    target.put(WireString.shortString(message.routingKey()));
    target.putInt(content.properties().length);
    target.put(content.properties());
    switch (content.body()) {
      case Body.Inline(byte[] bytes) -> target.put(bytes);
      case Body.Stored(long id, long size, _) -> target.putLong(id).putLong(size);
    }
  }

  private static void write(Stamps stamps, ByteBuffer target) {
    int flags = flags(stamps);
    if ((flags & DUE) != 0) {
      Bytes.putVar(target, stamps.due());
    }
    if ((flags & ENQUEUED) != 0) {
      Bytes.putVar(target, stamps.enqueued());
    }
    if ((flags & PRIORITY) != 0) {
      target.put((byte) stamps.priority());
    }
    Stamps.Origin origin = stamps.origin();
    if (origin != null) {
      target.putLong(origin.enqueuer());
      Bytes.putVar(target, origin.number());
    }
  }

  private static int flags(MessageTraits traits) {
    return (traits.persistent() ? PERSISTENT : 0) | (traits.marks().bits() == 0 ? 0 : MARKS);
  }

  private static int flags(Body body) {
    return switch (body) {
      case Body.Inline _ -> 0;
      case Body.Stored stored -> STORED_BODY | (stored.persistent() ? PERSISTENT_BODY : 0);
    };
  }

  private static int flags(Stamps stamps) {
    return (stamps.due() == Stamps.NEVER ? 0 : DUE)
        | (stamps.enqueued() == Stamps.UNKNOWN ? 0 : ENQUEUED)
        | (stamps.priority() == Stamps.UNKNOWN ? 0 : PRIORITY)
        | (stamps.origin() == null ? 0 : ORIGIN);
  }

  /**
   * @throws StoreException when the bytes are no message
   */
  public static Loaded read(StoredMessage stored) {
    try {
      return decode(stored);
    } catch (RuntimeException e) {
      throw damaged(e);
    }
  }

  /**
   * The same of one that waits for its time.
   *
   * @throws StoreException when the bytes are no message
   */
  public static Scheduled read(ScheduledMessage stored) {
    Loaded loaded =
        read(
            new StoredMessage(
                stored.id(), 0, stored.bytes(), stored.persistent(), 0, Return.AT_ONCE));
    return new Scheduled(stored.due(), stored.id(), loaded.message(), stored.persistent());
  }

  private static StoreException damaged(RuntimeException cause) {
    return cause instanceof StoreException damage
        ? damage
        : new StoreException("a stored message does not read back: " + cause, cause);
  }

  private static Loaded decode(StoredMessage stored) {
    byte[] bytes = stored.bytes();
    ByteBuffer source = ByteBuffer.wrap(bytes);
    int flags = flags(source);
    Stamps stamps = stamps(flags, stored.appended(), source);
    HeaderMarks marks = (flags & MARKS) == 0 ? HeaderMarks.NONE : HeaderMarks.of(source.get());
    String exchange = shortString(bytes, source);
    String routingKey = shortString(bytes, source);
    byte[] properties = new byte[propertiesLength(source)];
    source.get(properties);
    Body body =
        (flags & STORED_BODY) == 0
            ? new Body.Inline(Arrays.copyOfRange(bytes, source.position(), bytes.length))
            : new Body.Stored(source.getLong(), source.getLong(), (flags & PERSISTENT_BODY) != 0);
    Content content = new Content(properties, body);
    MessageTraits traits = MessageTraits.of((flags & PERSISTENT) != 0, marks);
    Message message = new Message(exchange, routingKey, content, traits);
    return new Loaded(stored.position(), message, stored.returns(), stored.retryAt(), stamps);
  }

  /** Takes the version, too. */
  private static int flags(ByteBuffer source) {
    byte version = source.get();
    if (version != VERSION && version != 1) {
      throw new StoreException("a stored message has format version %d".formatted(version));
    }
    int flags = source.get() & 0xFF;
    if ((flags & ~(version == 1 ? KNOWN_TO_1 : KNOWN)) != 0) {
      throw new StoreException("a stored message has unknown flags %02x".formatted(flags));
    }
    return flags;
  }

  /**
   * @param appended what the store knows of when it came, which tells unless the message itself
   *     does; 0 for nothing
   */
  private static Stamps stamps(int flags, long appended, ByteBuffer source) {
    if ((flags & ~(KNOWN_TO_1 | MARKS)) == 0 && appended == 0) {
      return Stamps.NONE;
    }
    long otherwise = appended == 0 ? Stamps.UNKNOWN : appended;
    return new Stamps(
        (flags & DUE) == 0 ? Stamps.NEVER : Bytes.getVar(source),
        (flags & ENQUEUED) == 0 ? otherwise : Bytes.getVar(source),
        (flags & PRIORITY) == 0 ? Stamps.UNKNOWN : source.get() & 0xFF,
        (flags & ORIGIN) == 0 ? null : new Stamps.Origin(source.getLong(), Bytes.getVar(source)));
  }

  private static int propertiesLength(ByteBuffer source) {
    int length = source.getInt();
    if (length < 0 || length > source.remaining()) {
      throw new StoreException("a stored message has %d bytes of properties".formatted(length));
    }
    return length;
  }

  private static String shortString(byte[] bytes, ByteBuffer source) {
    int length = source.get() & 0xFF;
    int at = source.position();
    source.position(at + length);
    return WireString.decode(bytes, at, length);
  }

  /**
   * The body's size, without reading more than it takes.
   *
   * @throws StoreException when the bytes are no message
   */
  static long bodySize(ByteBuffer source) {
    try {
      int flags = flags(source);
      if ((flags & ~KNOWN_TO_1) != 0) {
        var unused = stamps(flags, 0, source);
      }
      skip(source, (flags & MARKS) == 0 ? 0 : 1);
      skip(source, source.get() & 0xFF);
      skip(source, source.get() & 0xFF);
      skip(source, propertiesLength(source));
      if ((flags & STORED_BODY) == 0) {
        return source.remaining();
      }
      skip(source, Long.BYTES);
      return source.getLong();
    } catch (RuntimeException e) {
      throw damaged(e);
    }
  }

  private static void skip(ByteBuffer source, int length) {
    source.position(source.position() + length);
  }
}
