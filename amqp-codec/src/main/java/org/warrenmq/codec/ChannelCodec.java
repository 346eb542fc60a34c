package org.warrenmq.codec;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Arguments of the small classes: channel, access, confirm and tx. Stateless; any thread that owns
 * the buffer.
 */
final class ChannelCodec {
  private ChannelCodec() {}

  static @Nullable Method decodeChannel(int id, ByteBuf in) {
    return switch (id) {
      case ChannelMethod.Open.ID -> openChannel(in);
      case ChannelMethod.OpenOk.ID -> openOkChannel(in);
      case ChannelMethod.Flow.ID -> new ChannelMethod.Flow(Wire.bit(Wire.u8(in), 0));
      case ChannelMethod.FlowOk.ID -> new ChannelMethod.FlowOk(Wire.bit(Wire.u8(in), 0));
      case ChannelMethod.Close.ID ->
          new ChannelMethod.Close(Wire.u16(in), Wire.name(in), Wire.u16(in), Wire.u16(in));
      case ChannelMethod.CloseOk.ID -> new ChannelMethod.CloseOk();
      default -> null;
    };
  }

  static @Nullable Method decodeAccess(int id, ByteBuf in) {
    return switch (id) {
      case AccessMethod.Request.ID -> requestAccess(in);
      case AccessMethod.RequestOk.ID -> new AccessMethod.RequestOk(Wire.u16(in));
      default -> null;
    };
  }

  static @Nullable Method decodeConfirm(int id, ByteBuf in) {
    return switch (id) {
      case ConfirmMethod.Select.ID -> new ConfirmMethod.Select(Wire.bit(Wire.u8(in), 0));
      case ConfirmMethod.SelectOk.ID -> new ConfirmMethod.SelectOk();
      default -> null;
    };
  }

  static @Nullable Method decodeTx(int id) {
    return switch (id) {
      case TxMethod.Select.ID -> new TxMethod.Select();
      case TxMethod.SelectOk.ID -> new TxMethod.SelectOk();
      case TxMethod.Commit.ID -> new TxMethod.Commit();
      case TxMethod.CommitOk.ID -> new TxMethod.CommitOk();
      case TxMethod.Rollback.ID -> new TxMethod.Rollback();
      case TxMethod.RollbackOk.ID -> new TxMethod.RollbackOk();
      default -> null;
    };
  }

  static void encode(ChannelMethod method, ByteBuf out) {
    switch (method) {
      case ChannelMethod.Open _ -> out.writeByte(0);
      case ChannelMethod.OpenOk _ -> out.writeInt(0);
      case ChannelMethod.Flow m -> out.writeByte(Wire.bits(m.active()));
      case ChannelMethod.FlowOk m -> out.writeByte(Wire.bits(m.active()));
      case ChannelMethod.Close m -> {
        out.writeShort(m.replyCode());
        WireString.writeShort(out, WireString.cutToShort(m.replyText()));
        out.writeShort(m.failingClassId());
        out.writeShort(m.failingMethodId());
      }
      case ChannelMethod.CloseOk _ -> {}
    }
  }

  static void encode(AccessMethod method, ByteBuf out) {
    switch (method) {
      case AccessMethod.Request m -> {
        WireString.writeShort(out, m.realm());
        out.writeByte(Wire.bits(m.exclusive(), m.passive(), m.active(), m.write(), m.read()));
      }
      case AccessMethod.RequestOk m -> out.writeShort(m.ticket());
    }
  }

  static void encode(ConfirmMethod method, ByteBuf out) {
    switch (method) {
      case ConfirmMethod.Select m -> out.writeByte(Wire.bits(m.nowait()));
      case ConfirmMethod.SelectOk _ -> {}
    }
  }

  private static Method openChannel(ByteBuf in) {
    Wire.skip(in, Wire.u8(in));
    return new ChannelMethod.Open();
  }

  private static Method openOkChannel(ByteBuf in) {
    Wire.skip(in, Wire.u32(in));
    return new ChannelMethod.OpenOk();
  }

  private static Method requestAccess(ByteBuf in) {
    String realm = Wire.name(in);
    int bits = Wire.u8(in);
    return new AccessMethod.Request(
        realm,
        Wire.bit(bits, 0),
        Wire.bit(bits, 1),
        Wire.bit(bits, 2),
        Wire.bit(bits, 3),
        Wire.bit(bits, 4));
  }
}
