package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThatCode;

import com.rabbitmq.client.Channel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Which arguments a redeclaration is compared by, for each type of queue: a table that was made by
 * asking RabbitMQ 4.0.5 once. On the test thread.
 */
class RedeclarationTest extends MessagingTest {

  /** How a second declaration goes, or the first. */
  enum Outcome {
    /** It is the same queue. */
    SAME,
    /** Inequivalent. */
    REFUSED,
    /** Refused already where the queue is new. */
    INVALID
  }

  @ParameterizedTest(name = "{0} {1}")
  @Behaviour({90, 97})
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = true,
      useHeadersInDisplayName = false,
      textBlock =
          """
          # type | argument | value | another | the same again | with, without | without, with | another
          classic | x-message-ttl                   | 60000        | 70000          | SAME    | REFUSED | REFUSED | REFUSED
          classic | x-expires                       | 600000       | 700000         | SAME    | REFUSED | REFUSED | REFUSED
          classic | x-max-length                    | 10           | 20             | SAME    | REFUSED | REFUSED | REFUSED
          classic | x-max-length-bytes              | 1000         | 2000           | SAME    | REFUSED | REFUSED | REFUSED
          classic | x-max-priority                  | 5            | 6              | SAME    | REFUSED | REFUSED | REFUSED
          classic | x-overflow                      | drop-head    | reject-publish | SAME    | REFUSED | REFUSED | REFUSED
          classic | x-dead-letter-exchange          | amq.direct   | amq.fanout     | SAME    | REFUSED | REFUSED | REFUSED
          classic | x-dead-letter-routing-key       | a            | b              | SAME    | REFUSED | REFUSED | REFUSED
          classic | x-dead-letter-strategy          | at-most-once | at-least-once  | INVALID | INVALID | SAME    | INVALID
          classic | x-single-active-consumer        | true         | false          | SAME    | REFUSED | REFUSED | REFUSED
          classic | x-queue-mode                    | lazy         | default        | SAME    | REFUSED | REFUSED | REFUSED
          classic | x-queue-version                 | 1            | 2              | SAME    | REFUSED | REFUSED | REFUSED
          classic | x-queue-master-locator          | client-local | min-masters    | SAME    | REFUSED | REFUSED | REFUSED
          classic | x-queue-leader-locator          | client-local | balanced       | SAME    | REFUSED | REFUSED | REFUSED
          classic | x-consumer-timeout              | 10000        | 20000          | SAME    | SAME    | SAME    | SAME
          classic | x-quorum-initial-group-size     | 1            | 3              | INVALID | INVALID | SAME    | INVALID
          classic | x-quorum-target-group-size      | 1            | 3              | SAME    | SAME    | SAME    | SAME
          classic | x-max-in-memory-length          | 10           | 20             | INVALID | INVALID | SAME    | INVALID
          classic | x-max-in-memory-bytes           | 10           | 20             | INVALID | INVALID | SAME    | INVALID
          classic | x-max-age                       | 1h           | 2h             | INVALID | INVALID | SAME    | INVALID
          classic | x-stream-max-segment-size-bytes | 1000000      | 2000000        | INVALID | INVALID | SAME    | INVALID
          classic | x-stream-filter-size-bytes      | 16           | 32             | SAME    | SAME    | SAME    | SAME
          classic | x-initial-cluster-size          | 1            | 3              | INVALID | INVALID | SAME    | INVALID
          classic | x-unknown                       | 1            | 2              | SAME    | SAME    | SAME    | SAME
          classic | x-cancel-on-ha-failover         | true         | false          | SAME    | SAME    | SAME    | SAME
          quorum  | x-message-ttl                   | 60000        | 70000          | SAME    | REFUSED | REFUSED | REFUSED
          quorum  | x-expires                       | 600000       | 700000         | SAME    | REFUSED | REFUSED | REFUSED
          quorum  | x-max-length                    | 10           | 20             | SAME    | REFUSED | REFUSED | REFUSED
          quorum  | x-max-length-bytes              | 1000         | 2000           | SAME    | REFUSED | REFUSED | REFUSED
          quorum  | x-max-priority                  | 5            | 6              | INVALID | INVALID | SAME    | INVALID
          quorum  | x-overflow                      | drop-head    | reject-publish | SAME    | REFUSED | REFUSED | REFUSED
          quorum  | x-dead-letter-exchange          | amq.direct   | amq.fanout     | SAME    | REFUSED | REFUSED | REFUSED
          quorum  | x-dead-letter-routing-key       | a            | b              | SAME    | REFUSED | REFUSED | REFUSED
          quorum  | x-dead-letter-strategy          | at-most-once | at-least-once  | SAME    | REFUSED | REFUSED | REFUSED
          quorum  | x-single-active-consumer        | true         | false          | SAME    | REFUSED | REFUSED | REFUSED
          quorum  | x-queue-mode                    | lazy         | default        | INVALID | INVALID | SAME    | INVALID
          quorum  | x-queue-version                 | 1            | 2              | INVALID | INVALID | SAME    | INVALID
          quorum  | x-queue-master-locator          | client-local | min-masters    | INVALID | INVALID | SAME    | INVALID
          quorum  | x-queue-leader-locator          | client-local | balanced       | SAME    | REFUSED | REFUSED | REFUSED
          quorum  | x-consumer-timeout              | 10000        | 20000          | SAME    | SAME    | SAME    | SAME
          quorum  | x-delivery-limit                | 5            | 6              | SAME    | REFUSED | REFUSED | REFUSED
          quorum  | x-quorum-initial-group-size     | 1            | 3              | SAME    | REFUSED | REFUSED | REFUSED
          quorum  | x-quorum-target-group-size      | 1            | 3              | SAME    | SAME    | SAME    | SAME
          quorum  | x-max-in-memory-length          | 10           | 20             | SAME    | REFUSED | REFUSED | REFUSED
          quorum  | x-max-in-memory-bytes           | 10           | 20             | SAME    | REFUSED | REFUSED | REFUSED
          quorum  | x-max-age                       | 1h           | 2h             | INVALID | INVALID | SAME    | INVALID
          quorum  | x-stream-max-segment-size-bytes | 1000000      | 2000000        | INVALID | INVALID | SAME    | INVALID
          quorum  | x-stream-filter-size-bytes      | 16           | 32             | SAME    | SAME    | SAME    | SAME
          quorum  | x-initial-cluster-size          | 1            | 3              | INVALID | INVALID | SAME    | INVALID
          quorum  | x-unknown                       | 1            | 2              | SAME    | SAME    | SAME    | SAME
          quorum  | x-cancel-on-ha-failover         | true         | false          | SAME    | SAME    | SAME    | SAME
          """)
  void comparesWhatTheTypeKnows(
      String type,
      String argument,
      String value,
      String another,
      Outcome same,
      Outcome without,
      Outcome with,
      Outcome other)
      throws Exception {
    Map<String, Object> bare = new HashMap<>(Map.of("x-queue-type", type));
    if (argument.equals("x-dead-letter-routing-key")) {
      bare.put("x-dead-letter-exchange", "conformance.dlx");
    }
    Map<String, Object> having = new HashMap<>(bare);
    having.put(argument, typed(value));
    Map<String, Object> havingAnother = new HashMap<>(bare);
    havingAnother.put(argument, typed(another));

    String of = "for queue '%s' in vhost '/'";
    String inequivalent = "PRECONDITION_FAILED - inequivalent arg '" + argument + "' " + of + ": ";
    String present = "the value '%s' of type '%s'".formatted(value, typeName(typed(value)));
    redeclare(type, having, having, same, "");
    redeclare(
        type, having, bare, without, inequivalent + "received none but current is " + present);
    redeclare(
        type, bare, having, with, inequivalent + "received " + present + " but current is none");
    redeclare(
        type,
        having,
        havingAnother,
        other,
        inequivalent + "received '" + another + "' but current is '" + value + "'");
  }

  private void redeclare(
      String type,
      Map<String, Object> first,
      Map<String, Object> second,
      Outcome expected,
      String text)
      throws Exception {
    String queue = queueName();
    Channel channel = newChannel();
    if (expected == Outcome.INVALID) {
      String invalid =
          "PRECONDITION_FAILED - invalid arg '%s' for queue '%s' in vhost '/' of queue type"
              + " rabbit_%s_queue";
      String argument =
          first.keySet().stream()
              .filter(name -> !name.equals("x-queue-type"))
              .findAny()
              .orElseThrow();
      expectChannelClose(
          channel,
          406,
          invalid.formatted(argument, queue, type),
          () -> channel.queueDeclare(queue, true, false, false, first));
      return;
    }
    channel.queueDeclare(queue, true, false, false, first);
    if (expected == Outcome.SAME) {
      assertThatCode(() -> channel.queueDeclare(queue, true, false, false, second))
          .doesNotThrowAnyException();
      channel.queueDelete(queue);
      channel.close();
    } else {
      expectChannelClose(
          channel,
          406,
          text.formatted(queue),
          () -> channel.queueDeclare(queue, true, false, false, second));
    }
  }

  private static Object typed(String value) {
    return switch (value) {
      case "true", "false" -> Boolean.valueOf(value);
      default ->
          value.chars().allMatch(Character::isDigit) ? (Object) Integer.valueOf(value) : value;
    };
  }

  private static String typeName(Object value) {
    return value instanceof Boolean ? "bool" : value instanceof Integer ? "signedint" : "longstr";
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "quorum"})
  @Behaviour(90)
  void namesTheFirstThatDiffersAndChecksNothingElse(String type) throws Exception {
    Map<String, Object> bare = Map.of("x-queue-type", type);
    String queue = durableQueue(bare);
    var all = new HashMap<String, Object>(bare);
    // No value of a new queue: only equality counts.
    all.put("x-message-ttl", -1);
    all.put("x-single-active-consumer", true);
    all.put("x-max-length", 5);
    all.put("x-expires", "soon");
    List<String> order =
        type.equals("classic")
            ? List.of("x-expires", "x-message-ttl", "x-max-length", "x-single-active-consumer")
            : List.of("x-expires", "x-max-length", "x-single-active-consumer", "x-message-ttl");
    for (String argument : order) {
      Object value = all.get(argument);
      expectChannelClose(
          406,
          "PRECONDITION_FAILED - inequivalent arg '%s' for queue '%s' in vhost '/': received the value '%s' of type '%s' but current is none"
              .formatted(argument, queue, value, typeName(value)),
          () -> channel().queueDeclare(queue, true, false, false, Map.copyOf(all)));
      all.remove(argument);
    }
    channel().queueDeclare(queue, true, false, false, all);
  }

  @ParameterizedTest
  @CsvSource({"true,true", "true,false", "false,true", "false,false"})
  @Behaviour({84, 88})
  void anExclusiveQueueIsTransientWhateverIsAskedFor(boolean first, boolean second)
      throws Exception {
    String queue = queueName();
    channel().queueDeclare(queue, first, true, false, null);
    channel().queueDeclare(queue, second, true, false, null);
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - inequivalent arg 'auto_delete' for queue '"
            + queue
            + "' in vhost '/': received 'true' but current is 'false'",
        () -> channel().queueDeclare(queue, !first, true, true, null));
  }

  @ParameterizedTest
  @CsvSource({
    "true,true,true,auto-delete",
    "true,true,false,exclusive-owner",
    "false,true,false,exclusive-owner",
    "false,false,false,non-durable"
  })
  @Behaviour(98)
  void whatAQuorumQueueCannotBe(
      boolean durable, boolean exclusive, boolean autoDelete, String property) throws Exception {
    String queue = queueName();
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - invalid property '"
            + property
            + "' for queue '"
            + queue
            + "' in vhost '/'",
        () ->
            channel()
                .queueDeclare(
                    queue, durable, exclusive, autoDelete, Map.of("x-queue-type", "quorum")));
  }
}
