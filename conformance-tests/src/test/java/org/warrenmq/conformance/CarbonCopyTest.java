package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.LongString;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Further routing keys in the CC and BCC headers. On the test thread. */
class CarbonCopyTest extends MessagingTest {

  @ParameterizedTest
  @ValueSource(strings = {"CC", "BCC"})
  @Behaviour(103)
  void addsRoutingKeys(String header) throws Exception {
    String exchange = exchange("direct", Map.of());
    String first = boundQueue(exchange, "first");
    String second = boundQueue(exchange, "second");
    String third = boundQueue(exchange, "third");
    String none = boundQueue(exchange, "none");
    send(exchange, "first", headers(Map.of(header, List.of("second", "third"))), "m");
    for (String queue : List.of(first, second, third)) {
      assertThat(drain(queue)).containsExactly("m");
    }
    assertThat(drain(none)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"CC", "BCC"})
  @Behaviour(103)
  void worksOnTheDefaultExchange(String header) throws Exception {
    String first = queue();
    String second = queue();
    send("", first, headers(Map.of(header, List.of(second))), "m");
    assertThat(drain(first)).containsExactly("m");
    assertThat(drain(second)).containsExactly("m");
  }

  @Test
  @Behaviour(103)
  void worksOnTopicExchangesAndFromAKeyWithoutRoute() throws Exception {
    String exchange = exchange("topic", Map.of());
    String queue = boundQueue(exchange, "a.*");
    send(exchange, "nowhere", headers(Map.of("CC", List.of("a.b"))), "cc");
    send(exchange, "nowhere", headers(Map.of("BCC", List.of("a.c"))), "bcc");
    assertThat(drain(queue)).containsExactly("cc", "bcc");
  }

  @Test
  @Behaviour(103)
  void duplicatesGiveOneCopy() throws Exception {
    String queue = queue();
    var copies = headers(Map.of("CC", List.of(queue, queue), "BCC", List.of(queue, queue)));
    send("", queue, copies, "once");
    assertThat(drain(queue)).containsExactly("once");
  }

  @Test
  @Behaviour(103)
  void blindCopiesAreHiddenAndOpenOnesStay() throws Exception {
    String queue = queue();
    var copies = headers(Map.of("CC", List.of("open"), "BCC", List.of("blind"), "other", "kept"));
    send("", queue, copies, "m");
    Map<String, Object> headers = hold(channel(), queue).getProps().getHeaders();
    assertThat(headers).containsOnlyKeys("CC", "other");
    assertThat(headers.get("CC"))
        .asInstanceOf(InstanceOfAssertFactories.LIST)
        .extracting(Object::toString)
        .containsExactly("open");
    assertThat(headers.get("other")).isInstanceOf(LongString.class).hasToString("kept");
  }

  static Stream<Arguments> notAnArray() {
    return Stream.of(
        arguments("CC", 5, "signedint"),
        arguments("CC", "key", "longstr"),
        arguments("BCC", 5, "signedint"),
        arguments("BCC", true, "bool"));
  }

  @ParameterizedTest
  @MethodSource("notAnArray")
  @Behaviour(103)
  void whatIsNoArrayIsRefused(String header, Object value, String type) throws Exception {
    String queue = queue();
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - invalid message: {unacceptable_type_in_header,\""
            + header
            + "\","
            + type
            + "}",
        () -> channel().basicPublish("", queue, headers(Map.of(header, value)), bytes("refused")));
    assertThat(drain(queue)).isEmpty();
  }

  @Test
  @Behaviour(103)
  void entriesThatAreNoStringsAreIgnored() throws Exception {
    String first = queue();
    String second = queue();
    send("", first, headers(Map.of("CC", List.of(5, second, true))), "m");
    assertThat(drain(first)).containsExactly("m");
    assertThat(drain(second)).containsExactly("m");
  }

  @Test
  @Behaviour(104)
  void everyCopyCarriesTheOriginalKey() throws Exception {
    String exchange = exchange("direct", Map.of());
    String first = boundQueue(exchange, "first");
    String second = boundQueue(exchange, "second");
    String third = boundQueue(exchange, "third");
    send(exchange, "first", headers(Map.of("CC", List.of("second"), "BCC", List.of("third"))), "m");
    for (String queue : List.of(first, second, third)) {
      assertThat(hold(channel(), queue).getEnvelope().getRoutingKey()).isEqualTo("first");
    }
  }

  private static AMQP.BasicProperties headers(Map<String, Object> headers) {
    return NO_PROPERTIES.builder().headers(headers).build();
  }
}
