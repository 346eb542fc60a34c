package org.warrenmq.codec;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** Arguments of basic methods. Stateless; any thread that owns the buffer. */
final class BasicCodec {
  private BasicCodec() {}

  static @Nullable Method decode(int id, ByteBuf in, KeyInterner keys) {
    return switch (id) {
      case BasicMethod.Qos.ID -> qos(in);
      case BasicMethod.QosOk.ID -> new BasicMethod.QosOk();
      case BasicMethod.Consume.ID -> consume(in, keys);
      case BasicMethod.ConsumeOk.ID -> new BasicMethod.ConsumeOk(keys.read(in));
      case BasicMethod.Cancel.ID -> cancel(in, keys);
      case BasicMethod.CancelOk.ID -> new BasicMethod.CancelOk(keys.read(in));
      case BasicMethod.Publish.ID -> publish(in, keys);
      case BasicMethod.Return.ID ->
          new BasicMethod.Return(Wire.u16(in), Wire.shortString(in), keys.read(in), keys.read(in));
      case BasicMethod.Deliver.ID -> deliver(in, keys);
      case BasicMethod.Get.ID -> get(in, keys);
      case BasicMethod.GetOk.ID -> getOk(in, keys);
      case BasicMethod.GetEmpty.ID -> getEmpty(in);
      case BasicMethod.Ack.ID -> ack(in);
      case BasicMethod.Reject.ID -> reject(in);
      case BasicMethod.RecoverAsync.ID -> new BasicMethod.RecoverAsync(Wire.bit(Wire.u8(in), 0));
      case BasicMethod.Recover.ID -> new BasicMethod.Recover(Wire.bit(Wire.u8(in), 0));
      case BasicMethod.RecoverOk.ID -> new BasicMethod.RecoverOk();
      case BasicMethod.Nack.ID -> nack(in);
      default -> null;
    };
  }

  static void encode(BasicMethod method, ByteBuf out) {
    switch (method) {
      case BasicMethod.Ack m -> {
        out.writeLong(m.deliveryTag());
        out.writeByte(Wire.bits(m.multiple()));
      }
      case BasicMethod.Nack m -> {
        out.writeLong(m.deliveryTag());
        out.writeByte(Wire.bits(m.multiple(), m.requeue()));
      }
      case BasicMethod.Publish m -> {
        out.writeShort(0);
        WireString.writeShort(out, m.exchange());
        WireString.writeShort(out, m.routingKey());
        out.writeByte(Wire.bits(m.mandatory(), m.immediate()));
      }
      case BasicMethod.Deliver m -> {
        WireString.writeShort(out, m.consumerTag());
        out.writeLong(m.deliveryTag());
        out.writeByte(Wire.bits(m.redelivered()));
        WireString.writeShort(out, m.exchange());
        WireString.writeShort(out, m.routingKey());
      }
      case BasicMethod.Qos m -> {
        out.writeInt((int) m.prefetchSize());
        out.writeShort(m.prefetchCount());
        out.writeByte(Wire.bits(m.global()));
      }
      case BasicMethod.Consume m -> {
        out.writeShort(0);
        WireString.writeShort(out, m.queue());
        WireString.writeShort(out, m.consumerTag());
        out.writeByte(Wire.bits(m.noLocal(), m.noAck(), m.exclusive(), m.nowait()));
        FieldTableCodec.write(out, m.arguments());
      }
      case BasicMethod.ConsumeOk m -> WireString.writeShort(out, m.consumerTag());
      case BasicMethod.Cancel m -> {
        WireString.writeShort(out, m.consumerTag());
        out.writeByte(Wire.bits(m.nowait()));
      }
      case BasicMethod.CancelOk m -> WireString.writeShort(out, m.consumerTag());
      case BasicMethod.Return m -> {
        out.writeShort(m.replyCode());
        WireString.writeShort(out, WireString.cutToShort(m.replyText()));
        WireString.writeShort(out, m.exchange());
        WireString.writeShort(out, m.routingKey());
      }
      case BasicMethod.Get m -> {
        out.writeShort(0);
        WireString.writeShort(out, m.queue());
        out.writeByte(Wire.bits(m.noAck()));
      }
      case BasicMethod.GetOk m -> {
        out.writeLong(m.deliveryTag());
        out.writeByte(Wire.bits(m.redelivered()));
        WireString.writeShort(out, m.exchange());
        WireString.writeShort(out, m.routingKey());
        out.writeInt((int) m.messageCount());
      }
      case BasicMethod.GetEmpty _ -> out.writeByte(0);
      case BasicMethod.Reject m -> {
        out.writeLong(m.deliveryTag());
        out.writeByte(Wire.bits(m.requeue()));
      }
      case BasicMethod.RecoverAsync m -> out.writeByte(Wire.bits(m.requeue()));
      case BasicMethod.Recover m -> out.writeByte(Wire.bits(m.requeue()));
      case BasicMethod.QosOk _, BasicMethod.RecoverOk _ -> {}
    }
  }

  private static Method qos(ByteBuf in) {
    long prefetchSize = Wire.u32(in);
    int prefetchCount = Wire.u16(in);
    int bits = Wire.u8(in);
    return new BasicMethod.Qos(prefetchSize, prefetchCount, Wire.bit(bits, 0));
  }

  private static Method consume(ByteBuf in, KeyInterner keys) {
    Wire.skip(in, 2);
    String queue = keys.readName(in);
    String consumerTag = keys.readName(in);
    int bits = Wire.u8(in);
    FieldTable arguments = FieldTableCodec.read(in);
    return new BasicMethod.Consume(
        queue,
        consumerTag,
        Wire.bit(bits, 0),
        Wire.bit(bits, 1),
        Wire.bit(bits, 2),
        Wire.bit(bits, 3),
        arguments);
  }

  private static Method cancel(ByteBuf in, KeyInterner keys) {
    String consumerTag = keys.readName(in);
    int bits = Wire.u8(in);
    return new BasicMethod.Cancel(consumerTag, Wire.bit(bits, 0));
  }

  private static Method publish(ByteBuf in, KeyInterner keys) {
    Wire.skip(in, 2);
    String exchange = keys.read(in);
    String routingKey = keys.read(in);
    int bits = Wire.u8(in);
    return new BasicMethod.Publish(exchange, routingKey, Wire.bit(bits, 0), Wire.bit(bits, 1));
  }

  private static Method deliver(ByteBuf in, KeyInterner keys) {
    String consumerTag = keys.read(in);
    long deliveryTag = Wire.i64(in);
    int bits = Wire.u8(in);
    String exchange = keys.read(in);
    String routingKey = keys.read(in);
    return new BasicMethod.Deliver(
        consumerTag, deliveryTag, Wire.bit(bits, 0), exchange, routingKey);
  }

  private static Method get(ByteBuf in, KeyInterner keys) {
    Wire.skip(in, 2);
    String queue = keys.readName(in);
    int bits = Wire.u8(in);
    return new BasicMethod.Get(queue, Wire.bit(bits, 0));
  }

  private static Method getOk(ByteBuf in, KeyInterner keys) {
    long deliveryTag = Wire.i64(in);
    int bits = Wire.u8(in);
    String exchange = keys.read(in);
    String routingKey = keys.read(in);
    long messageCount = Wire.u32(in);
    return new BasicMethod.GetOk(
        deliveryTag, Wire.bit(bits, 0), exchange, routingKey, messageCount);
  }

  private static Method getEmpty(ByteBuf in) {
    Wire.skip(in, Wire.u8(in));
    return new BasicMethod.GetEmpty();
  }

  private static Method ack(ByteBuf in) {
    long deliveryTag = Wire.i64(in);
    int bits = Wire.u8(in);
    return new BasicMethod.Ack(deliveryTag, Wire.bit(bits, 0));
  }

  private static Method reject(ByteBuf in) {
    long deliveryTag = Wire.i64(in);
    int bits = Wire.u8(in);
    return new BasicMethod.Reject(deliveryTag, Wire.bit(bits, 0));
  }

  private static Method nack(ByteBuf in) {
    long deliveryTag = Wire.i64(in);
    int bits = Wire.u8(in);
    return new BasicMethod.Nack(deliveryTag, Wire.bit(bits, 0), Wire.bit(bits, 1));
  }
}
