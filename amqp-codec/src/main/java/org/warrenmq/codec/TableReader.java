package org.warrenmq.codec;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
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
 * Field tables out of octets, or over them. What is nested is kept on the heap and not on the
 * thread's stack, so a peer may nest as deep as its frame allows. Stateless; used on the thread
 * that owns the buffer.
 */
final class TableReader {
  private TableReader() {}

  /** A table or array with values still to come. */
  private abstract static sealed class Open {
    final @Nullable Open around;
    final int end;

    Open(@Nullable Open around, int end) {
      this.around = around;
      this.end = end;
    }

    /** Reads what stands before each value. */
    abstract void name(ByteBuf in);

    abstract void add(FieldValue value);

    abstract FieldValue close();
  }

  private static final class OpenTable extends Open {
    private final FieldTable.Builder values = FieldTable.builder();
    private String name = "";

    OpenTable(@Nullable Open around, int end) {
      super(around, end);
    }

    @Override
    void name(ByteBuf in) {
      name = Wire.shortString(in);
    }

    @Override
    void add(FieldValue value) {
      values.put(name, value);
    }

    @Override
    Table close() {
      return new Table(values.build());
    }
  }

  private static final class OpenArray extends Open {
    private final List<FieldValue> values = new ArrayList<>();

    OpenArray(@Nullable Open around, int end) {
      super(around, end);
    }

    @Override
    void name(ByteBuf in) {}

    @Override
    void add(FieldValue value) {
      values.add(value);
    }

    @Override
    ArrayValue close() {
      return new ArrayValue(values);
    }
  }

  /** Something nested, and around it a table or array that is to be skipped to its end. */
  private record Skipped(@Nullable Skipped around, int end, boolean named) {}

  /** Reads a length, and where that leads to. */
  static int end(ByteBuf in) {
    int length = Wire.longLength(in);
    return in.readerIndex() + length;
  }

  /** Reads entries up to there. */
  static FieldTable read(ByteBuf in, int end) {
    if (in.readerIndex() == end) {
      return FieldTable.EMPTY;
    }
    OpenTable outermost = new OpenTable(null, end);
    Open open = outermost;
    while (true) {
      if (in.readerIndex() < open.end) {
        open.name(in);
        int tag = Wire.u8(in);
        switch (tag) {
          case 'F' -> open = new OpenTable(open, end(in));
          case 'A' -> open = new OpenArray(open, end(in));
          default -> open.add(scalar(in, tag));
        }
      } else {
        checkEnd(in, open.end);
        Open around = open.around;
        if (around == null) {
          return outermost.close().value();
        }
        around.add(open.close());
        open = around;
      }
    }
  }

  private static FieldValue scalar(ByteBuf in, int tag) {
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
      case 'T' -> new Timestamp(Wire.i64(in));
      case 'V' -> VoidValue.INSTANCE;
      default -> throw unknownTag(tag);
    };
  }

  /** Steps over a length and a table, see {@link FieldTableCodec#skip}. */
  static void skip(ByteBuf in) {
    Skipped around = null;
    int end = end(in);
    boolean named = true;
    while (true) {
      if (in.readerIndex() < end) {
        if (named) {
          Wire.skip(in, Wire.u8(in));
        }
        int tag = Wire.u8(in);
        if (tag == 'F' || tag == 'A') {
          around = new Skipped(around, end, named);
          end = end(in);
          named = tag == 'F';
        } else {
          skipScalar(in, tag);
        }
      } else {
        checkEnd(in, end);
        if (around == null) {
          return;
        }
        end = around.end;
        named = around.named;
        around = around.around;
      }
    }
  }

  /** Steps over a tag and what it announces, in octets that were checked before. */
  static void skipChecked(ByteBuf in) {
    int tag = Wire.u8(in);
    if (tag == 'F' || tag == 'A') {
      in.readerIndex(end(in));
    } else {
      skipScalar(in, tag);
    }
  }

  private static void skipScalar(ByteBuf in, int tag) {
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
      case 'V' -> {}
      default -> throw unknownTag(tag);
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
}
