package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Method;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Declaring exchanges: what exists, what is equivalent, what is reserved. On the test thread. */
class ExchangeDeclareTest extends MessagingTest {
  private static final String ON_DEFAULT =
      "ACCESS_REFUSED - operation not permitted on the default exchange";

  @Test
  @Behaviour(51)
  void passiveDeclareOfAMissingExchangeIsNotFound() throws Exception {
    String name = exchangeName();
    expectChannelClose(
        404,
        "NOT_FOUND - no exchange '" + name + "' in vhost '/'",
        () -> channel().exchangeDeclarePassive(name));
  }

  @Test
  @Behaviour(51)
  void passiveDeclareOfAnExistingExchangeLooksAtTheNameOnly() throws Exception {
    String name = exchange("fanout", Map.of());
    assertThatCode(() -> channel().exchangeDeclarePassive(name)).doesNotThrowAnyException();
    var otherwise =
        new AMQP.Exchange.Declare.Builder().exchange(name).type("topic").passive().build();
    assertThat(channel().rpc(otherwise).getMethod()).isInstanceOf(AMQP.Exchange.DeclareOk.class);
  }

  @ParameterizedTest
  @CsvSource({
    "type, fanout, direct",
    "durable, true, false",
    "auto_delete, true, false",
    "internal, true, false"
  })
  @Behaviour(52)
  void redeclareWithAnotherPropertyIsRefused(String property, String received, String current)
      throws Exception {
    String name = exchange("direct", Map.of());
    boolean type = property.equals("type");
    expectChannelClose(
        406,
        inequivalent(property, name)
            + "received '"
            + received
            + "' but current is '"
            + current
            + "'",
        () ->
            channel()
                .exchangeDeclare(
                    name,
                    type ? "fanout" : "direct",
                    property.equals("durable"),
                    property.equals("auto_delete"),
                    property.equals("internal"),
                    Map.of()));
  }

  @Test
  @Behaviour({52, 53})
  void redeclareWithAnAlternateExchangeWhereThereWasNoneIsRefused() throws Exception {
    String name = exchange("direct", Map.of());
    expectChannelClose(
        406,
        inequivalent("alternate-exchange", name)
            + "received the value 'other' of type 'longstr' but current is none",
        () -> redeclare(name, Map.of("alternate-exchange", "other")));
  }

  @Test
  @Behaviour({52, 53})
  void redeclareWithoutTheAlternateExchangeIsRefused() throws Exception {
    String name = exchange("direct", Map.of("alternate-exchange", "first"));
    expectChannelClose(
        406,
        inequivalent("alternate-exchange", name)
            + "received none but current is the value 'first' of type 'longstr'",
        () -> redeclare(name, Map.of()));
  }

  @Test
  @Behaviour({52, 53})
  void redeclareWithAnotherAlternateExchangeIsRefused() throws Exception {
    String name = exchange("direct", Map.of("alternate-exchange", "first"));
    expectChannelClose(
        406,
        inequivalent("alternate-exchange", name) + "received 'second' but current is 'first'",
        () -> redeclare(name, Map.of("alternate-exchange", "second")));
    redeclare(name, Map.of("alternate-exchange", "first"));
  }

  @Test
  @Behaviour(54)
  void unknownArgumentsDoNotBreakEquivalence() throws Exception {
    String name = exchange("direct", Map.of("x-nonsense", "blah"));
    assertThatCode(
            () -> {
              redeclare(name, Map.of());
              redeclare(name, Map.of("x-nonsense", 5, "more", List.of("a", "b")));
            })
        .doesNotThrowAnyException();
  }

  @Test
  @Behaviour(55)
  void lineFeedsAndCarriageReturnsAreStrippedFromTheName() throws Exception {
    String name = exchangeName();
    channel().exchangeDeclare("\n" + name + "\r\n", "direct", false);
    assertThat(exchangeExists(name)).isTrue();
    channel().exchangeDelete(name);
    assertThat(exchangeExists(name)).isFalse();
  }

  @Test
  @Behaviour(56)
  void unknownTypeIsRefused() throws Exception {
    Channel channel = channel();
    Method reason = refusal(() -> channel.exchangeDeclare(exchangeName(), "no-such-type"));
    // A close of the connection with 503 up to 3.x, a close of the channel with 406 since.
    switch (reason) {
      case AMQP.Channel.Close close -> {
        assertThat(close.getReplyText())
            .isEqualTo("PRECONDITION_FAILED - unknown exchange type 'no-such-type'");
        assertThat(close.getReplyCode()).isEqualTo(406);
      }
      case AMQP.Connection.Close close -> {
        assertThat(close.getReplyText())
            .isEqualTo("COMMAND_INVALID - unknown exchange type 'no-such-type'");
        assertThat(close.getReplyCode()).isEqualTo(503);
      }
      default -> throw new AssertionError("unexpected " + reason);
    }
  }

  @Test
  @Behaviour(57)
  void theReservedPrefixIsRefused() throws Exception {
    String name = "amq." + exchangeName();
    expectChannelClose(
        403,
        "ACCESS_REFUSED - exchange name '" + name + "' contains reserved prefix 'amq.*'",
        () -> channel().exchangeDeclare(name, "direct"));
  }

  @Test
  @Behaviour(57)
  void equivalentAndPassiveRedeclareOfAPredeclaredExchangeIsFine() {
    assertThatCode(
            () -> {
              channel().exchangeDeclare("amq.direct", "direct", true);
              channel().exchangeDeclarePassive("amq.direct");
              channel().exchangeDeclare("amq.topic", "topic", true, false, Map.of());
            })
        .doesNotThrowAnyException();
  }

  @Test
  @Behaviour({52, 57})
  void inequivalentRedeclareOfAPredeclaredExchangeIsRefused() throws Exception {
    expectChannelClose(
        406,
        inequivalent("type", "amq.direct") + "received 'fanout' but current is 'direct'",
        () -> channel().exchangeDeclare("amq.direct", "fanout", true));
  }

  @Test
  @Behaviour(58)
  void theDefaultExchangeCanNeitherBeDeclaredNorDeletedNorBound() throws Exception {
    String queue = queue();
    List<Action> refused =
        List.of(
            () -> channel().exchangeDeclare("", "direct", true),
            () -> channel().exchangeDeclarePassive(""),
            () -> channel().exchangeDelete(""),
            () -> channel().queueBind(queue, "", "key"),
            () -> channel().queueUnbind(queue, "", queue));
    for (Action action : refused) {
      expectChannelClose(403, ON_DEFAULT, action);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "amq.direct",
        "amq.fanout",
        "amq.topic",
        "amq.headers",
        "amq.match",
        "amq.rabbitmq.trace",
        "amq.rabbitmq.log"
      })
  @Behaviour(59)
  void predeclaredExchangesCannotBeDeleted(String name) throws Exception {
    expectChannelClose(
        403,
        "ACCESS_REFUSED - deletion of system exchange '" + name + "' in vhost '/' not allowed",
        () -> channel().exchangeDelete(name));
  }

  @ParameterizedTest
  @CsvSource({
    "amq.direct, direct, false",
    "amq.fanout, fanout, false",
    "amq.topic, topic, false",
    "amq.headers, headers, false",
    "amq.match, headers, false",
    "amq.rabbitmq.trace, topic, true"
  })
  @Behaviour(60)
  void predeclaredExchangesAreDurable(String name, String type, boolean internal) throws Exception {
    channel().exchangeDeclarePassive(name);
    channel().exchangeDeclare(name, type, true, false, internal, Map.of());
    expectChannelClose(
        406,
        inequivalent("durable", name) + "received 'false' but current is 'true'",
        () -> channel().exchangeDeclare(name, type, false, false, internal, Map.of()));
  }

  @Test
  @Behaviour(60)
  void theDefaultExchangeRoutesByQueueName() throws Exception {
    String queue = queue();
    send("", queue, "a");
    assertThat(drain(queue)).containsExactly("a");
  }

  @Test
  @Behaviour(61)
  void deletingAMissingExchangeSucceeds() throws Exception {
    String name = exchange("direct", Map.of());
    assertThat(channel().exchangeDelete(name)).isNotNull();
    assertThat(channel().exchangeDelete(name)).isNotNull();
    assertThat(channel().exchangeDelete(name, true)).isNotNull();
  }

  @Test
  @Behaviour(62)
  void deleteIfUnusedIsRefusedWhileThereAreBindingsFromIt() throws Exception {
    String name = exchange("direct", Map.of());
    String queue = boundQueue(name, "key");
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - exchange '" + name + "' in vhost '/' in use",
        () -> channel().exchangeDelete(name, true));
    channel().queueUnbind(queue, name, "key");
    channel().exchangeDelete(name, true);
    assertThat(exchangeExists(name)).isFalse();
  }

  @Test
  @Behaviour(62)
  void bindingsToAnExchangeDoNotCountAsItsUse() throws Exception {
    String source = exchange("direct", Map.of());
    String target = exchange("direct", Map.of());
    channel().exchangeBind(target, source, "key");
    channel().exchangeDelete(target, true);
    assertThat(exchangeExists(target)).isFalse();
    assertThat(exchangeExists(source)).isTrue();
  }

  @Test
  @Behaviour(70)
  void anAlternateExchangeThatIsNoStringIsRefused() throws Exception {
    String name = exchangeName();
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - invalid type 'signedint' for arg 'alternate-exchange' in exchange '"
            + name
            + "' in vhost '/'",
        () -> redeclare(name, Map.of("alternate-exchange", 5)));
  }

  @Test
  @Behaviour(73)
  void aRecreatedExchangeHasLostItsBindings() throws Exception {
    String name = exchange("fanout", Map.of());
    String queue = boundQueue(name, "");
    channel().exchangeDelete(name);
    channel().exchangeDeclare(name, "fanout", false);
    send(name, "", "lost");
    assertThat(drain(queue)).isEmpty();
    channel().queueBind(queue, name, "");
    send(name, "", "found");
    assertThat(drain(queue)).containsExactly("found");
  }

  private AMQP.Exchange.DeclareOk redeclare(String name, Map<String, Object> arguments)
      throws Exception {
    return channel().exchangeDeclare(name, "direct", false, false, false, arguments);
  }

  private static String inequivalent(String property, String name) {
    return "PRECONDITION_FAILED - inequivalent arg '"
        + property
        + "' for exchange '"
        + name
        + "' in vhost '/': ";
  }
}
