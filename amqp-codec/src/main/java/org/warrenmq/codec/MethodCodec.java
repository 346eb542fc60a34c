package org.warrenmq.codec;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Methods to and from the payload of a method frame. Stateless; used on the thread that owns the
 * buffer.
 */
public final class MethodCodec {
  /** Class id and method id. */
  static final int IDS_SIZE = 4;

  private MethodCodec() {}

  /**
   * Reads class id, method id and arguments, which must fill all that is readable.
   *
   * @param keys where names and keys come from
   * @throws ConnectionError naming the method, if it is unknown or its arguments do not decode
   */
  public static Method decode(ByteBuf payload, KeyInterner keys) {
    Wire.need(payload, IDS_SIZE);
    int classId = payload.readUnsignedShort();
    int methodId = payload.readUnsignedShort();
    int arguments = payload.readerIndex();
    @Nullable Method method;
    try {
      method = arguments(classId, methodId, payload, keys);
    } catch (MalformedName _) {
      throw unreadable(classId, methodId);
    } catch (ConnectionError malformed) {
      throw undecodable(classId, methodId, payload, arguments);
    }
    if (method == null) {
      String text = "unknown method " + classId + "." + methodId;
      throw new ConnectionError(ReplyCode.COMMAND_INVALID, text, classId, methodId);
    }
    if (payload.isReadable()) {
      throw undecodable(classId, methodId, payload, arguments);
    }
    return method;
  }

  /**
   * Writes class id, method id and arguments. Reply texts and reasons that are too long are cut.
   *
   * @throws IllegalArgumentException if another short string is longer than 255 octets
   */
  public static void encode(Method method, ByteBuf out) {
    out.writeShort(method.classId());
    out.writeShort(method.methodId());
    switch (method) {
      case BasicMethod m -> BasicCodec.encode(m, out);
      case ConnectionMethod m -> ConnectionCodec.encode(m, out);
      case ChannelMethod m -> ChannelCodec.encode(m, out);
      case AccessMethod m -> ChannelCodec.encode(m, out);
      case ExchangeMethod m -> ExchangeCodec.encode(m, out);
      case QueueMethod m -> QueueCodec.encode(m, out);
      case ConfirmMethod m -> ChannelCodec.encode(m, out);
      case TxMethod _ -> {}
    }
  }

  private static @Nullable Method arguments(
      int classId, int methodId, ByteBuf in, KeyInterner keys) {
    return switch (classId) {
      case BasicMethod.CLASS_ID -> BasicCodec.decode(methodId, in, keys);
      case ConnectionMethod.CLASS_ID -> ConnectionCodec.decode(methodId, in);
      case ChannelMethod.CLASS_ID -> ChannelCodec.decodeChannel(methodId, in);
      case AccessMethod.CLASS_ID -> ChannelCodec.decodeAccess(methodId, in);
      case ExchangeMethod.CLASS_ID -> ExchangeCodec.decode(methodId, in, keys);
      case QueueMethod.CLASS_ID -> QueueCodec.decode(methodId, in, keys);
      case ConfirmMethod.CLASS_ID -> ChannelCodec.decodeConfirm(methodId, in);
      case TxMethod.CLASS_ID -> ChannelCodec.decodeTx(methodId);
      default -> null;
    };
  }

  /** RabbitMQ names the method only if it is the connection's. */
  private static ConnectionError unreadable(int classId, int methodId) {
    ConnectionError error = new ConnectionError(ReplyCode.FRAME_ERROR, MalformedName.TEXT);
    return classId == ConnectionMethod.CLASS_ID ? error.at(classId, methodId) : error;
  }

  private static ConnectionError undecodable(int classId, int methodId, ByteBuf in, int from) {
    String text = "cannot decode " + TermText.numbers(in, from, in.writerIndex() - from);
    String withoutOctets = "cannot decode the arguments of method " + classId + "." + methodId;
    return new ConnectionError(ReplyCode.FRAME_ERROR, text, withoutOctets, classId, methodId);
  }
}
