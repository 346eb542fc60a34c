package org.warrenmq.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.LongString;
import com.rabbitmq.client.impl.ValueReader;
import com.rabbitmq.client.impl.ValueWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Field tables against the Java client's reader and writer, and bit by bit. */
class FieldTableCodecTest {
  @Test
  void theClientReadsWhatWeWrite() {
    forTables(
        true,
        table -> {
          byte[] ours = Bytes.ours(out -> FieldTableCodec.write(out, table));
          Map<String, Object> theirs =
              Bytes.readByThem(ours, in -> new ValueReader(in).readTable());
          assertThat(plain(theirs)).isEqualTo(plain(toClient(table)));
        });
  }

  @Test
  void weReadWhatTheClientWrites() {
    forTables(
        true,
        table -> {
          byte[] theirs =
              Bytes.theirs(
                  out -> {
                    ValueWriter writer = new ValueWriter(out);
                    writer.writeTable(toClient(table));
                    writer.flush();
                  });
          assertThat(read(theirs)).isEqualTo(table).hasSameHashCodeAs(table);
        });
  }

  @Test
  void allTypesGoOutAsTheyCameIn() {
    forTables(
        false,
        table -> {
          byte[] first = Bytes.ours(out -> FieldTableCodec.write(out, table));
          FieldTable read = read(first);
          assertThat(read).isEqualTo(table);
          assertThat(Bytes.ours(out -> FieldTableCodec.write(out, read))).isEqualTo(first);
          ByteBuf skipped = Unpooled.wrappedBuffer(first);
          FieldTableCodec.skip(skipped);
          assertThat(skipped.isReadable()).isFalse();
        });
  }

  private static void forTables(boolean clientTypes, Consumer<FieldTable> check) {
    SeededRuns.run(
        FieldTableCodecTest.class,
        2000,
        (samples, trace) -> {
          FieldTable table = samples.table(clientTypes);
          trace.add(table);
          check.accept(table);
        });
  }

  @Test
  void readsEveryTag() {
    byte[] bytes =
        Bytes.hex(
            "0161 74 01 0162 62 ff 0163 42 ff 0164 73 8000 0165 75 ffff 0166 49 80000000"
                + "0167 69 ffffffff 0168 6c 8000000000000000 0169 4c ffffffffffffffff"
                + "016a 66 3f800000 016b 64 3ff0000000000000 016c 44 02 0000013a"
                + "016d 53 00000001 c3 016e 78 00000002 00ff 016f 41 00000003 56 74 00"
                + "0170 54 0000000000000005 0171 46 00000000 0172 56");
    FieldTable table = FieldTableCodec.readEntries(Unpooled.wrappedBuffer(bytes));
    assertThat(table.asMap().values())
        .extracting(FieldValue::typeName)
        .containsExactly(
            "bool",
            "byte",
            "unsignedbyte",
            "short",
            "unsignedshort",
            "signedint",
            "unsignedint",
            "long",
            "long",
            "float",
            "double",
            "decimal",
            "longstr",
            "binary",
            "array",
            "timestamp",
            "table",
            "void");
    assertThat(table.get("d")).isEqualTo(new FieldValue.Int16((short) -32768));
    assertThat(table.get("g")).isEqualTo(new FieldValue.UInt32(4294967295L));
    assertThat(table.get("i")).isEqualTo(new FieldValue.Int64(-1));
    assertThat(table.get("l")).isEqualTo(new FieldValue.Decimal(2, 314));
    assertThat(table.get("m")).isEqualTo(new FieldValue.LongString("\uDCC3"));
    // The tag L goes out as l, everything else as it came.
    byte[] expected = bytes.clone();
    expected[new String(bytes, StandardCharsets.ISO_8859_1).indexOf("\u0001iL") + 2] = 'l';
    assertThat(Bytes.ours(out -> FieldTableCodec.writeEntries(out, table))).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", // no length
        "00000001", // entries missing
        "ffffffff 0161 56", // a length beyond everything
        "00000002 0161", // a name without a value
        "00000003 0561 56", // a name that is too short
        "00000003 0161 7a", // unknown tag
        "00000003 0161 49 00000001", // a value that reaches beyond its table
        "00000007 0161 53 7fffffff", // a string longer than everything
        "00000007 0161 41 00000001", // an array without its value
        "00000008 0161 41 00000001 49 00000001", // an array's value beyond it
        "00000007 0161 46 ffffffff", // a nested table longer than everything
      })
  void refusesWhatIsNoTable(String hex) {
    byte[] bytes = Bytes.hex(hex.replaceAll(" *//.*", ""));
    assertRefused(bytes, "");
  }

  @Test
  void nestsDeeperThanAnyStack() {
    for (byte[] bytes : List.of(nested('F', 100_000), nested('A', 100_000))) {
      FieldTable table = read(bytes);
      assertThat(Bytes.ours(out -> FieldTableCodec.write(out, table))).isEqualTo(bytes);
      assertThat(Bytes.ours(out -> FieldTableCodec.writeSorted(out, table))).isEqualTo(bytes);
      FieldTableCodec.skip(Unpooled.wrappedBuffer(bytes));
      assertThat(read(bytes)).isEqualTo(table).hasSameHashCodeAs(table);
      assertThat(read(bytes).get("k")).isEqualTo(table.get("k"));
      assertThat(table.get("k")).hasSameHashCodeAs(read(bytes).get("k"));
      assertThat(table.toString()).hasSizeLessThan(2000);
      assertThat(table.get("k").display()).hasSizeLessThan(2000);
      assertThat(table.get("k").toString()).hasSizeLessThan(2000);
      // The innermost length reaches beyond everything.
      bytes[bytes.length - 1] = 1;
      assertRefused(bytes, "");
    }
    assertThat(read(nested('F', 50_000))).isNotEqualTo(read(nested('F', 50_001)));
    assertThat(read(nested('F', 50_000))).isNotEqualTo(read(nested('A', 50_000)));
  }

  /** So many tables or arrays, one in the other; the innermost is empty. */
  private static byte[] nested(char tag, int levels) {
    int each = tag == 'F' ? 7 : 5;
    return Bytes.ours(
        out -> {
          out.writeInt(7 + each * (levels - 1)).writeByte(1).writeByte('k');
          for (int i = levels - 1; i >= 0; i--) {
            out.writeByte(tag).writeInt(each * i);
            if (tag == 'F' && i > 0) {
              out.writeByte(1).writeByte('k');
            }
          }
        });
  }

  @Test
  void nestedTablesAreEqualInWhateverOrder() {
    FieldTable one = FieldTable.builder().put("a", 1).put("b", "text").build();
    FieldTable other = FieldTable.builder().put("b", "text").put("a", 1).build();
    FieldTable first = FieldTable.of("k", FieldValue.ArrayValue.of(FieldValue.of(one)));
    FieldTable second = FieldTable.of("k", FieldValue.ArrayValue.of(FieldValue.of(other)));
    assertThat(first).isEqualTo(second).hasSameHashCodeAs(second);
    assertThat(first.get("k")).isEqualTo(second.get("k"));
    assertThat(first).isNotEqualTo(FieldTable.of("k", FieldValue.ArrayValue.of()));
    assertThat(first).isNotEqualTo(one).isNotEqualTo(FieldTable.of("k", FieldValue.of(1)));
    assertThat(Bytes.ours(out -> FieldTableCodec.writeSorted(out, second)))
        .isEqualTo(Bytes.ours(out -> FieldTableCodec.write(out, first)));
  }

  private static void assertRefused(byte[] bytes, String text) {
    assertThatThrownBy(() -> read(bytes))
        .isInstanceOf(ConnectionError.class)
        .hasMessageStartingWith("FRAME_ERROR - ")
        .hasMessageContaining(text);
    assertThatThrownBy(() -> FieldTableCodec.skip(Unpooled.wrappedBuffer(bytes)))
        .isInstanceOf(ConnectionError.class)
        .hasMessageContaining(text);
  }

  private static FieldTable read(byte[] bytes) {
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    FieldTable table = FieldTableCodec.read(in);
    assertThat(in.isReadable()).isFalse();
    return table;
  }

  static Map<String, Object> toClient(FieldTable table) {
    Map<String, Object> map = new LinkedHashMap<>();
    table.entries().forEach(entry -> map.put(entry.getKey(), toClient(entry.getValue())));
    return map;
  }

  private static Object toClient(FieldValue value) {
    return switch (value) {
      case FieldValue.Bool v -> v.value();
      case FieldValue.Int8 v -> v.value();
      case FieldValue.Int16 v -> v.value();
      case FieldValue.Int32 v -> v.value();
      case FieldValue.Int64 v -> v.value();
      case FieldValue.Float32 v -> v.value();
      case FieldValue.Float64 v -> v.value();
      case FieldValue.Decimal v -> new BigDecimal(BigInteger.valueOf(v.unscaled()), v.scale());
      case FieldValue.LongString v -> v.value();
      case FieldValue.Bytes v -> v.value();
      case FieldValue.ArrayValue v ->
          v.values().stream().map(FieldTableCodecTest::toClient).toList();
      case FieldValue.Timestamp v -> new Date(v.seconds() * 1000);
      case FieldValue.Table v -> toClient(v.value());
      default -> throw new AssertionError("the client does not write " + value.typeName());
    };
  }

  /** The client's long strings as strings, and arrays of octets as something with an equals. */
  @SuppressWarnings("unchecked")
  static Object plain(Object value) {
    return switch (value) {
      case LongString text -> text.toString();
      case Map<?, ?> map -> {
        Map<String, Object> copy = new LinkedHashMap<>();
        ((Map<String, Object>) map).forEach((name, inner) -> copy.put(name, plain(inner)));
        yield copy;
      }
      case List<?> list -> list.stream().map(FieldTableCodecTest::plain).toList();
      case byte[] bytes -> ByteBuffer.wrap(bytes);
      default -> value;
    };
  }
}
