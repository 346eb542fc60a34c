package org.warrenmq.engine.queue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldTableCodec;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.engine.message.Message;

/**
 * What stands for messages that belong together, a group or duplicates: the value of a header, or a
 * digest where that is long, so that many keys take little memory. Integers are equal whatever
 * their type. Stateless, any thread.
 */
final class HeaderKey {
  private static final int LONGEST_TEXT = 64;

  private HeaderKey() {}

  /** The key of a message; null when it has none, or one that says nothing. */
  static @Nullable FieldValue of(Message message, String header) {
    FieldTable headers = message.content().view().headers();
    FieldValue value = headers == null ? null : headers.get(header);
    return switch (value) {
      case null -> null;
      case FieldValue.VoidValue _ -> null;
      case FieldValue.LongString(String text) when text.length() > LONGEST_TEXT -> digest(value);
      case FieldValue.Bytes _, FieldValue.ArrayValue _, FieldValue.Table _ -> digest(value);
      default -> value.isInteger() ? FieldValue.of(value.asLong()) : value;
    };
  }

  /** Octets are always a digest: none is taken for another value. */
  private static FieldValue digest(FieldValue value) {
    ByteBuf octets = Unpooled.buffer();
    FieldTableCodec.writeSorted(octets, FieldTable.of("", value));
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(octets.array(), octets.readerIndex(), octets.readableBytes());
      return new FieldValue.Bytes(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has it", e);
    }
  }
}
