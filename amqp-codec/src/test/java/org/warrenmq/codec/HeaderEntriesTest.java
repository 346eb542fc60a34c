package org.warrenmq.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeaderEntriesTest {
  private static final FieldTable HEADERS =
      FieldTable.builder()
          .put("text", "a")
          .put("", 5)
          .put("ü", true)
          .put("array", FieldValue.ArrayValue.of(FieldValue.of(1L), FieldValue.of("b")))
          .put("table", FieldTable.of("in", FieldValue.of(FieldTable.of("it", FieldValue.of(1)))))
          .put("void", FieldValue.VoidValue.INSTANCE)
          .put("octets", new FieldValue.Bytes(new byte[] {1}))
          .put("time", new FieldValue.Timestamp(7))
          .put("decimal", new FieldValue.Decimal(1, 2))
          .build();

  @Test
  void findsAndCopiesEach() {
    byte[] properties =
        Properties.builder().contentType("t").headers(HEADERS).messageId("m").build().encode();
    List<FieldValue> values = new ArrayList<>();
    ByteBuf copy = Unpooled.buffer();
    copy.writeInt(0);
    HeaderEntries entries = new HeaderEntries(properties);
    while (entries.advance()) {
      values.add(entries.value());
      entries.copyTo(copy);
    }
    assertThat(values).containsExactlyElementsOf(HEADERS.asMap().values());
    copy.setInt(0, copy.writerIndex() - Integer.BYTES);
    assertThat(PropertyEdit.withHeaders(properties, copy)).isEqualTo(properties);
  }

  @Test
  void tellsNames() {
    HeaderEntries entries =
        new HeaderEntries(Properties.builder().headers(HEADERS).build().encode());
    entries.advance();
    assertThat(entries.isNamed("text")).isTrue();
    assertThat(entries.isNamed("test")).isFalse();
    assertThat(entries.isNamed("tex")).isFalse();
    assertThat(entries.isNamed("texts")).isFalse();
    entries.advance();
    assertThat(entries.isNamed("")).isTrue();
  }

  @Test
  void thereMayBeNone() {
    assertThat(new HeaderEntries(Properties.NONE.encode()).advance()).isFalse();
    byte[] empty = Properties.builder().headers(FieldTable.EMPTY).appId("a").build().encode();
    assertThat(new HeaderEntries(empty).advance()).isFalse();
  }
}
