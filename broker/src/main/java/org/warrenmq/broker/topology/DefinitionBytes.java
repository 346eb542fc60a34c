package org.warrenmq.broker.topology;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Base64;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldTableCodec;
import org.warrenmq.codec.WireString;
import org.warrenmq.store.DefinitionKey;
import org.warrenmq.store.StoreException;

/**
 * What the records and keys of definitions are made of: names as short strings, arguments as field
 * tables, as in AMQP. A record begins with the version of its format. Keys are made of the same
 * bytes, so that any name fits. For one thread.
 */
final class DefinitionBytes {
  private static final byte VERSION = 1;

  private final ByteBuf bytes;

  private DefinitionBytes(ByteBuf bytes) {
    this.bytes = bytes;
  }

  /** To be filled as a key. */
  static DefinitionBytes key() {
    return new DefinitionBytes(Unpooled.buffer());
  }

  /** To be filled as a record. */
  static DefinitionBytes record() {
    return new DefinitionBytes(Unpooled.buffer().writeByte(VERSION));
  }

  /**
   * A record to be read.
   *
   * @param what it tells of
   * @throws StoreException when its format is not known
   */
  static DefinitionBytes of(byte[] value, String what) {
    ByteBuf bytes = Unpooled.wrappedBuffer(value);
    byte version = bytes.readByte();
    if (version != VERSION) {
      throw new StoreException(
          "the definition of %s has format version %d, this node knows %d"
              .formatted(what, version, VERSION));
    }
    return new DefinitionBytes(bytes);
  }

  DefinitionBytes name(String name) {
    WireString.writeShort(bytes, name);
    return this;
  }

  /** Of any length. */
  DefinitionBytes text(String text) {
    bytes.writeInt(WireString.encodedLength(text));
    WireString.write(bytes, text);
    return this;
  }

  DefinitionBytes flags(int flags) {
    bytes.writeByte(flags);
    return this;
  }

  DefinitionBytes number(long number) {
    bytes.writeLong(number);
    return this;
  }

  DefinitionBytes arguments(FieldTable arguments) {
    FieldTableCodec.write(bytes, arguments);
    return this;
  }

  /** Equal tables are equal bytes, in whatever order their entries came. */
  DefinitionBytes sortedArguments(FieldTable arguments) {
    FieldTableCodec.writeSorted(bytes, arguments);
    return this;
  }

  String name() {
    return WireString.decode(bytes, bytes.readUnsignedByte());
  }

  String text() {
    return WireString.decode(bytes, Math.toIntExact(bytes.readUnsignedInt()));
  }

  int flags() {
    return bytes.readByte();
  }

  long number() {
    return bytes.readLong();
  }

  FieldTable arguments() {
    return FieldTableCodec.read(bytes);
  }

  byte[] toArray() {
    byte[] array = new byte[bytes.readableBytes()];
    bytes.readBytes(array);
    return array;
  }

  DefinitionKey toKey(int kind) {
    return new DefinitionKey(kind, Base64.getEncoder().withoutPadding().encodeToString(toArray()));
  }
}
