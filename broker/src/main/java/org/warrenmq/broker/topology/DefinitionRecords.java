package org.warrenmq.broker.topology;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Base64;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldTableCodec;
import org.warrenmq.codec.WireString;
import org.warrenmq.router.Binding;
import org.warrenmq.router.ExchangeSpec;
import org.warrenmq.router.QueueDestination;
import org.warrenmq.store.DefinitionKey;
import org.warrenmq.store.StoreException;

/**
 * Exchanges, queues and bindings as records of the store. Stateless, any thread.
 *
 * <p>A record begins with a format version; names are short strings, arguments a field table, as in
 * AMQP. Keys are made of the same bytes, so that any name fits. Kinds are numbered in the order in
 * which a start needs them.
 */
final class DefinitionRecords {
  static final int EXCHANGE = 1;
  static final int QUEUE = 2;
  static final int BINDING = 3;

  private static final byte VERSION = 1;
  private static final int AUTO_DELETE = 1;
  private static final int INTERNAL = 2;
  private static final int TO_QUEUE = 1;

  /** A queue's definition: its number in the store, and what it was declared as. */
  record StoredQueue(long id, String vhost, QueueSpec spec) {}

  /** A binding by the names of its ends. */
  record StoredBinding(String vhost, TopologyCommand.BindingSpec spec) {}

  private DefinitionRecords() {}

  static DefinitionKey key(ExchangeSpec exchange) {
    ByteBuf bytes = Unpooled.buffer();
    WireString.writeShort(bytes, exchange.vhost());
    WireString.writeShort(bytes, exchange.name());
    return key(EXCHANGE, bytes);
  }

  static DefinitionKey key(QueueEntry queue) {
    ByteBuf bytes = Unpooled.buffer();
    WireString.writeShort(bytes, queue.vhost().name());
    WireString.writeShort(bytes, queue.name());
    return key(QUEUE, bytes);
  }

  static DefinitionKey key(Binding binding) {
    ByteBuf bytes = Unpooled.buffer();
    writeIdentity(bytes, binding);
    // Bindings with equal arguments are equal, in whatever order those came.
    FieldTableCodec.writeSorted(bytes, binding.arguments());
    return key(BINDING, bytes);
  }

  private static DefinitionKey key(int kind, ByteBuf bytes) {
    byte[] array = new byte[bytes.readableBytes()];
    bytes.readBytes(array);
    return new DefinitionKey(kind, Base64.getEncoder().withoutPadding().encodeToString(array));
  }

  private static void writeIdentity(ByteBuf target, Binding binding) {
    WireString.writeShort(target, binding.source().spec().vhost());
    WireString.writeShort(target, binding.source().name());
    WireString.writeShort(target, binding.destination().name());
    target.writeByte(binding.destination() instanceof QueueDestination ? TO_QUEUE : 0);
    WireString.writeShort(target, binding.routingKey());
  }

  static byte[] value(ExchangeSpec exchange) {
    ByteBuf bytes = Unpooled.buffer().writeByte(VERSION);
    WireString.writeShort(bytes, exchange.vhost());
    WireString.writeShort(bytes, exchange.name());
    WireString.writeShort(bytes, exchange.type());
    bytes.writeByte(
        (exchange.autoDelete() ? AUTO_DELETE : 0) | (exchange.internal() ? INTERNAL : 0));
    FieldTableCodec.write(bytes, exchange.arguments());
    return array(bytes);
  }

  static byte[] value(QueueEntry queue) {
    ByteBuf bytes = Unpooled.buffer().writeByte(VERSION);
    bytes.writeLong(queue.room().id());
    WireString.writeShort(bytes, queue.vhost().name());
    WireString.writeShort(bytes, queue.name());
    bytes.writeByte(queue.spec().autoDelete() ? AUTO_DELETE : 0);
    FieldTableCodec.write(bytes, queue.spec().arguments());
    return array(bytes);
  }

  static byte[] value(Binding binding) {
    ByteBuf bytes = Unpooled.buffer().writeByte(VERSION);
    writeIdentity(bytes, binding);
    FieldTableCodec.write(bytes, binding.arguments());
    return array(bytes);
  }

  private static byte[] array(ByteBuf bytes) {
    byte[] array = new byte[bytes.readableBytes()];
    bytes.readBytes(array);
    return array;
  }

  static ExchangeSpec exchange(byte[] value) {
    ByteBuf bytes = checked(value, "an exchange");
    String vhost = readShort(bytes);
    String name = readShort(bytes);
    String type = readShort(bytes);
    int flags = bytes.readByte();
    return new ExchangeSpec(
        vhost,
        name,
        type,
        true,
        (flags & AUTO_DELETE) != 0,
        (flags & INTERNAL) != 0,
        FieldTableCodec.read(bytes));
  }

  static StoredQueue queue(byte[] value) {
    ByteBuf bytes = checked(value, "a queue");
    long id = bytes.readLong();
    String vhost = readShort(bytes);
    String name = readShort(bytes);
    boolean autoDelete = (bytes.readByte() & AUTO_DELETE) != 0;
    FieldTable arguments = FieldTableCodec.read(bytes);
    return new StoredQueue(id, vhost, new QueueSpec(name, true, false, autoDelete, arguments));
  }

  static StoredBinding binding(byte[] value) {
    ByteBuf bytes = checked(value, "a binding");
    String vhost = readShort(bytes);
    String source = readShort(bytes);
    String destination = readShort(bytes);
    boolean toQueue = bytes.readByte() == TO_QUEUE;
    String routingKey = readShort(bytes);
    FieldTable arguments = FieldTableCodec.read(bytes);
    return new StoredBinding(
        vhost,
        new TopologyCommand.BindingSpec(source, destination, toQueue, routingKey, arguments));
  }

  private static ByteBuf checked(byte[] value, String what) {
    ByteBuf bytes = Unpooled.wrappedBuffer(value);
    byte version = bytes.readByte();
    if (version != VERSION) {
      throw new StoreException(
          "the definition of %s has format version %d, this node knows %d"
              .formatted(what, version, VERSION));
    }
    return bytes;
  }

  private static String readShort(ByteBuf bytes) {
    return WireString.decode(bytes, bytes.readUnsignedByte());
  }
}
