package org.warrenmq.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.warrenmq.codec.FieldTable;

class RouteCacheTest {
  private final TestVhost vhost = new TestVhost();
  private final RouteCache cache = new RouteCache(new Router());

  /** A direct exchange type that counts how often it is asked. */
  private final AtomicInteger asked = new AtomicInteger();

  private final ExchangeTable counted =
      new ExchangeTable("/", ExchangeTypes.of(List.of(new CountedType(asked))));

  private List<String> lookup(Exchange exchange, String key) {
    return TestVhost.names(
        cache.lookup(vhost.table, vhost.queues::get, exchange, key, MessageProperties.NONE));
  }

  private Exchange countedExchange(String name) {
    return counted.declare(TestVhost.spec(name, "counted", false, FieldTable.EMPTY));
  }

  private int asksFor(Exchange exchange, String key) {
    int before = asked.get();
    cache.lookup(counted, name -> null, exchange, key, MessageProperties.NONE);
    return asked.get() - before;
  }

  @Test
  void asksOnceAndAgainAfterAChange() {
    Exchange exchange = countedExchange("x");
    assertThat(asksFor(exchange, "k")).isEqualTo(1);
    assertThat(asksFor(exchange, "k")).isZero();
    assertThat(asksFor(exchange, "l")).isEqualTo(1);

    counted.bind(new Binding(exchange, vhost.queue("q"), "other", FieldTable.EMPTY));
    assertThat(asksFor(exchange, "k")).isEqualTo(1);
    assertThat(asksFor(exchange, "k")).isZero();
  }

  @Test
  void churnElsewhereSpoilsNothing() {
    Exchange mine = countedExchange("mine");
    Exchange near = countedExchange("near");
    Exchange far = countedExchange("far");
    counted.bind(new Binding(mine, near, "k", FieldTable.EMPTY));
    assertThat(asksFor(mine, "k")).isEqualTo(2);

    for (int i = 0; i < 100; i++) {
      Binding binding = new Binding(far, vhost.queue("q"), "k" + i, FieldTable.EMPTY);
      counted.bind(binding);
      assertThat(asksFor(mine, "k")).isZero();
    }
    counted.bind(new Binding(near, vhost.queue("q"), "k", FieldTable.EMPTY));
    assertThat(asksFor(mine, "k")).as("a change downstream counts").isEqualTo(2);
  }

  @Test
  void noticesAChangeFarDownstream() {
    Exchange first = vhost.exchange("x0", "fanout");
    Exchange last = first;
    for (int i = 1; i < 20; i++) {
      Exchange next = vhost.exchange("x" + i, "topic");
      vhost.bind(last, next, "#");
      last = next;
    }
    assertThat(lookup(first, "k")).isEmpty();
    Binding binding = vhost.bind(last, vhost.queue("q"), "#");
    assertThat(lookup(first, "k")).containsExactly("q");
    vhost.table.unbind(binding);
    assertThat(lookup(first, "k")).isEmpty();
  }

  @Test
  void noticesAnAlternateThatComesAndGoes() {
    Exchange exchange = vhost.exchange("x", "direct", "alt");
    assertThat(lookup(exchange, "k")).isEmpty();

    Exchange alternate = vhost.exchange("alt", "fanout");
    vhost.bind(alternate, vhost.queue("q"), "");
    assertThat(lookup(exchange, "k")).containsExactly("q");

    vhost.table.delete(alternate);
    assertThat(lookup(exchange, "k")).isEmpty();

    vhost.bind(vhost.exchange("alt", "direct"), vhost.queue("r"), "k");
    assertThat(lookup(exchange, "k")).containsExactly("r");
  }

  @Test
  void noticesAChangedPolicy() {
    Exchange exchange = vhost.exchange("x", "direct");
    vhost.bind(vhost.exchange("alt", "fanout"), vhost.queue("q"), "");
    assertThat(lookup(exchange, "k")).isEmpty();

    vhost.table.alternateByPolicy(exchange, "alt");
    assertThat(lookup(exchange, "k")).containsExactly("q");
    vhost.table.alternateByPolicy(exchange, null);
    assertThat(lookup(exchange, "k")).isEmpty();
  }

  @Test
  void aDeletedExchangeRoutesNowhereAndItsSuccessorOnItsOwn() {
    Exchange exchange = vhost.exchange("x", "direct");
    vhost.bind(exchange, vhost.queue("q"), "k");
    assertThat(lookup(exchange, "k")).containsExactly("q");

    vhost.table.delete(exchange);
    Exchange successor = vhost.exchange("x", "direct");

    assertThat(lookup(exchange, "k")).isEmpty();
    assertThat(lookup(successor, "k")).isEmpty();
  }

  @Test
  void theDefaultExchangeFollowsTheQueues() {
    Exchange exchange = vhost.table.defaultExchange();
    assertThat(lookup(exchange, "q")).isEmpty();
    vhost.queue("q");
    assertThat(lookup(exchange, "q")).containsExactly("q");
    vhost.queues.remove("q");
    assertThat(lookup(exchange, "q")).isEmpty();
    assertThat(cache.size()).isZero();
  }

  @Test
  void theDefaultExchangeAsAlternateIsAskedEachTime() {
    Exchange exchange = vhost.exchange("x", "direct", "");
    assertThat(lookup(exchange, "q")).isEmpty();
    vhost.queue("q");
    assertThat(lookup(exchange, "q")).containsExactly("q");
    assertThat(cache.size()).isZero();
  }

  @Test
  void aFanoutTakesOnePlaceForAllKeys() {
    Exchange exchange = vhost.exchange("x", "fanout");
    vhost.bind(exchange, vhost.queue("q"), "");
    for (int i = 0; i < 100; i++) {
      assertThat(lookup(exchange, "key" + i)).containsExactly("q");
    }
    assertThat(cache.size()).isEqualTo(1);
  }

  @Test
  void aFanoutBeforeATopicDependsOnTheKeyAgain() {
    Exchange exchange = vhost.exchange("x", "fanout");
    assertThat(lookup(exchange, "a")).isEmpty();
    Exchange topic = vhost.exchange("t", "topic");
    vhost.bind(exchange, topic, "");
    vhost.bind(topic, vhost.queue("q"), "a");

    assertThat(lookup(exchange, "a")).containsExactly("q");
    assertThat(lookup(exchange, "b")).isEmpty();
  }

  @Test
  void isBoundedAndStaysRight() {
    Exchange exchange = vhost.exchange("x", "topic");
    vhost.bind(exchange, vhost.queue("even"), "#.0");
    vhost.bind(exchange, vhost.queue("odd"), "#.1");
    for (int i = 0; i < 20_000; i++) {
      assertThat(lookup(exchange, i + "." + i % 2)).containsExactly(i % 2 == 0 ? "even" : "odd");
    }
    assertThat(cache.size()).isLessThanOrEqualTo(RouteCache.MAX_ROUTES);
  }

  @Test
  void aStreamOfNewKeysLeavesMostOfTheOldOnes() {
    Exchange exchange = countedExchange("x");
    for (int i = 0; i < 100; i++) {
      asksFor(exchange, "steady" + i);
    }
    int again = 0;
    for (int i = 0; i < 2_000; i++) {
      asksFor(exchange, "new" + i);
      again += asksFor(exchange, "steady" + i % 100);
    }
    assertThat(again).as("of 2000 messages with steady keys").isLessThan(400);
  }

  @Test
  void equalResultsShareAnArray() {
    Exchange exchange = vhost.exchange("x", "direct");
    vhost.bind(exchange, vhost.queue("q"), "a");
    vhost.bind(exchange, vhost.queue("q"), "b");

    QueueDestination[] one =
        cache.lookup(vhost.table, vhost.queues::get, exchange, "a", MessageProperties.NONE);
    assertThat(cache.lookup(vhost.table, vhost.queues::get, exchange, "b", MessageProperties.NONE))
        .isSameAs(one);
  }

  /** Routes like a direct exchange. */
  private record CountedType(AtomicInteger asked) implements ExchangeType {
    @Override
    public String name() {
      return "counted";
    }

    @Override
    public Matcher newMatcher(ExchangeSpec spec) {
      Matcher direct = new DirectMatcher();
      return new Matcher() {
        @Override
        public void add(Binding binding) {
          direct.add(binding);
        }

        @Override
        public void remove(Binding binding) {
          direct.remove(binding);
        }

        @Override
        public void match(String routingKey, MessageProperties properties, Matcher.Sink sink) {
          asked.incrementAndGet();
          direct.match(routingKey, properties, sink);
        }

        @Override
        public boolean keyOnly() {
          return true;
        }
      };
    }
  }
}
