package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Method;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which values of queue arguments are valid. On the test thread. */
class QueueArgumentsTest extends MessagingTest {
  /** The longest time in milliseconds; up to 3.x it was 4294967295, which is valid for both. */
  private static final long TEN_YEARS = 10L * 365 * 24 * 3600 * 1000;

  static Stream<Arguments> invalidValues() {
    return Stream.of(
        arguments("x-message-ttl", -1, "{value_negative,-1}"),
        arguments("x-message-ttl", "100", "\"expected integer, got longstr\""),
        arguments("x-message-ttl", true, "\"expected integer, got bool\""),
        arguments("x-message-ttl", 100.0, "\"expected integer, got double\""),
        arguments("x-message-ttl", -(1L << 40), "{value_negative,-1099511627776}"),
        arguments("x-message-ttl", TEN_YEARS + 1, "{value_too_large,315360000001}"),
        arguments("x-expires", -1, "{value_negative,-1}"),
        arguments("x-expires", 0, "{value_zero,0}"),
        arguments("x-expires", "100", "\"expected integer, got longstr\""),
        arguments("x-expires", List.of(1), "\"expected integer, got array\""),
        arguments("x-expires", 1.0f, "\"expected integer, got float\""),
        arguments("x-expires", TEN_YEARS + 1, "{value_too_large,315360000001}"),
        arguments("x-max-length", -1, "{value_negative,-1}"),
        arguments("x-max-length", "10", "\"expected integer, got longstr\""),
        arguments("x-max-length", Map.of(), "\"expected integer, got table\""),
        arguments("x-max-length-bytes", -1, "{value_negative,-1}"),
        arguments("x-max-length-bytes", "10", "\"expected integer, got longstr\""),
        arguments("x-max-length-bytes", false, "\"expected integer, got bool\""),
        arguments("x-overflow", "drop-tail", "invalid_overflow"),
        arguments("x-overflow", "", "invalid_overflow"),
        arguments("x-overflow", "DROP-HEAD", "invalid_overflow"),
        arguments("x-overflow", 5, "{unacceptable_type,signedint}"),
        arguments("x-max-priority", 256, "{max_value_exceeded,256}"),
        arguments("x-max-priority", 1L << 40, "{max_value_exceeded,1099511627776}"),
        arguments("x-max-priority", -1, "{value_negative,-1}"),
        arguments("x-max-priority", "5", "\"expected integer, got longstr\""),
        arguments("x-max-priority", true, "\"expected integer, got bool\""),
        arguments("x-queue-mode", "hasty", "\"unsupported queue mode 'hasty'\""),
        arguments("x-queue-mode", 5, "{unacceptable_type,signedint}"),
        arguments("x-queue-version", 0, "\"unsupported queue version '0'\""),
        arguments("x-queue-version", -1, "{value_negative,-1}"),
        arguments("x-queue-version", "2", "\"expected integer, got longstr\""),
        arguments("x-queue-version", 3, "\"unsupported queue version '3'\""),
        arguments("x-queue-leader-locator", "nowhere", "invalid_queue_locator_arg"),
        arguments("x-queue-leader-locator", 5, "{unacceptable_type,signedint}"),
        arguments("x-single-active-consumer", 1, "{unacceptable_type,signedint}"),
        arguments("x-single-active-consumer", "yes", "{unacceptable_type,longstr}"));
  }

  @ParameterizedTest
  @MethodSource("invalidValues")
  @Behaviour(93)
  void invalidValuesAreRefused(String key, Object value, String reason) throws Exception {
    String queue = queueName();
    expectChannelClose(406, invalid(key, queue) + reason, () -> declare(queue, Map.of(key, value)));
    assertThat(queueExists(queue)).isFalse();
  }

  static Stream<Arguments> validValues() {
    return Stream.of(
        arguments("x-message-ttl", List.of((byte) 1, (short) 1, 1, 1L, 0)),
        arguments("x-expires", List.of((byte) 127, (short) 10_000, 10_000, 10_000L)),
        arguments("x-max-length", List.of(0, (byte) 1, (short) 1, 1, 1L, 1L << 62)),
        arguments("x-max-length-bytes", List.of(0, (byte) 1, (short) 1, 1, 1L, 1L << 62)),
        arguments("x-overflow", List.of("drop-head", "reject-publish", "reject-publish-dlx")),
        arguments("x-max-priority", List.of(0, (byte) 1, (short) 255, 255, 255L)),
        arguments("x-single-active-consumer", List.of(true, false)),
        arguments("x-queue-mode", List.of("default", "lazy")),
        arguments("x-queue-version", List.of(1, 2)),
        arguments("x-queue-leader-locator", List.of("client-local", "balanced")),
        arguments("x-consumer-timeout", List.of(-1, 0, 5000, "soon")));
  }

  @ParameterizedTest
  @MethodSource("validValues")
  @Behaviour({92, 93})
  void validValuesAreTaken(String key, List<Object> values) {
    assertThatCode(
            () -> {
              for (Object value : values) {
                queue(Map.of(key, value));
              }
            })
        .doesNotThrowAnyException();
  }

  @Test
  @Behaviour(93)
  void nothingIsNoValue() throws Exception {
    for (String key : List.of("x-message-ttl", "x-expires", "x-max-length", "x-max-priority")) {
      String queue = queueName();
      var arguments = new HashMap<String, @Nullable Object>();
      arguments.put(key, null);
      expectChannelClose(
          406,
          invalid(key, queue) + "\"expected integer, got void\"",
          () -> declare(queue, arguments));
    }
  }

  @Test
  @Behaviour(93)
  void theLargestTimesAreValid() {
    assertThatCode(
            () -> {
              queue(Map.of("x-message-ttl", 4294967295L));
              queue(Map.of("x-expires", 4294967295L));
              queue(Map.of("x-max-priority", 255));
            })
        .doesNotThrowAnyException();
  }

  @Test
  @Behaviour(95)
  void aTimeToLiveOfZeroIsValid() throws Exception {
    String queue = queue(Map.of("x-message-ttl", 0));
    send("", queue, "never delivered");
    send("", queue(), NO_PROPERTIES.builder().expiration("0").build(), "never delivered");
    assertThat(channel().isOpen()).isTrue();
  }

  @Test
  @Behaviour(96)
  void aDeadLetterExchangeThatIsNoStringIsRefused() throws Exception {
    String queue = queueName();
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - invalid type 'signedint' for arg 'x-dead-letter-exchange' in queue '"
            + queue
            + "' in vhost '/'",
        () -> declare(queue, Map.of("x-dead-letter-exchange", 144)));
  }

  @Test
  @Behaviour(96)
  void aDeadLetterRoutingKeyAloneIsRefused() throws Exception {
    String queue = queueName();
    expectChannelClose(
        406,
        invalid("x-dead-letter-routing-key", queue) + "routing_key_but_no_dlx_defined",
        () -> declare(queue, Map.of("x-dead-letter-routing-key", "key")));
  }

  @Test
  @Behaviour(96)
  void aDeadLetterRoutingKeyThatIsNoStringIsRefused() throws Exception {
    String queue = queueName();
    expectChannelClose(
        406,
        invalid("x-dead-letter-routing-key", queue) + "{unacceptable_type,signedint}",
        () ->
            declare(
                queue,
                Map.of("x-dead-letter-exchange", "amq.direct", "x-dead-letter-routing-key", 5)));
  }

  @Test
  @Behaviour(96)
  void aDeadLetterExchangeNeedNotExist() throws Exception {
    String queue = queue(Map.of("x-dead-letter-exchange", exchangeName()));
    assertThat(queueExists(queue)).isTrue();
  }

  @Test
  @Behaviour(97)
  void anUnknownQueueTypeIsRefused() throws Exception {
    String queue = queueName();
    Method reason = refusal(() -> declare(queue, Map.of("x-queue-type", "no-such-type")));
    // RabbitMQ up to 4.0 ends the connection with an internal error; 406 serves clients as well.
    switch (reason) {
      case AMQP.Connection.Close close -> assertThat(close.getReplyCode()).isEqualTo(541);
      case AMQP.Channel.Close close -> assertThat(close.getReplyCode()).isEqualTo(406);
      default -> throw new AssertionError("unexpected " + reason);
    }
    assertThat(queueExists(queue)).isFalse();
  }

  static Stream<Arguments> impossibleQuorumQueues() {
    return Stream.of(
        arguments(false, false, false, "non-durable"),
        arguments(true, true, false, "exclusive-owner"),
        arguments(true, false, true, "auto-delete"));
  }

  @ParameterizedTest
  @MethodSource("impossibleQuorumQueues")
  @Behaviour(98)
  void quorumQueuesAreDurableSharedAndLasting(
      boolean durable, boolean exclusive, boolean autoDelete, String property) throws Exception {
    String queue = queueName();
    Map<String, Object> quorum = Map.of("x-queue-type", "quorum");
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - invalid property '"
            + property
            + "' for queue '"
            + queue
            + "' in vhost '/'",
        () -> channel().queueDeclare(queue, durable, exclusive, autoDelete, quorum));
    assertThat(queueExists(queue)).isFalse();
  }

  @Test
  @Behaviour(98)
  void quorumQueuesHaveNoMaximumPriority() throws Exception {
    String queue = queueName();
    Map<String, Object> quorum = Map.of("x-queue-type", "quorum", "x-max-priority", 5);
    AMQP.Channel.Close close =
        channelClose(channel(), () -> channel().queueDeclare(queue, true, false, false, quorum));
    assertThat(close.getReplyCode()).isEqualTo(406);
    // RabbitMQ adds the name of the module that implements the type.
    assertThat(close.getReplyText())
        .startsWith(
            "PRECONDITION_FAILED - invalid arg 'x-max-priority' for queue '"
                + queue
                + "' in vhost '/'");
  }

  static Stream<Arguments> impossibleOnAQuorumQueue() {
    return Stream.of(
        arguments("x-message-ttl", -1, "{value_negative,-1}"),
        arguments("x-message-ttl", "x", "\"expected integer, got longstr\""),
        arguments("x-expires", 0, "{value_zero,0}"),
        arguments("x-max-length", -1, "{value_negative,-1}"),
        arguments("x-max-length-bytes", "x", "\"expected integer, got longstr\""),
        arguments("x-overflow", "drop-tail", "invalid_overflow"),
        arguments("x-single-active-consumer", "yes", "{unacceptable_type,longstr}"),
        arguments("x-dead-letter-strategy", "at-best", "invalid_dlx_strategy"),
        arguments("x-dead-letter-strategy", 5, "{unacceptable_type,signedint}"),
        arguments("x-max-in-memory-length", -1, "{value_negative,-1}"),
        arguments("x-quorum-initial-group-size", -1, "{value_negative,-1}"));
  }

  @ParameterizedTest
  @MethodSource("impossibleOnAQuorumQueue")
  @Behaviour({93, 98})
  void invalidValuesAreRefusedForQuorumQueuesToo(String key, Object value, String reason)
      throws Exception {
    String queue = queueName();
    expectChannelClose(
        406, invalid(key, queue) + reason, () -> declareQuorum(queue, Map.of(key, value)));
    assertThat(queueExists(queue)).isFalse();
  }

  @Test
  @Behaviour({93, 98})
  void aQuorumQueueTakesWhatIsForIt() {
    assertThatCode(
            () -> {
              for (Object limit : List.of((byte) 0, (short) 5, 5, 5L, -1, 1L << 40)) {
                declareQuorum(queueName(), Map.of("x-delivery-limit", limit));
              }
              for (String strategy : List.of("at-most-once", "at-least-once")) {
                declareQuorum(queueName(), Map.of("x-dead-letter-strategy", strategy));
              }
              declareQuorum(
                  queueName(),
                  Map.of("x-max-in-memory-length", 5, "x-quorum-initial-group-size", 1));
            })
        .doesNotThrowAnyException();
  }

  /** RabbitMQ takes anything, and takes what is no number for no limit; to refuse it is clearer. */
  @Test
  @Behaviour(93)
  void aDeliveryLimitThatIsNoNumberIsTakenOrRefused() throws Exception {
    String queue = queueName();
    Map<String, Object> arguments = Map.of("x-delivery-limit", "5");
    try {
      declareQuorum(queue, arguments);
    } catch (IOException refused) {
      expectChannelClose(
          406,
          invalid("x-delivery-limit", queue) + "\"expected integer, got longstr\"",
          () -> declareQuorum(queue, arguments));
    }
  }

  /** RabbitMQ refuses it; a limit that holds for every type of queue is as good an answer. */
  @Test
  @Behaviour({93, 172})
  void aDeliveryLimitOnAClassicQueueIsRefusedOrHolds() throws Exception {
    String queue = queueName();
    try {
      declare(queue, Map.of("x-delivery-limit", 1));
    } catch (IOException refused) {
      AMQP.Channel.Close close =
          channelClose(channel(), () -> declare(queue, Map.of("x-delivery-limit", 1)));
      assertThat(close.getReplyCode()).isEqualTo(406);
      // RabbitMQ adds the name of the module that implements the type.
      assertThat(close.getReplyText())
          .startsWith(
              "PRECONDITION_FAILED - invalid arg 'x-delivery-limit' for queue '"
                  + queue
                  + "' in vhost '/'");
      return;
    }
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - inequivalent arg 'x-delivery-limit' for queue '"
            + queue
            + "' in vhost '/': received '2' but current is '1'",
        () -> declare(queue, Map.of("x-delivery-limit", 2)));
    Channel channel = channel();
    send("", queue, "1");
    for (int i = 0; i < 2; i++) {
      channel.basicReject(tag(hold(channel, queue)), true);
    }
    assertThat(contents(channel, queue)).isEmpty();
  }

  @Test
  @Behaviour({93, 98})
  void quorumQueuesHaveAtLeastOneMember() throws Exception {
    String queue = queueName();
    Map<String, Object> quorum = Map.of("x-queue-type", "quorum", "x-quorum-initial-group-size", 0);
    expectChannelClose(
        406,
        invalid("x-quorum-initial-group-size", queue) + "{value_zero,0}",
        () -> channel().queueDeclare(queue, true, false, false, quorum));
  }

  @Test
  void aGroupHeaderIsTheNameOfOne() throws Exception {
    assumeFalse(BrokerUnderTest.isForeign(), "RabbitMQ has no message groups");
    String key = "x-group-header";
    for (String type : List.of("classic", "quorum")) {
      String queue = queueName();
      expectChannelClose(
          406,
          invalid(key, queue) + "{unacceptable_type,signedint}",
          () -> declareTyped(type, queue, Map.of(key, 5)));
      expectChannelClose(
          406,
          invalid(key, queue) + "empty_group_header",
          () -> declareTyped(type, queue, Map.of(key, "")));
      declareTyped(type, queue, Map.of(key, "customer"));
      declareTyped(type, queue, Map.of(key, "customer"));
      expectChannelClose(
          406,
          inequivalent(key, queue) + "received 'other' but current is 'customer'",
          () -> declareTyped(type, queue, Map.of(key, "other")));
      expectChannelClose(
          406,
          inequivalent(key, queue)
              + "received none but current is the value 'customer' of type 'longstr'",
          () -> declareTyped(type, queue, Map.of()));
    }
  }

  @Test
  void aQueueWithGroupsHasNoPriorities() throws Exception {
    assumeFalse(BrokerUnderTest.isForeign(), "RabbitMQ has no message groups");
    String key = "x-group-header";
    String queue = queueName();
    expectChannelClose(
        406,
        invalid(key, queue) + "group_header_and_max_priority",
        () -> declare(queue, Map.of(key, "customer", "x-max-priority", 5)));
    assertThat(queueExists(queue)).isFalse();
  }

  private void declareTyped(String type, String queue, Map<String, Object> more) throws Exception {
    var arguments = new HashMap<>(more);
    arguments.put("x-queue-type", type);
    channel().queueDeclare(queue, true, false, false, arguments);
  }

  private void declare(String queue, Map<String, @Nullable Object> arguments) throws Exception {
    channel().queueDeclare(queue, false, false, false, arguments);
  }

  private void declareQuorum(String queue, Map<String, Object> more) throws Exception {
    var arguments = new HashMap<>(more);
    arguments.put("x-queue-type", "quorum");
    channel().queueDeclare(queue, true, false, false, arguments);
  }

  private static String inequivalent(String key, String queue) {
    return "PRECONDITION_FAILED - inequivalent arg '"
        + key
        + "' for queue '"
        + queue
        + "' in vhost '/': ";
  }

  private static String invalid(String key, String queue) {
    return "PRECONDITION_FAILED - invalid arg '"
        + key
        + "' for queue '"
        + queue
        + "' in vhost '/': ";
  }
}
