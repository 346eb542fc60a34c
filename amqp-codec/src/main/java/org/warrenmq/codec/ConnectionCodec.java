package org.warrenmq.codec;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** Arguments of connection methods. Stateless; any thread that owns the buffer. */
final class ConnectionCodec {
  private ConnectionCodec() {}

  static @Nullable Method decode(int id, ByteBuf in) {
    return switch (id) {
      case ConnectionMethod.Start.ID ->
          new ConnectionMethod.Start(
              Wire.u8(in),
              Wire.u8(in),
              FieldTableCodec.read(in),
              Wire.longString(in),
              Wire.longString(in));
      case ConnectionMethod.StartOk.ID ->
          new ConnectionMethod.StartOk(
              FieldTableCodec.read(in),
              Wire.shortString(in),
              Wire.longBytes(in),
              Wire.shortString(in));
      case ConnectionMethod.Secure.ID -> new ConnectionMethod.Secure(Wire.longBytes(in));
      case ConnectionMethod.SecureOk.ID -> new ConnectionMethod.SecureOk(Wire.longBytes(in));
      case ConnectionMethod.Tune.ID ->
          new ConnectionMethod.Tune(Wire.u16(in), Wire.u32(in), Wire.u16(in));
      case ConnectionMethod.TuneOk.ID ->
          new ConnectionMethod.TuneOk(Wire.u16(in), Wire.u32(in), Wire.u16(in));
      case ConnectionMethod.Open.ID -> open(in);
      case ConnectionMethod.OpenOk.ID -> openOk(in);
      case ConnectionMethod.Close.ID ->
          new ConnectionMethod.Close(Wire.u16(in), Wire.name(in), Wire.u16(in), Wire.u16(in));
      case ConnectionMethod.CloseOk.ID -> new ConnectionMethod.CloseOk();
      case ConnectionMethod.Blocked.ID -> new ConnectionMethod.Blocked(Wire.shortString(in));
      case ConnectionMethod.Unblocked.ID -> new ConnectionMethod.Unblocked();
      case ConnectionMethod.UpdateSecret.ID ->
          new ConnectionMethod.UpdateSecret(Wire.longBytes(in), Wire.name(in));
      case ConnectionMethod.UpdateSecretOk.ID -> new ConnectionMethod.UpdateSecretOk();
      default -> null;
    };
  }

  static void encode(ConnectionMethod method, ByteBuf out) {
    switch (method) {
      case ConnectionMethod.Start m -> {
        out.writeByte(m.versionMajor());
        out.writeByte(m.versionMinor());
        FieldTableCodec.write(out, m.serverProperties());
        Wire.writeLong(out, m.mechanisms());
        Wire.writeLong(out, m.locales());
      }
      case ConnectionMethod.StartOk m -> {
        FieldTableCodec.write(out, m.clientProperties());
        WireString.writeShort(out, m.mechanism());
        Wire.writeLong(out, m.response());
        WireString.writeShort(out, m.locale());
      }
      case ConnectionMethod.Secure m -> Wire.writeLong(out, m.challenge());
      case ConnectionMethod.SecureOk m -> Wire.writeLong(out, m.response());
      case ConnectionMethod.Tune m -> {
        out.writeShort(m.channelMax());
        out.writeInt((int) m.frameMax());
        out.writeShort(m.heartbeat());
      }
      case ConnectionMethod.TuneOk m -> {
        out.writeShort(m.channelMax());
        out.writeInt((int) m.frameMax());
        out.writeShort(m.heartbeat());
      }
      case ConnectionMethod.Open m -> {
        WireString.writeShort(out, m.virtualHost());
        out.writeByte(0);
        out.writeByte(0);
      }
      case ConnectionMethod.OpenOk _ -> out.writeByte(0);
      case ConnectionMethod.Close m -> {
        out.writeShort(m.replyCode());
        WireString.writeShort(out, WireString.cutToShort(m.replyText()));
        out.writeShort(m.failingClassId());
        out.writeShort(m.failingMethodId());
      }
      case ConnectionMethod.Blocked m -> {
        WireString.writeShort(out, WireString.cutToShort(m.reason()));
      }
      case ConnectionMethod.UpdateSecret m -> {
        Wire.writeLong(out, m.newSecret());
        WireString.writeShort(out, m.reason());
      }
      case ConnectionMethod.CloseOk _,
          ConnectionMethod.Unblocked _,
          ConnectionMethod.UpdateSecretOk _ -> {}
    }
  }

  private static Method open(ByteBuf in) {
    String virtualHost = Wire.name(in);
    Wire.skip(in, Wire.u8(in));
    Wire.skip(in, 1);
    return new ConnectionMethod.Open(virtualHost);
  }

  private static Method openOk(ByteBuf in) {
    Wire.skip(in, Wire.u8(in));
    return new ConnectionMethod.OpenOk();
  }
}
