package org.warrenmq.codec;

import io.netty.buffer.ByteBuf;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
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
 * Field tables as octets, in the order of their entries or in that of their names. As in {@link
 * TableReader}, what is nested takes no stack. For one table, on the thread that owns the buffer.
 */
final class TableWriter {
  private final ByteBuf out;
  private final boolean sorted;

  /**
   * @param sorted whether the entries of every table go in the order of their names
   */
  TableWriter(ByteBuf out, boolean sorted) {
    this.out = out;
    this.sorted = sorted;
  }

  /**
   * A table or array with values still to be written.
   *
   * @param names null for an array
   * @param start where its length is due
   */
  private record Open(
      @Nullable Open around,
      @Nullable Iterator<String> names,
      Iterator<FieldValue> values,
      int start) {}

  /** Writes a length and the table. */
  void write(FieldTable table) {
    write(open(null, table));
  }

  /** Writes the entries without a length. */
  void writeEntries(FieldTable table) {
    for (Map.Entry<String, FieldValue> entry : inOrder(table).entrySet()) {
      WireString.writeShort(out, entry.getKey());
      switch (entry.getValue()) {
        case Table v -> write(open(null, v));
        case ArrayValue v -> write(open(null, v));
        case FieldValue v -> scalar(v);
      }
    }
  }

  private void write(Open outermost) {
    Open open = outermost;
    while (open != null) {
      if (open.values.hasNext()) {
        if (open.names != null) {
          WireString.writeShort(out, open.names.next());
        }
        switch (open.values.next()) {
          case Table v -> open = open(open, v);
          case ArrayValue v -> open = open(open, v);
          case FieldValue v -> scalar(v);
        }
      } else {
        out.setInt(open.start, out.writerIndex() - open.start - Integer.BYTES);
        open = open.around;
      }
    }
  }

  private Open open(@Nullable Open around, Table table) {
    out.writeByte('F');
    return open(around, table.value());
  }

  private Open open(@Nullable Open around, FieldTable table) {
    Map<String, FieldValue> entries = inOrder(table);
    return new Open(around, entries.keySet().iterator(), entries.values().iterator(), length());
  }

  private Open open(@Nullable Open around, ArrayValue array) {
    out.writeByte('A');
    return new Open(around, null, array.values().iterator(), length());
  }

  private Map<String, FieldValue> inOrder(FieldTable table) {
    return sorted ? new TreeMap<>(table.asMap()) : table.asMap();
  }

  /** Leaves room for a length. */
  private int length() {
    int start = out.writerIndex();
    out.writeInt(0);
    return start;
  }

  private void scalar(FieldValue value) {
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
      case Timestamp v -> out.writeByte('T').writeLong(v.seconds());
      case VoidValue _ -> out.writeByte('V');
      case Table _, ArrayValue _ -> throw new IllegalArgumentException("no scalar: " + value);
    }
  }
}
