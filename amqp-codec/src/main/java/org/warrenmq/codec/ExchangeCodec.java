package org.warrenmq.codec;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** Arguments of exchange methods. Stateless; any thread that owns the buffer. */
final class ExchangeCodec {
  private ExchangeCodec() {}

  static @Nullable Method decode(int id, ByteBuf in, KeyInterner keys) {
    return switch (id) {
      case ExchangeMethod.Declare.ID -> declare(in, keys);
      case ExchangeMethod.DeclareOk.ID -> new ExchangeMethod.DeclareOk();
      case ExchangeMethod.Delete.ID -> delete(in, keys);
      case ExchangeMethod.DeleteOk.ID -> new ExchangeMethod.DeleteOk();
      case ExchangeMethod.Bind.ID -> bind(in, keys);
      case ExchangeMethod.BindOk.ID -> new ExchangeMethod.BindOk();
      case ExchangeMethod.Unbind.ID -> unbind(in, keys);
      case ExchangeMethod.UnbindOk.ID -> new ExchangeMethod.UnbindOk();
      default -> null;
    };
  }

  static void encode(ExchangeMethod method, ByteBuf out) {
    switch (method) {
      case ExchangeMethod.Declare m -> {
        out.writeShort(0);
        WireString.writeShort(out, m.exchange());
        WireString.writeShort(out, m.type());
        out.writeByte(
            Wire.bits(m.passive(), m.durable(), m.autoDelete(), m.internal(), m.nowait()));
        FieldTableCodec.write(out, m.arguments());
      }
      case ExchangeMethod.Delete m -> {
        out.writeShort(0);
        WireString.writeShort(out, m.exchange());
        out.writeByte(Wire.bits(m.ifUnused(), m.nowait()));
      }
      case ExchangeMethod.Bind m -> {
        out.writeShort(0);
        WireString.writeShort(out, m.destination());
        WireString.writeShort(out, m.source());
        WireString.writeShort(out, m.routingKey());
        out.writeByte(Wire.bits(m.nowait()));
        FieldTableCodec.write(out, m.arguments());
      }
      case ExchangeMethod.Unbind m -> {
        out.writeShort(0);
        WireString.writeShort(out, m.destination());
        WireString.writeShort(out, m.source());
        WireString.writeShort(out, m.routingKey());
        out.writeByte(Wire.bits(m.nowait()));
        FieldTableCodec.write(out, m.arguments());
      }
      case ExchangeMethod.DeclareOk _,
          ExchangeMethod.DeleteOk _,
          ExchangeMethod.BindOk _,
          ExchangeMethod.UnbindOk _ -> {}
    }
  }

  private static Method declare(ByteBuf in, KeyInterner keys) {
    Wire.skip(in, 2);
    String exchange = keys.readName(in);
    String type = Wire.name(in);
    int bits = Wire.u8(in);
    FieldTable arguments = FieldTableCodec.read(in);
    return new ExchangeMethod.Declare(
        exchange,
        type,
        Wire.bit(bits, 0),
        Wire.bit(bits, 1),
        Wire.bit(bits, 2),
        Wire.bit(bits, 3),
        Wire.bit(bits, 4),
        arguments);
  }

  private static Method delete(ByteBuf in, KeyInterner keys) {
    Wire.skip(in, 2);
    String exchange = keys.readName(in);
    int bits = Wire.u8(in);
    return new ExchangeMethod.Delete(exchange, Wire.bit(bits, 0), Wire.bit(bits, 1));
  }

  private static Method bind(ByteBuf in, KeyInterner keys) {
    Wire.skip(in, 2);
    String destination = keys.readName(in);
    String source = keys.readName(in);
    String routingKey = keys.readName(in);
    int bits = Wire.u8(in);
    FieldTable arguments = FieldTableCodec.read(in);
    return new ExchangeMethod.Bind(destination, source, routingKey, Wire.bit(bits, 0), arguments);
  }

  private static Method unbind(ByteBuf in, KeyInterner keys) {
    Wire.skip(in, 2);
    String destination = keys.readName(in);
    String source = keys.readName(in);
    String routingKey = keys.readName(in);
    int bits = Wire.u8(in);
    FieldTable arguments = FieldTableCodec.read(in);
    return new ExchangeMethod.Unbind(destination, source, routingKey, Wire.bit(bits, 0), arguments);
  }
}
