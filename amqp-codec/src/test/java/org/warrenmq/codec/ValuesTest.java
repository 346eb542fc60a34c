package org.warrenmq.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.warrenmq.codec.FieldValue.ArrayValue;
import org.warrenmq.codec.FieldValue.VoidValue;

/** Small values: reply codes, errors, tables as maps, values in error texts, protocol headers. */
class ValuesTest {
  @Test
  void replyCodesAreTheProtocols() {
    assertThat(ReplyCode.SUCCESS.code()).isEqualTo(AMQP.REPLY_SUCCESS);
    assertThat(ReplyCode.CONTENT_TOO_LARGE.code()).isEqualTo(AMQP.CONTENT_TOO_LARGE);
    assertThat(ReplyCode.NO_ROUTE.code()).isEqualTo(AMQP.NO_ROUTE);
    assertThat(ReplyCode.NO_CONSUMERS.code()).isEqualTo(AMQP.NO_CONSUMERS);
    assertThat(ReplyCode.CONNECTION_FORCED.code()).isEqualTo(AMQP.CONNECTION_FORCED);
    assertThat(ReplyCode.INVALID_PATH.code()).isEqualTo(AMQP.INVALID_PATH);
    assertThat(ReplyCode.ACCESS_REFUSED.code()).isEqualTo(AMQP.ACCESS_REFUSED);
    assertThat(ReplyCode.NOT_FOUND.code()).isEqualTo(AMQP.NOT_FOUND);
    assertThat(ReplyCode.RESOURCE_LOCKED.code()).isEqualTo(AMQP.RESOURCE_LOCKED);
    assertThat(ReplyCode.PRECONDITION_FAILED.code()).isEqualTo(AMQP.PRECONDITION_FAILED);
    assertThat(ReplyCode.FRAME_ERROR.code()).isEqualTo(AMQP.FRAME_ERROR);
    assertThat(ReplyCode.SYNTAX_ERROR.code()).isEqualTo(AMQP.SYNTAX_ERROR);
    assertThat(ReplyCode.COMMAND_INVALID.code()).isEqualTo(AMQP.COMMAND_INVALID);
    assertThat(ReplyCode.CHANNEL_ERROR.code()).isEqualTo(AMQP.CHANNEL_ERROR);
    assertThat(ReplyCode.UNEXPECTED_FRAME.code()).isEqualTo(AMQP.UNEXPECTED_FRAME);
    assertThat(ReplyCode.RESOURCE_ERROR.code()).isEqualTo(AMQP.RESOURCE_ERROR);
    assertThat(ReplyCode.NOT_ALLOWED.code()).isEqualTo(AMQP.NOT_ALLOWED);
    assertThat(ReplyCode.NOT_IMPLEMENTED.code()).isEqualTo(AMQP.NOT_IMPLEMENTED);
    assertThat(ReplyCode.INTERNAL_ERROR.code()).isEqualTo(AMQP.INTERNAL_ERROR);
  }

  @Test
  void errorsNameTheirMethodAndHaveNoStackTrace() {
    AmqpError error = new ChannelError(ReplyCode.NOT_FOUND, "no queue 'q' in vhost '/'").at(50, 10);
    assertThat(error).isInstanceOf(ChannelError.class);
    assertThat(error.text()).isEqualTo("NOT_FOUND - no queue 'q' in vhost '/'");
    assertThat(error.explanation()).isEqualTo("no queue 'q' in vhost '/'");
    assertThat(error.classId()).isEqualTo(50);
    assertThat(error.methodId()).isEqualTo(10);
    assertThat(error.getStackTrace()).isEmpty();
    assertThat(new ConnectionError(ReplyCode.NOT_ALLOWED, "x", 1, 2).at(3, 4))
        .isInstanceOf(ConnectionError.class)
        .hasMessage("NOT_ALLOWED - x");
  }

  @Test
  void valuesShowAsTerms() {
    FieldTable table =
        FieldTable.builder()
            .put("k", "vv")
            .put("n", FieldTable.of("b", VoidValue.INSTANCE))
            .build();
    Map<FieldValue, String> shown = new LinkedHashMap<>();
    shown.put(FieldValue.of("éa"), "éa");
    shown.put(FieldValue.of(true), "true");
    shown.put(FieldValue.of(-5), "-5");
    shown.put(new FieldValue.UInt32(4_000_000_000L), "4000000000");
    shown.put(new FieldValue.Timestamp(5), "5");
    shown.put(new FieldValue.Float64(1e10), "1.0e10");
    shown.put(new FieldValue.Float32(0.1f), "0.10000000149011612");
    shown.put(new FieldValue.Decimal(2, 314), "{2,314}");
    shown.put(VoidValue.INSTANCE, "undefined");
    shown.put(new FieldValue.Bytes(new byte[] {1, 2}), "\1\2");
    shown.put(
        ArrayValue.of(FieldValue.of(1), FieldValue.of("a\"b"), new FieldValue.Bytes(new byte[1])),
        "[{signedint,1},{longstr,<<\"a\\\"b\">>},{binary,<<0>>}]");
    shown.put(
        FieldValue.of(table),
        "[{<<\"k\">>,longstr,<<\"vv\">>},{<<\"n\">>,table,[{<<\"b\">>,void,undefined}]}]");
    shown.forEach((value, text) -> assertThat(value.display()).isEqualTo(text));
  }

  @Test
  void shownValuesAreBounded() {
    FieldValue[] many = new FieldValue[10_000];
    Arrays.fill(many, FieldValue.of("x".repeat(1000)));
    assertThat(ArrayValue.of(many).display().length()).isLessThan(2000);
    FieldTable.Builder table = FieldTable.builder();
    for (int i = 0; i < 1000; i++) {
      table.put("k" + i, FieldValue.of(ArrayValue.of(many).display()));
    }
    assertThat(FieldValue.of(table.build()).display().length()).isLessThan(2000);
  }

  @Test
  void onlyIntegersAreIntegers() {
    assertThat(new FieldValue.Int8((byte) -1).isInteger()).isTrue();
    assertThat(new FieldValue.Int64(7).isInteger()).isTrue();
    assertThat(new FieldValue.UInt16(7).asLong()).isEqualTo(7);
    assertThat(new FieldValue.Timestamp(7).isInteger()).isFalse();
    assertThat(new FieldValue.Timestamp(7).asLong()).isEqualTo(7);
    assertThat(FieldValue.of("7").isInteger()).isFalse();
    assertThatThrownBy(() -> FieldValue.of("7").asLong())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no number: longstr");
  }

  @Test
  void tablesAreOrderedAndImmutable() {
    FieldTable table = FieldTable.builder().put("b", 1).put("a", "x").put("b", 2L).build();
    assertThat(table.names()).containsExactly("b", "a");
    assertThat(table.get("b")).isEqualTo(FieldValue.of(2L));
    assertThat(table.with("c", FieldValue.of(true)).isTrue("c")).isTrue();
    assertThat(table.contains("c")).isFalse();
    assertThat(table.without("b").names()).containsExactly("a");
    assertThat(table.without("z")).isSameAs(table);
    assertThat(table.without("b").without("a")).isSameAs(FieldTable.EMPTY);
    assertThat(table.getString("a")).isEqualTo("x");
    assertThat(table.getString("b")).isNull();
    assertThat(FieldTable.of("t", FieldValue.of(table)).getTable("t")).isSameAs(table);
    assertThatThrownBy(() -> table.entries().clear())
        .isInstanceOf(UnsupportedOperationException.class);
    FieldTable.Builder used = FieldTable.builder();
    assertThat(used.build()).isSameAs(FieldTable.EMPTY);
    assertThatThrownBy(() -> used.put("x", 1)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void tablesAreEqualWhateverTheirOrder() {
    FieldTable one = FieldTable.builder().put("a", 1).put("b", 2).build();
    FieldTable two = FieldTable.builder().put("b", 2).put("a", 1).build();
    assertThat(one).isEqualTo(two).hasSameHashCodeAs(two);
    assertThat(one).isNotEqualTo(two.with("a", FieldValue.of(1L)));
    assertThat(FieldTable.of(one.asMap())).isEqualTo(one);
  }

  @Test
  void largeBodiesLieInPieces() {
    assertThat(new Body.Stored(1, Body.MAX_INLINE + 1, true).pieces()).isEqualTo(5);
    assertThat(new Body.Stored(1, 8L * Body.PIECE, true).pieces()).isEqualTo(8);
    assertThat(new Body.Stored(1, 512L << 20, true).pieces()).isEqualTo(2048);
  }

  @Test
  void protocolHeadersAreTold() {
    byte[] ours = ProtocolHeader.bytes();
    assertThat(ours).isEqualTo(Bytes.hex("414d5150 00000901"));
    assertThat(Bytes.ours(ProtocolHeader::write)).isEqualTo(ours);
    assertThat(classify("414d5150 00000901")).isEqualTo(ProtocolHeader.Kind.AMQP_0_9_1);
    assertThat(classify("414d5150 01010009")).isEqualTo(ProtocolHeader.Kind.AMQP_0_9_1);
    assertThat(classify("414d5150 00000909")).isEqualTo(ProtocolHeader.Kind.OTHER);
    assertThat(classify("414d5150 03010000")).isEqualTo(ProtocolHeader.Kind.OTHER);
    assertThat(classify("474554202f204854")).isEqualTo(ProtocolHeader.Kind.OTHER);
  }

  private static ProtocolHeader.Kind classify(String hex) {
    return ProtocolHeader.classify(Unpooled.wrappedBuffer(Bytes.hex(hex)));
  }
}
