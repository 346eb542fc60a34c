package org.warrenmq.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;

class RouterTest {
  private final TestVhost vhost = new TestVhost();

  @Test
  void directGoesByTheExactKey() {
    Exchange exchange = vhost.exchange("x", "direct");
    vhost.bind(exchange, vhost.queue("a"), "k");
    vhost.bind(exchange, vhost.queue("b"), "k");
    vhost.bind(exchange, vhost.queue("c"), "other");

    assertThat(vhost.route(exchange, "k")).containsExactly("a", "b");
    assertThat(vhost.route(exchange, "K")).isEmpty();
    assertThat(vhost.route(exchange, "")).isEmpty();
  }

  @Test
  void fanoutGoesEverywhereUntilTheLastBindingOfAQueueIsGone() {
    Exchange exchange = vhost.exchange("x", "fanout");
    Binding one = vhost.bind(exchange, vhost.queue("a"), "1");
    Binding two = vhost.bind(exchange, vhost.queue("a"), "2");
    vhost.bind(exchange, vhost.queue("b"), "");

    assertThat(vhost.route(exchange, "whatever")).containsExactly("a", "b");
    vhost.table.unbind(one);
    assertThat(vhost.route(exchange, "")).containsExactly("a", "b");
    vhost.table.unbind(two);
    assertThat(vhost.route(exchange, "")).containsExactly("b");
  }

  @Test
  void severalMatchingBindingsGiveOneCopy() {
    Exchange exchange = vhost.exchange("x", "topic");
    vhost.bind(exchange, vhost.queue("a"), "#");
    vhost.bind(exchange, vhost.queue("a"), "*.b");
    vhost.bind(exchange, vhost.queue("a"), "a.b");
    vhost.bind(exchange, vhost.queue("a"), "a.b", FieldTable.of("n", FieldValue.of(1)));

    assertThat(vhost.route(exchange, "a.b")).containsExactly("a");
  }

  @Test
  void loopsAndSeveralPathsGiveOneCopy() {
    Exchange a = vhost.exchange("a", "fanout");
    Exchange b = vhost.exchange("b", "fanout");
    Exchange c = vhost.exchange("c", "fanout");
    vhost.bind(a, b, "");
    vhost.bind(a, c, "");
    vhost.bind(b, c, "");
    vhost.bind(c, a, "");
    vhost.bind(b, vhost.queue("q"), "");
    vhost.bind(c, vhost.queue("q"), "");
    vhost.bind(a, a, "");

    assertThat(vhost.route(a, "")).containsExactly("q");
    assertThat(vhost.route(b, "")).containsExactly("q");
    assertThat(vhost.route(c, "")).containsExactly("q");
  }

  @Test
  void theKeyTravelsWithTheMessage() {
    Exchange fanout = vhost.exchange("f", "fanout");
    Exchange topic = vhost.exchange("t", "topic");
    vhost.bind(fanout, topic, "ignored");
    vhost.bind(topic, vhost.queue("q"), "a.*");

    assertThat(vhost.route(fanout, "a.b")).containsExactly("q");
    assertThat(vhost.route(fanout, "ignored")).isEmpty();
  }

  @Test
  void anAlternateTakesWhatMatchesNothing() {
    Exchange exchange = vhost.exchange("x", "direct", "alt");
    Exchange alternate = vhost.exchange("alt", "direct", "last");
    Exchange last = vhost.exchange("last", "fanout");
    vhost.bind(exchange, vhost.queue("a"), "a");
    vhost.bind(alternate, vhost.queue("b"), "b");
    vhost.bind(last, vhost.queue("c"), "");

    assertThat(vhost.route(exchange, "a")).containsExactly("a");
    assertThat(vhost.route(exchange, "b")).containsExactly("b");
    assertThat(vhost.route(exchange, "c")).containsExactly("c");
  }

  @Test
  void alternatesThatAreMissingOrInALoopEndSilently() {
    Exchange lonely = vhost.exchange("x", "direct", "nowhere");
    Exchange one = vhost.exchange("one", "direct", "two");
    vhost.exchange("two", "direct", "one");
    Exchange self = vhost.exchange("self", "direct", "self");

    assertThat(vhost.route(lonely, "k")).isEmpty();
    assertThat(vhost.route(one, "k")).isEmpty();
    assertThat(vhost.route(self, "k")).isEmpty();
  }

  @Test
  void aBindingToADeadEndKeepsTheAlternateOut() {
    Exchange exchange = vhost.exchange("x", "fanout", "alt");
    Exchange deadEnd = vhost.exchange("dead", "direct");
    Exchange alternate = vhost.exchange("alt", "fanout");
    vhost.bind(exchange, deadEnd, "");
    vhost.bind(alternate, vhost.queue("q"), "");

    assertThat(vhost.route(exchange, "k")).isEmpty();
    vhost.table.alternateByPolicy(deadEnd, "alt");
    assertThat(vhost.route(exchange, "k")).containsExactly("q");
  }

  @Test
  void theDefaultExchangeGoesByQueueName() {
    vhost.queue("q");

    assertThat(vhost.route(vhost.table.defaultExchange(), "q")).containsExactly("q");
    assertThat(vhost.route(vhost.table.defaultExchange(), "r")).isEmpty();
  }

  @Test
  void theDefaultExchangeMayBeAnAlternate() {
    Exchange exchange = vhost.exchange("x", "direct", "");
    vhost.queue("q");

    assertThat(vhost.route(exchange, "q")).containsExactly("q");
    assertThat(vhost.result.cacheable()).isFalse();
    assertThat(vhost.route(exchange, "r")).isEmpty();
  }

  @Test
  void headersDecideOnTheWay() {
    Exchange first = vhost.exchange("x", "fanout");
    Exchange headers = vhost.exchange("h", "headers");
    vhost.bind(first, headers, "");
    vhost.bind(headers, vhost.queue("q"), "", FieldTable.of("a", FieldValue.of(1)));

    assertThat(vhost.route(first, "", () -> FieldTable.of("a", FieldValue.of(1L))))
        .containsExactly("q");
    assertThat(vhost.result.cacheable()).isFalse();
    assertThat(vhost.route(first, "")).isEmpty();
  }

  @Test
  void furtherKeysAddTargetsAndStillGiveOneCopy() {
    Exchange exchange = vhost.exchange("x", "direct", "alt");
    Exchange alternate = vhost.exchange("alt", "fanout");
    vhost.bind(exchange, vhost.queue("a"), "a");
    vhost.bind(exchange, vhost.queue("b"), "b");
    vhost.bind(exchange, vhost.queue("a"), "b");
    vhost.bind(alternate, vhost.queue("z"), "");

    assertThat(routeKeys(exchange, "a", List.of("b", "b", "nothing"))).containsExactly("a", "b");
    assertThat(vhost.result.cacheable()).isFalse();
    assertThat(routeKeys(exchange, "nothing", List.of("b"))).containsExactly("a", "b");
    assertThat(routeKeys(exchange, "nothing", List.of("neither"))).containsExactly("z");
    assertThat(routeKeys(vhost.table.defaultExchange(), "a", List.of("b", "nobody")))
        .containsExactly("a", "b");
  }

  private List<String> routeKeys(Exchange exchange, String key, List<String> further) {
    vhost.router.route(
        vhost.table,
        vhost.queues::get,
        exchange,
        key,
        further,
        MessageProperties.NONE,
        vhost.result);
    return TestVhost.names(vhost.result.toArray());
  }

  @Test
  void manyQueuesAndManyExchangesAreEachVisitedOnce() {
    Exchange hub = vhost.exchange("hub", "fanout");
    TreeSet<String> expected = new TreeSet<>();
    for (int i = 0; i < 1000; i++) {
      Exchange spoke = vhost.exchange("s" + i, "fanout");
      vhost.bind(hub, spoke, "");
      vhost.bind(spoke, hub, "");
      for (int k = 0; k < 3; k++) {
        TestQueue queue = vhost.queue("q" + (i + k) % 1000);
        vhost.bind(spoke, queue, "");
        expected.add(queue.name());
      }
    }

    assertThat(vhost.route(hub, "")).containsExactlyElementsOf(expected);
    assertThat(vhost.route(vhost.exchange("empty", "fanout"), "")).isEmpty();
    assertThat(vhost.route(hub, "")).containsExactlyElementsOf(expected);
  }

  @Test
  void aResultForgetsWhatItHeld() {
    Exchange exchange = vhost.exchange("x", "direct");
    vhost.bind(exchange, vhost.queue("a"), "k");
    vhost.route(exchange, "k");
    assertThat(vhost.result.get(0)).isSameAs(vhost.queue("a"));

    vhost.result.clear();

    assertThat(vhost.result.isEmpty()).isTrue();
    assertThatThrownBy(() -> vhost.result.get(0)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void aMatcherThatReportsTooLateIsFound() {
    List<Matcher.Sink> kept = new ArrayList<>();
    ExchangeType leaky = new LeakyType(kept);
    ExchangeTable table = new ExchangeTable("/", ExchangeTypes.of(List.of(leaky)));
    Exchange exchange = table.declare(TestVhost.spec("x", leaky.name(), false, FieldTable.EMPTY));
    vhost.router.route(table, name -> null, exchange, "k", MessageProperties.NONE, vhost.result);

    assertThatThrownBy(() -> kept.getFirst().accept(vhost.queue("q")))
        .isInstanceOf(IllegalStateException.class);
  }

  /** A plug-in that keeps the sink it is given. */
  private record LeakyType(List<Matcher.Sink> kept) implements ExchangeType {
    @Override
    public String name() {
      return "leaky";
    }

    @Override
    public Matcher newMatcher(ExchangeSpec spec) {
      return new Matcher() {
        @Override
        public void add(Binding binding) {}

        @Override
        public void remove(Binding binding) {}

        @Override
        public void match(String routingKey, MessageProperties properties, Matcher.Sink sink) {
          kept.add(sink);
        }

        @Override
        public boolean keyOnly() {
          return true;
        }
      };
    }
  }
}
