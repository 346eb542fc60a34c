package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.LongString;
import com.rabbitmq.client.impl.LongStringHelper;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Field tables of RabbitMQ's dialect, there and back. */
class FieldTableTest extends ConformanceTest {

  /** One value of each type that RabbitMQ's clients send, some of them at their bounds. */
  private static Map<String, Object> everyType() {
    Map<String, Object> table = new LinkedHashMap<>();
    table.put("S", LongStringHelper.asLongString("a long string, ünïcode too"));
    table.put("S-empty", LongStringHelper.asLongString(""));
    table.put("I", Integer.MIN_VALUE);
    table.put("D", new BigDecimal("12.345"));
    table.put("T", Date.from(Instant.ofEpochSecond(1_700_000_000L)));
    table.put("F", Map.of("inner", LongStringHelper.asLongString("nested"), "deeper", Map.of()));
    table.put("b", Byte.MIN_VALUE);
    table.put("d", 1.0e-300);
    table.put("f", 1.5f);
    table.put("l", Long.MAX_VALUE);
    table.put("s", Short.MIN_VALUE);
    table.put("t", true);
    table.put("t-false", false);
    table.put("x", new byte[] {0, 1, (byte) 0xCE, (byte) 0xFF});
    table.put("V", null);
    table.put(
        "A", List.of(1, 2L, LongStringHelper.asLongString("three"), List.of(), Map.of("k", 4)));
    return table;
  }

  @Test
  @Behaviour(122)
  @DisplayName("all types come back as headers with their types kept")
  void headersKeepTypes() throws Exception {
    String queue = queue();
    Map<String, Object> sent = everyType();

    channel()
        .basicPublish(
            "", queue, new AMQP.BasicProperties.Builder().headers(sent).build(), new byte[0]);

    Map<String, Object> received = getEventually(queue).getProps().getHeaders();
    assertThat(received).usingRecursiveComparison().isEqualTo(sent);
    assertThat(received.get("I")).isInstanceOf(Integer.class);
    assertThat(received.get("b")).isInstanceOf(Byte.class);
    assertThat(received.get("s")).isInstanceOf(Short.class);
    assertThat(received.get("f")).isInstanceOf(Float.class);
    assertThat(received.get("d")).isInstanceOf(Double.class);
    assertThat(received.get("S")).isInstanceOf(LongString.class);
    assertThat(received.get("x")).isInstanceOf(byte[].class);
    assertThat(((BigDecimal) received.get("D")).scale()).isEqualTo(3);
    assertThat(received).containsEntry("V", null);
  }

  @Test
  @Behaviour(122)
  @DisplayName("timestamps are whole seconds")
  void timestampsAreWholeSeconds() throws Exception {
    String queue = queue();
    Map<String, Object> headers = Map.of("at", Date.from(Instant.ofEpochMilli(1_700_000_000_999L)));

    channel()
        .basicPublish(
            "", queue, new AMQP.BasicProperties.Builder().headers(headers).build(), new byte[0]);

    assertThat(getEventually(queue).getProps().getHeaders())
        .containsEntry("at", Date.from(Instant.ofEpochSecond(1_700_000_000L)));
  }

  @Test
  @Behaviour(122)
  @DisplayName("all types may be exchange arguments")
  void exchangeArguments() throws Exception {
    String exchange = exchangeName();
    Map<String, Object> arguments = everyType();

    channel().exchangeDeclare(exchange, BuiltinExchangeType.DIRECT, false, false, arguments);

    // Declared for sure, and equivalent to itself.
    assertThat(
            channel()
                .exchangeDeclare(exchange, BuiltinExchangeType.DIRECT, false, false, arguments))
        .isNotNull();
    assertThat(channel().exchangeDeclarePassive(exchange)).isNotNull();
  }

  @Test
  @Behaviour(122)
  @DisplayName("all types may be binding arguments, and unbind finds them again")
  void bindingArguments() throws Exception {
    String exchange = exchange(BuiltinExchangeType.FANOUT);
    String queue = queue();
    Map<String, Object> arguments = everyType();
    channel().queueBind(queue, exchange, "", arguments);
    publish(exchange, "", "bound");
    assertThat(getText(queue)).isEqualTo("bound");

    channel().queueUnbind(queue, exchange, "", arguments);

    publish(exchange, "", "unbound");
    assertThat(get(queue)).isNull();
  }

  /** Tag and octets of each type, and of those that only other clients send. */
  static Stream<Arguments> everyTag() {
    return Stream.of(
        Arguments.of('t', new Octets().u8(1)),
        Arguments.of('b', new Octets().u8(0xFB)),
        Arguments.of('B', new Octets().u8(0xFB)),
        Arguments.of('s', new Octets().u16(0xFFFE)),
        Arguments.of('u', new Octets().u16(0xFFFE)),
        Arguments.of('I', new Octets().u32(0xFFFF_FFFDL)),
        Arguments.of('i', new Octets().u32(0xFFFF_FFFDL)),
        Arguments.of('l', new Octets().u64(-7)),
        Arguments.of('L', new Octets().u64(-7)),
        Arguments.of('f', new Octets().u32(Float.floatToIntBits(-2.5f))),
        Arguments.of('d', new Octets().u64(Double.doubleToLongBits(-2.5))),
        Arguments.of('D', new Octets().u8(2).u32(1234)),
        Arguments.of('S', new Octets().longString("text")),
        Arguments.of('A', new Octets().longString(new Octets().u8('s').u16(5).toBytes())),
        Arguments.of('T', new Octets().u64(1_700_000_000L)),
        Arguments.of('F', new Octets().table(new Octets().field("n", 'V', new Octets()))),
        Arguments.of('V', new Octets()),
        Arguments.of('x', new Octets().longString(new byte[] {1, 2, 3})));
  }

  @ParameterizedTest(name = "tag {0}")
  @MethodSource("everyTag")
  @Behaviour({122, 123})
  @DisplayName("a header comes back octet by octet")
  void headersKeepTheirOctets(char tag, Octets value) throws Exception {
    String queue = queue();
    RawConnection raw = openRawConnection();
    raw.openChannel(1);
    byte[] header = Octets.headerWithTable(0, new Octets().field("key", tag, value));

    raw.send(1, RawConnection.publishMethod("", queue));
    raw.send(RawFrame.HEADER, 1, header);
    raw.send(1, new AMQP.Basic.Get.Builder().queue(queue).noAck(true).build());

    raw.expect(1, AMQP.Basic.GetOk.class);
    // RabbitMQ takes 'L' for a long like 'l', and writes it as such.
    Octets back = new Octets().field("key", tag == 'L' ? 'l' : tag, value);
    assertThat(raw.read().payload()).isIn(header, Octets.headerWithTable(0, back));
  }

  @ParameterizedTest(name = "tag {0}")
  @ValueSource(chars = {'F', 'A'})
  @Behaviour({122, 90})
  @DisplayName("values may nest as deep as a frame allows, in headers and in a queue's arguments")
  void deepNesting(char tag) throws Exception {
    // Not in a binding's: RabbitMQ does not survive that.
    String queue = queueName();
    RawConnection raw = openRawConnection();
    raw.openChannel(1);
    Octets deep = nested(tag, 18_000);

    for (int i = 0; i < 2; i++) {
      declare(raw, queue, deep);
      raw.expect(1, AMQP.Queue.DeclareOk.class);
    }
    byte[] header = Octets.headerWithTable(0, deep);
    raw.send(1, RawConnection.publishMethod("", queue));
    raw.send(RawFrame.HEADER, 1, header);
    raw.send(1, new AMQP.Basic.Get.Builder().queue(queue).noAck(true).build());
    raw.expect(1, AMQP.Basic.GetOk.class);
    assertThat(raw.read().payload()).isEqualTo(header);
  }

  /** A field of so many tables or arrays, one in the other. */
  private static Octets nested(char tag, int levels) {
    Octets field = new Octets().shortString("k").u8(tag);
    int each = tag == 'F' ? 7 : 5;
    for (int i = levels - 1; i > 0; i--) {
      field.u32((long) each * i);
      if (tag == 'F') {
        field.shortString("k");
      }
      field.u8(tag);
    }
    return field.u32(0);
  }

  @ParameterizedTest(name = "tag {0}")
  @MethodSource("integersOfFive")
  @Behaviour(123)
  @DisplayName(
      "an integer is understood: it matches itself, and nothing else, in a headers exchange")
  void integersAreUnderstood(char tag, Octets value) throws Exception {
    String exchange = exchange(BuiltinExchangeType.HEADERS);
    String queue = queue();
    RawConnection raw = openRawConnection();
    raw.openChannel(1);
    Octets match =
        new Octets().field("x-match", 'S', new Octets().longString("all")).field("key", tag, value);
    bind(raw, queue, exchange, match);

    publishWithHeader(raw, exchange, new Octets().field("key", tag, value));
    publishWithHeader(raw, exchange, new Octets().field("other", tag, value));

    getEventually(queue);
    assertThat(get(queue)).isNull();
  }

  /** Integer tags, all of which may give a number in arguments. */
  static Stream<Arguments> integersOfFive() {
    return Stream.of(
        Arguments.of('b', new Octets().u8(5)),
        Arguments.of('B', new Octets().u8(5)),
        Arguments.of('s', new Octets().u16(5)),
        Arguments.of('u', new Octets().u16(5)),
        Arguments.of('I', new Octets().u32(5)),
        Arguments.of('i', new Octets().u32(5)),
        Arguments.of('l', new Octets().u64(5)),
        Arguments.of('L', new Octets().u64(5)));
  }

  @ParameterizedTest(name = "tag {0}")
  @MethodSource("integersOfFive")
  @Behaviour(123)
  @DisplayName("every integer type is a number where one is due")
  void integersOfAnyWidthAreNumbers(char tag, Octets five) throws Exception {
    String queue = queueName();
    RawConnection raw = openRawConnection();
    raw.openChannel(1);
    Octets arguments = new Octets().field("x-max-length", tag, five);

    declare(raw, queue, arguments);
    raw.expect(1, AMQP.Queue.DeclareOk.class);

    channel().queueDeclare(queue, false, false, false, Map.of("x-max-length", 5));
    AMQP.Channel.Close close =
        channelClose(
            channel(),
            () -> channel().queueDeclare(queue, false, false, false, Map.of("x-max-length", 6)));
    assertThat(close.getReplyText())
        .startsWith("PRECONDITION_FAILED - inequivalent arg 'x-max-length'")
        .endsWith("received '6' but current is '5'");
  }

  private static void declare(RawConnection raw, String queue, Octets arguments)
      throws IOException {
    raw.send(
        RawFrame.METHOD,
        1,
        Octets.method(50, 10).u16(0).shortString(queue).u8(0).table(arguments).toBytes());
  }

  private static void bind(RawConnection raw, String queue, String exchange, Octets arguments)
      throws IOException {
    raw.send(
        RawFrame.METHOD,
        1,
        Octets.method(50, 20)
            .u16(0)
            .shortString(queue)
            .shortString(exchange)
            .shortString("")
            .u8(0)
            .table(arguments)
            .toBytes());
    raw.expect(1, AMQP.Queue.BindOk.class);
  }

  private static void publishWithHeader(RawConnection raw, String exchange, Octets fields)
      throws IOException {
    raw.send(1, RawConnection.publishMethod(exchange, ""));
    raw.send(RawFrame.HEADER, 1, Octets.headerWithTable(0, fields));
    // A synchronous call after it: the message has been routed when the answer is here.
    raw.send(1, new AMQP.Channel.Flow.Builder().active(true).build());
    raw.expect(1, AMQP.Channel.FlowOk.class);
  }
}
