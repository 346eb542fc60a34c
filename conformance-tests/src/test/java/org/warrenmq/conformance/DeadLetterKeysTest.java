package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.GetResponse;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** By which keys dead letters are routed, and which they tell. On the test thread. */
class DeadLetterKeysTest extends DyingTest {
  private static final AMQP.BasicProperties COPIED =
      headers(Map.of("CC", List.of("open"), "BCC", List.of("blind")));

  @Test
  @Behaviour(165)
  void withoutANewKeyTheOldOneApplies() throws Exception {
    String exchange = exchange("direct", Map.of());
    String dead = boundQueue(exchange, "key");
    String queue = source("key", to(exchange));
    send(from(queue), "key", "1");
    reject(queue);
    GetResponse letter = getEventually(dead);
    assertThat(letter.getEnvelope().getExchange()).isEqualTo(exchange);
    assertThat(letter.getEnvelope().getRoutingKey()).isEqualTo("key");
    assertThat(routingKeys(deaths(letter).getFirst())).containsExactly("key");
  }

  @Test
  @Behaviour(165)
  void aNewKeyReplacesIt() throws Exception {
    String exchange = exchange("direct", Map.of());
    String dead = boundQueue(exchange, "new");
    String old = boundQueue(exchange, "key");
    String queue = source("key", to(exchange, "new"));
    send(from(queue), "key", "1");
    reject(queue);
    GetResponse letter = getEventually(dead);
    assertThat(letter.getEnvelope().getRoutingKey()).isEqualTo("new");
    assertThat(routingKeys(deaths(letter).getFirst())).containsExactly("key");
    assertThat(take(old)).isNull();
  }

  @Test
  @Behaviour(165)
  void aNewKeyMayBeEmpty() throws Exception {
    String exchange = exchange("direct", Map.of());
    String dead = boundQueue(exchange, "");
    String queue = queue(to(exchange, ""));
    send("", queue, "1");
    reject(queue);
    assertThat(getEventually(dead).getEnvelope().getRoutingKey()).isEmpty();
  }

  /** Of the copies' keys only the open ones are told. */
  @ParameterizedTest
  @ValueSource(strings = {"classic", "quorum"})
  @Behaviour({161, 165})
  void withoutANewKeyThoseOfCopiesApplyToo(String type) throws Exception {
    String exchange = exchange("direct", Map.of());
    List<String> dead =
        List.of(
            boundQueue(exchange, "key"),
            boundQueue(exchange, "open"),
            boundQueue(exchange, "blind"));
    String queue = source("key", and(to(exchange), "x-queue-type", type));
    send(from(queue), "key", COPIED, "1");
    reject(queue);
    for (String each : dead) {
      GetResponse letter = getEventually(each);
      assertThat(letter.getEnvelope().getRoutingKey()).isEqualTo("key");
      assertThat(routingKeys(deaths(letter).getFirst())).containsExactly("key", "open");
      assertThat(headers(letter)).containsKey("CC").doesNotContainKey("BCC");
    }
  }

  @Test
  @Behaviour({103, 165})
  void theyApplyAgainTheNextTime() throws Exception {
    String first = exchange("direct", Map.of());
    String second = exchange("direct", Map.of());
    String byOpen = boundQueue(second, "open");
    String byBlind = boundQueue(second, "blind");
    String middle = queue(to(second));
    channel().queueBind(middle, first, "blind");
    String queue = source("key", to(first));
    send(from(queue), "key", COPIED, "1");
    reject(queue);
    reject(middle);
    for (String each : List.of(byOpen, byBlind)) {
      GetResponse letter = getEventually(each);
      assertThat(toll(letter))
          .containsExactly(died(middle, "rejected", 1), died(queue, "rejected", 1));
      assertThat(deaths(letter))
          .allSatisfy(death -> assertThat(routingKeys(death)).containsExactly("key", "open"));
      assertThat(headers(letter)).doesNotContainKey("BCC");
    }
  }

  /** Also a new key that equals the old one. CC stays, and leads nowhere any more. */
  @ParameterizedTest
  @CsvSource({"classic, new", "classic, key", "quorum, new"})
  @Behaviour(165)
  void aNewKeyReplacesThoseOfCopiesForGood(String type, String newKey) throws Exception {
    String first = exchange("direct", Map.of());
    String second = exchange("direct", Map.of());
    String notByCopy = boundQueue(first, "open");
    channel().queueBind(notByCopy, first, "blind");
    channel().queueBind(notByCopy, second, "open");
    channel().queueBind(notByCopy, second, "blind");
    String dead = boundQueue(second, newKey);
    String middle = durableQueue(and(to(second), "x-queue-type", type));
    channel().queueBind(middle, first, newKey);
    String queue = source("key", and(to(first, newKey), "x-queue-type", type));
    send(from(queue), "key", COPIED, "1");
    reject(queue);
    reject(middle);
    GetResponse letter = getEventually(dead);
    assertThat(letter.getEnvelope().getRoutingKey()).isEqualTo(newKey);
    assertThat(routingKeys(deaths(letter).getFirst())).containsExactly(newKey);
    assertThat(routingKeys(deaths(letter).getLast())).containsExactly("key", "open");
    assertThat(headers(letter)).doesNotContainKey("BCC");
    assertThat(headers(letter).get("CC"))
        .asInstanceOf(InstanceOfAssertFactories.LIST)
        .extracting(Object::toString)
        .containsExactly("open");
    assertThat(take(notByCopy)).isNull();
  }

  @Test
  @Behaviour({103, 165})
  void manyKeysToOneQueueGiveOneCopy() throws Exception {
    String exchange = exchange("topic", Map.of());
    String dead = boundQueue(exchange, "#");
    String queue = source("key", to(exchange));
    send(from(queue), "key", headers(Map.of("CC", List.of("a", "b", 5, "a"))), "1");
    send(from(queue), "key", "2");
    reject(queue);
    reject(queue);
    GetResponse letter = getEventually(dead);
    assertThat(text(letter)).isEqualTo("1");
    assertThat(routingKeys(deaths(letter).getFirst())).containsExactly("key", "a", "b", "a");
    assertThat(getText(dead)).isEqualTo("2");
  }

  /** A durable queue bound to an exchange of its own. */
  private String source(String key, Map<String, Object> arguments) throws Exception {
    String queue = durableQueue(arguments);
    String exchange = removeExchangeLater(from(queue));
    channel().exchangeDeclare(exchange, "direct");
    channel().queueBind(queue, exchange, key);
    return queue;
  }

  private static String from(String source) {
    return source + ".x";
  }
}
