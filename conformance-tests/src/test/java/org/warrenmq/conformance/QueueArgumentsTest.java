package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Method;
import java.util.Map;
import java.util.stream.Stream;
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
        arguments("x-message-ttl", TEN_YEARS + 1, "{value_too_large,315360000001}"),
        arguments("x-expires", -1, "{value_negative,-1}"),
        arguments("x-expires", 0, "{value_zero,0}"),
        arguments("x-expires", "100", "\"expected integer, got longstr\""),
        arguments("x-expires", TEN_YEARS + 1, "{value_too_large,315360000001}"),
        arguments("x-max-length", -1, "{value_negative,-1}"),
        arguments("x-max-length", "10", "\"expected integer, got longstr\""),
        arguments("x-max-length-bytes", -1, "{value_negative,-1}"),
        arguments("x-overflow", "drop-tail", "invalid_overflow"),
        arguments("x-max-priority", 256, "{max_value_exceeded,256}"),
        arguments("x-max-priority", -1, "{value_negative,-1}"),
        arguments("x-max-priority", "5", "\"expected integer, got longstr\""),
        arguments("x-queue-version", 3, "\"unsupported queue version '3'\""),
        arguments("x-queue-leader-locator", "nowhere", "invalid_queue_locator_arg"),
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
  @Behaviour(92)
  void whatIsNotCheckedMayBeAnything() throws Exception {
    String queue = queueName();
    declare(queue, Map.of("x-consumer-timeout", "soon"));
    assertThat(queueExists(queue)).isTrue();
  }

  private void declare(String queue, Map<String, Object> arguments) throws Exception {
    channel().queueDeclare(queue, false, false, false, arguments);
  }

  private static String invalid(String key, String queue) {
    return "PRECONDITION_FAILED - invalid arg '"
        + key
        + "' for queue '"
        + queue
        + "' in vhost '/': ";
  }
}
