package org.warrenmq.codec;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** Arguments of queue methods. Stateless; any thread that owns the buffer. */
final class QueueCodec {
  private QueueCodec() {}

  static @Nullable Method decode(int id, ByteBuf in, KeyInterner keys) {
    return switch (id) {
      case QueueMethod.Declare.ID -> declare(in, keys);
      case QueueMethod.DeclareOk.ID ->
          new QueueMethod.DeclareOk(keys.read(in), Wire.u32(in), Wire.u32(in));
      case QueueMethod.Bind.ID -> bind(in, keys);
      case QueueMethod.BindOk.ID -> new QueueMethod.BindOk();
      case QueueMethod.Purge.ID -> purge(in, keys);
      case QueueMethod.PurgeOk.ID -> new QueueMethod.PurgeOk(Wire.u32(in));
      case QueueMethod.Delete.ID -> delete(in, keys);
      case QueueMethod.DeleteOk.ID -> new QueueMethod.DeleteOk(Wire.u32(in));
      case QueueMethod.Unbind.ID -> unbind(in, keys);
      case QueueMethod.UnbindOk.ID -> new QueueMethod.UnbindOk();
      default -> null;
    };
  }

  static void encode(QueueMethod method, ByteBuf out) {
    switch (method) {
      case QueueMethod.Declare m -> {
        out.writeShort(0);
        WireString.writeShort(out, m.queue());
        out.writeByte(
            Wire.bits(m.passive(), m.durable(), m.exclusive(), m.autoDelete(), m.nowait()));
        FieldTableCodec.write(out, m.arguments());
      }
      case QueueMethod.DeclareOk m -> {
        WireString.writeShort(out, m.queue());
        out.writeInt((int) m.messageCount());
        out.writeInt((int) m.consumerCount());
      }
      case QueueMethod.Bind m -> {
        out.writeShort(0);
        WireString.writeShort(out, m.queue());
        WireString.writeShort(out, m.exchange());
        WireString.writeShort(out, m.routingKey());
        out.writeByte(Wire.bits(m.nowait()));
        FieldTableCodec.write(out, m.arguments());
      }
      case QueueMethod.Purge m -> {
        out.writeShort(0);
        WireString.writeShort(out, m.queue());
        out.writeByte(Wire.bits(m.nowait()));
      }
      case QueueMethod.PurgeOk m -> out.writeInt((int) m.messageCount());
      case QueueMethod.Delete m -> {
        out.writeShort(0);
        WireString.writeShort(out, m.queue());
        out.writeByte(Wire.bits(m.ifUnused(), m.ifEmpty(), m.nowait()));
      }
      case QueueMethod.DeleteOk m -> out.writeInt((int) m.messageCount());
      case QueueMethod.Unbind m -> {
        out.writeShort(0);
        WireString.writeShort(out, m.queue());
        WireString.writeShort(out, m.exchange());
        WireString.writeShort(out, m.routingKey());
        FieldTableCodec.write(out, m.arguments());
      }
      case QueueMethod.BindOk _, QueueMethod.UnbindOk _ -> {}
    }
  }

  private static Method declare(ByteBuf in, KeyInterner keys) {
    Wire.skip(in, 2);
    String queue = keys.readName(in);
    int bits = Wire.u8(in);
    FieldTable arguments = FieldTableCodec.read(in);
    return new QueueMethod.Declare(
        queue,
        Wire.bit(bits, 0),
        Wire.bit(bits, 1),
        Wire.bit(bits, 2),
        Wire.bit(bits, 3),
        Wire.bit(bits, 4),
        arguments);
  }

  private static Method bind(ByteBuf in, KeyInterner keys) {
    Wire.skip(in, 2);
    String queue = keys.readName(in);
    String exchange = keys.readName(in);
    String routingKey = keys.readName(in);
    int bits = Wire.u8(in);
    FieldTable arguments = FieldTableCodec.read(in);
    return new QueueMethod.Bind(queue, exchange, routingKey, Wire.bit(bits, 0), arguments);
  }

  private static Method purge(ByteBuf in, KeyInterner keys) {
    Wire.skip(in, 2);
    String queue = keys.readName(in);
    int bits = Wire.u8(in);
    return new QueueMethod.Purge(queue, Wire.bit(bits, 0));
  }

  private static Method delete(ByteBuf in, KeyInterner keys) {
    Wire.skip(in, 2);
    String queue = keys.readName(in);
    int bits = Wire.u8(in);
    return new QueueMethod.Delete(queue, Wire.bit(bits, 0), Wire.bit(bits, 1), Wire.bit(bits, 2));
  }

  private static Method unbind(ByteBuf in, KeyInterner keys) {
    Wire.skip(in, 2);
    String queue = keys.readName(in);
    String exchange = keys.readName(in);
    String routingKey = keys.readName(in);
    FieldTable arguments = FieldTableCodec.read(in);
    return new QueueMethod.Unbind(queue, exchange, routingKey, arguments);
  }
}
