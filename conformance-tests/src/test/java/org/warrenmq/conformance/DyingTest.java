package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.LongString;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.assertj.core.groups.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * What the tests of dead letters have in common, used by the test thread only: queues whose
 * messages die, and what their headers say then.
 */
abstract class DyingTest extends MessagingTest {
  /** A time to live in milliseconds: messages are to die of it soon. */
  static final int SOON = 100;

  /** Arguments of a queue whose dead letters go to this exchange with their own key. */
  static Map<String, Object> to(String exchange) {
    return Map.of("x-dead-letter-exchange", exchange);
  }

  /** Arguments of a queue whose dead letters go to this exchange with another key. */
  static Map<String, Object> to(String exchange, String key) {
    return Map.of("x-dead-letter-exchange", exchange, "x-dead-letter-routing-key", key);
  }

  /** Arguments of a queue whose dead letters go to that queue. */
  static Map<String, Object> toQueue(String queue) {
    return to("", queue);
  }

  /** One argument more. */
  static Map<String, Object> and(Map<String, Object> arguments, String name, Object value) {
    var all = new HashMap<>(arguments);
    all.put(name, value);
    return all;
  }

  /** A queue whose messages die soon, for that queue. */
  final String expiring(String deadLetters) throws IOException, TimeoutException {
    return queue(and(toQueue(deadLetters), "x-message-ttl", SOON));
  }

  static AMQP.BasicProperties headers(Map<String, Object> headers) {
    return NO_PROPERTIES.builder().headers(headers).build();
  }

  /** Rejects the next message of a queue, which must come; gives what was delivered. */
  final GetResponse reject(String queue) throws IOException, TimeoutException {
    Channel channel = channel();
    GetResponse[] held = new GetResponse[1];
    await("a message in " + queue, () -> (held[0] = channel.basicGet(queue, false)) != null);
    channel.basicReject(tag(held[0]), false);
    return held[0];
  }

  // ---------------------------------------------------------------- what they say

  static Map<String, Object> headers(GetResponse dead) {
    Map<String, Object> headers = dead.getProps().getHeaders();
    assertThat(headers).as("headers").isNotNull();
    return headers;
  }

  /** A header's text; null when it is not there. */
  static @Nullable String header(GetResponse dead, String name) {
    Object value = headers(dead).get(name);
    return value == null ? null : value.toString();
  }

  /** The entries of x-death. */
  static List<Map<String, Object>> deaths(GetResponse dead) {
    assertThat(headers(dead).get("x-death")).as("x-death").isInstanceOf(List.class);
    @SuppressWarnings("unchecked") // A table is always such a map, and checked to be one below.
    var entries = (List<Map<String, Object>>) headers(dead).get("x-death");
    assertThat(entries).allSatisfy(entry -> assertThat(entry).isInstanceOf(Map.class));
    return entries;
  }

  /** Queue, reason and count of each death. */
  static List<Tuple> toll(GetResponse dead) {
    return deaths(dead).stream().map(DyingTest::toll).toList();
  }

  private static Tuple toll(Map<String, Object> death) {
    return died(text(death, "queue"), text(death, "reason"), (Long) death.get("count"));
  }

  /** As {@link #toll} has it. */
  static Tuple died(String queue, String reason, long count) {
    return tuple(queue, reason, count);
  }

  static String text(Map<String, Object> death, String field) {
    assertThat(death.get(field)).as(field).isInstanceOf(LongString.class);
    return death.get(field).toString();
  }

  static List<String> routingKeys(Map<String, Object> death) {
    assertThat(death.get("routing-keys")).isInstanceOf(List.class);
    return ((List<?>) death.get("routing-keys")).stream().map(Object::toString).toList();
  }
}
