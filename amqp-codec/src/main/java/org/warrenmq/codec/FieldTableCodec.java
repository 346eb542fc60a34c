package org.warrenmq.codec;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.warrenmq.codec.FieldValue.ArrayValue;
import org.warrenmq.codec.FieldValue.Bool;
import org.warrenmq.codec.FieldValue.Bytes;
import org.warrenmq.codec.FieldValue.Decimal;
import org.warrenmq.codec.FieldValue.Float32;
import org.warrenmq.codec.FieldValue.Float64;
import org.warrenmq.codec.FieldValue.Int16;
import org.warrenmq.codec.FieldValue.Int32;
import org.warrenmq.codec.FieldValue.Int64;
import org.warrenmq.codec.FieldValue.Int8;
import org.warrenmq.codec.FieldValue.LongString;
import org.warrenmq.codec.FieldValue.Table;
import org.warrenmq.codec.FieldValue.Timestamp;
import org.warrenmq.codec.FieldValue.UInt16;
import org.warrenmq.codec.FieldValue.UInt32;
import org.warrenmq.codec.FieldValue.UInt8;
import org.warrenmq.codec.FieldValue.VoidValue;

/**
 * Field tables as octets, in RabbitMQ's dialect. Stateless; used on the thread that owns the
 * buffer.
 *
 * <p>Lengths are checked before anything is allocated by them, and nesting is bounded, so the cost
 * of a table is bounded by the octets it came in.
 */
public final class FieldTableCodec {
  /** How deep tables and arrays may nest. */
  public static final int MAX_DEPTH = 32;

  private FieldTableCodec() {}

  /**
   * Reads a length and a table.
   *
   * @throws ConnectionError (frame error) if the octets are no table
   */
  public static FieldTable read(ByteBuf in) {
    return readTable(in, 0);
  }

  /**
   * Reads all readable octets as the entries of a table without a length before them.
   *
   * @throws ConnectionError (frame error) if the octets are no entries
   */
  public static FieldTable readEntries(ByteBuf in) {
    return readEntries(in, in.writerIndex(), 0);
  }

  /**
   * Steps over a length and a table, with the same checks as {@link #read} and without allocating.
   * The tag {@code L} of other dialects becomes {@code l} in the buffer, as RabbitMQ passes it on:
   * not every client knows it.
   *
   * @throws ConnectionError (frame error) if the octets are no table
   */
  public static void skip(ByteBuf in) {
    skipTable(in, 0);
  }

  /** Writes a length and the table. */
  public static void write(ByteBuf out, FieldTable table) {
    int start = out.writerIndex();
    out.writeInt(0);
    writeEntries(out, table);
    out.setInt(start, out.writerIndex() - start - Integer.BYTES);
  }

  /** Writes the entries without a length. */
  public static void writeEntries(ByteBuf out, FieldTable table) {
    for (Map.Entry<String, FieldValue> entry : table.entries()) {
      WireString.writeShort(out, entry.getKey());
      writeValue(out, entry.getValue());
    }
  }

  private static FieldTable readTable(ByteBuf in, int depth) {
    int length = Wire.longLength(in);
    return readEntries(in, in.readerIndex() + length, depth);
  }

  private static FieldTable readEntries(ByteBuf in, int end, int depth) {
    if (in.readerIndex() == end) {
      return FieldTable.EMPTY;
    }
    checkDepth(depth);
    FieldTable.Builder table = FieldTable.builder();
    while (in.readerIndex() < end) {
      String name = Wire.shortString(in);
      table.put(name, readValue(in, depth));
    }
    checkEnd(in, end);
    return table.build();
  }

  private static FieldValue readValue(ByteBuf in, int depth) {
    int tag = Wire.u8(in);
    return switch (tag) {
      case 't' -> Bool.of(Wire.u8(in) != 0);
      case 'b' -> new Int8((byte) Wire.u8(in));
      case 'B' -> new UInt8(Wire.u8(in));
      case 's' -> new Int16((short) Wire.u16(in));
      case 'u' -> new UInt16(Wire.u16(in));
      case 'I' -> new Int32(Wire.i32(in));
      case 'i' -> new UInt32(Wire.u32(in));
      case 'l', 'L' -> new Int64(Wire.i64(in));
      case 'f' -> new Float32(Float.intBitsToFloat(Wire.i32(in)));
      case 'd' -> new Float64(Double.longBitsToDouble(Wire.i64(in)));
      case 'D' -> new Decimal(Wire.u8(in), Wire.i32(in));
      case 'S' -> new LongString(Wire.longString(in));
      case 'x' -> new Bytes(Wire.longBytes(in));
      case 'A' -> readArray(in, depth + 1);
      case 'T' -> new Timestamp(Wire.i64(in));
      case 'F' -> new Table(readTable(in, depth + 1));
      case 'V' -> VoidValue.INSTANCE;
      default -> throw unknownTag(tag);
    };
  }

  private static ArrayValue readArray(ByteBuf in, int depth) {
    checkDepth(depth);
    int length = Wire.longLength(in);
    int end = in.readerIndex() + length;
    List<FieldValue> values = new ArrayList<>();
    while (in.readerIndex() < end) {
      values.add(readValue(in, depth));
    }
    checkEnd(in, end);
    return new ArrayValue(values);
  }

  private static void skipTable(ByteBuf in, int depth) {
    int length = Wire.longLength(in);
    if (length == 0) {
      return;
    }
    checkDepth(depth);
    int end = in.readerIndex() + length;
    while (in.readerIndex() < end) {
      Wire.skip(in, Wire.u8(in));
      skipValue(in, depth);
    }
    checkEnd(in, end);
  }

  private static void skipValue(ByteBuf in, int depth) {
    int tag = Wire.u8(in);
    switch (tag) {
      case 't', 'b', 'B' -> Wire.skip(in, 1);
      case 's', 'u' -> Wire.skip(in, 2);
      case 'I', 'i', 'f' -> Wire.skip(in, 4);
      case 'D' -> Wire.skip(in, 5);
      case 'l', 'd', 'T' -> Wire.skip(in, 8);
      case 'L' -> {
        in.setByte(in.readerIndex() - 1, 'l');
        Wire.skip(in, 8);
      }
      case 'S', 'x' -> Wire.skip(in, Wire.u32(in));
      case 'A' -> skipArray(in, depth + 1);
      case 'F' -> skipTable(in, depth + 1);
      case 'V' -> {}
      default -> throw unknownTag(tag);
    }
  }

  private static void skipArray(ByteBuf in, int depth) {
    checkDepth(depth);
    int length = Wire.longLength(in);
    int end = in.readerIndex() + length;
    while (in.readerIndex() < end) {
      skipValue(in, depth);
    }
    checkEnd(in, end);
  }

  private static void checkDepth(int depth) {
    if (depth > MAX_DEPTH) {
      throw Wire.malformed("field table nested deeper than " + MAX_DEPTH);
    }
  }

  private static void checkEnd(ByteBuf in, int end) {
    if (in.readerIndex() != end) {
      throw Wire.malformed("field table value reaches beyond its table");
    }
  }

  private static ConnectionError unknownTag(int tag) {
    return Wire.malformed("unknown field table type tag " + tag);
  }

  private static void writeValue(ByteBuf out, FieldValue value) {
    switch (value) {
      case Bool v -> out.writeByte('t').writeByte(v.value() ? 1 : 0);
      case Int8 v -> out.writeByte('b').writeByte(v.value());
      case UInt8 v -> out.writeByte('B').writeByte(v.value());
      case Int16 v -> out.writeByte('s').writeShort(v.value());
      case UInt16 v -> out.writeByte('u').writeShort(v.value());
      case Int32 v -> out.writeByte('I').writeInt(v.value());
      case UInt32 v -> out.writeByte('i').writeInt((int) v.value());
      case Int64 v -> out.writeByte('l').writeLong(v.value());
      case Float32 v -> out.writeByte('f').writeInt(Float.floatToRawIntBits(v.value()));
      case Float64 v -> out.writeByte('d').writeLong(Double.doubleToRawLongBits(v.value()));
      case Decimal v -> out.writeByte('D').writeByte(v.scale()).writeInt(v.unscaled());
      case LongString v -> Wire.writeLong(out.writeByte('S'), v.value());
      case Bytes v -> Wire.writeLong(out.writeByte('x'), v.value());
      case ArrayValue v -> writeArray(out.writeByte('A'), v);
      case Timestamp v -> out.writeByte('T').writeLong(v.seconds());
      case Table v -> write(out.writeByte('F'), v.value());
      case VoidValue _ -> out.writeByte('V');
    }
  }

  private static void writeArray(ByteBuf out, ArrayValue array) {
    int start = out.writerIndex();
    out.writeInt(0);
    for (FieldValue value : array.values()) {
      writeValue(out, value);
    }
    out.setInt(start, out.writerIndex() - start - Integer.BYTES);
  }
}
