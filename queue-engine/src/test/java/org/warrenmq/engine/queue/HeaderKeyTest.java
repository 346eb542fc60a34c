package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.warrenmq.codec.Content;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.codec.PropertyEdit;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.Messages;

class HeaderKeyTest {
  private static @Nullable FieldValue key(FieldValue value) {
    Content content = Messages.of(1).content();
    byte[] properties = PropertyEdit.withHeaders(content.properties(), FieldTable.of("g", value));
    return HeaderKey.of(new Message("x", "m", new Content(properties, content.body()), false), "g");
  }

  @Test
  void noHeaderIsNoGroup() {
    assertThat(HeaderKey.of(Messages.of(1), "g")).isNull();
    Content content = Messages.of(1).content();
    byte[] properties =
        PropertyEdit.withHeaders(content.properties(), FieldTable.of("h", FieldValue.of(1)));
    Message other = new Message("x", "m", new Content(properties, content.body()), false);
    assertThat(HeaderKey.of(other, "g")).isNull();
  }

  @Test
  void voidIsNoGroup() {
    assertThat(key(FieldValue.VoidValue.INSTANCE)).isNull();
  }

  @Test
  void integersAreEqualWhateverTheirType() {
    FieldValue seven = key(FieldValue.of(7));
    assertThat(seven)
        .isEqualTo(key(FieldValue.of(7L)))
        .isEqualTo(key(new FieldValue.Int8((byte) 7)))
        .isNotEqualTo(key(FieldValue.of(8)))
        .isNotEqualTo(key(FieldValue.of("7")))
        .isNotEqualTo(key(new FieldValue.Timestamp(7)));
  }

  @Test
  void valuesOfEveryOtherTypeAreEqualWhenTheyAre() {
    for (FieldValue value :
        List.of(
            FieldValue.of("a"),
            FieldValue.of(true),
            new FieldValue.Float64(Double.NaN),
            new FieldValue.Decimal(1, 2),
            new FieldValue.Bytes(new byte[] {1}),
            FieldValue.ArrayValue.of(FieldValue.of(1)),
            FieldValue.of(FieldTable.of("k", FieldValue.of(1))))) {
      assertThat(key(value)).isNotNull().isEqualTo(key(value));
    }
    assertThat(key(new FieldValue.Bytes(new byte[] {1})))
        .isNotEqualTo(key(new FieldValue.Bytes(new byte[] {2})));
  }

  @Test
  void longValuesTakeLittleMemory() {
    FieldValue first = key(FieldValue.of("a".repeat(10_000) + "1"));
    assertThat(first)
        .isEqualTo(key(FieldValue.of("a".repeat(10_000) + "1")))
        .isNotEqualTo(key(FieldValue.of("a".repeat(10_000) + "2")));
    assertThat(FieldTable.of("", first).sizeInMemory()).isLessThan(500);
  }
}
