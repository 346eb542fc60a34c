package org.warrenmq.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.codec.ReplyCode;

class ExchangeTableTest {
  private final TestVhost vhost = new TestVhost();
  private final ExchangeTable table = vhost.table;

  @Test
  void holdsTheDefaultExchangeFromTheStart() {
    assertThat(table.find("")).isSameAs(table.defaultExchange());
    assertThat(table.exchanges()).containsExactly(table.defaultExchange());
    assertThat(table.defaultExchange().isDefault()).isTrue();
  }

  @Test
  void declaringAgainReturnsTheSameExchange() {
    Exchange exchange = vhost.exchange("x", "direct");

    assertThat(vhost.exchange("x", "direct")).isSameAs(exchange);
    assertThat(table.find("x")).isSameAs(exchange);
    assertThat(table.find("y")).isNull();
  }

  @Test
  void anUnknownTypeIsTheCallersMistake() {
    assertThatThrownBy(() -> vhost.exchange("x", "nonsense"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("unknown exchange type 'nonsense'");
    assertThat(table.find("x")).isNull();
  }

  @Test
  void anAlternateExchangeHasToBeAString() {
    FieldTable arguments = FieldTable.of("alternate-exchange", FieldValue.of(5));

    assertThatThrownBy(() -> table.declare(TestVhost.spec("x", "direct", false, arguments)))
        .isInstanceOfSatisfying(
            ChannelError.class,
            error -> assertThat(error.code()).isEqualTo(ReplyCode.PRECONDITION_FAILED))
        .hasMessage(
            "PRECONDITION_FAILED - invalid type 'signedint' for arg 'alternate-exchange' "
                + "in exchange 'x' in vhost '/'");
    assertThat(table.find("x")).isNull();
  }

  @Test
  void bindingIsIdempotentAndUnbindingSaysWhetherItWasThere() {
    Exchange exchange = vhost.exchange("x", "direct");
    Binding binding = new Binding(exchange, vhost.queue("q"), "k", FieldTable.EMPTY);

    assertThat(table.bind(binding)).isTrue();
    assertThat(table.bind(new Binding(exchange, vhost.queue("q"), "k", FieldTable.EMPTY)))
        .isFalse();
    assertThat(exchange.bindings()).containsExactly(binding);
    assertThat(table.bindingsTo(vhost.queue("q"))).containsExactly(binding);
    assertThat(table.unbind(binding)).isTrue();
    assertThat(table.unbind(binding)).isFalse();
    assertThat(exchange.hasBindings()).isFalse();
    assertThat(table.bindingsTo(vhost.queue("q"))).isEmpty();
  }

  @Test
  void argumentsBelongToABindingsIdentityButTheirOrderDoesNot() {
    Exchange exchange = vhost.exchange("x", "direct");
    TestQueue queue = vhost.queue("q");
    FieldTable ab = FieldTable.builder().put("a", 1).put("b", 2).build();
    FieldTable ba = FieldTable.builder().put("b", 2).put("a", 1).build();

    assertThat(table.bind(new Binding(exchange, queue, "k", ab))).isTrue();
    assertThat(table.bind(new Binding(exchange, queue, "k", ba))).isFalse();
    assertThat(table.bind(new Binding(exchange, queue, "k", FieldTable.EMPTY))).isTrue();
    assertThat(table.unbind(new Binding(exchange, queue, "k", ba))).isTrue();
    assertThat(vhost.route(exchange, "k")).containsExactly("q");
    assertThat(exchange.bindings()).hasSize(1);
  }

  @Test
  void aTypeMayRefuseABinding() {
    Exchange exchange = vhost.exchange("x", "headers");
    FieldTable arguments = FieldTable.of("x-match", FieldValue.of("some"));
    Binding binding = new Binding(exchange, vhost.queue("q"), "", arguments);

    assertThatThrownBy(() -> table.bind(binding)).isInstanceOf(ChannelError.class);
    assertThat(exchange.hasBindings()).isFalse();
    assertThat(table.bindingsTo(vhost.queue("q"))).isEmpty();
  }

  @Test
  void theDefaultExchangeAndStrangersCannotBeBound() {
    Exchange gone = vhost.exchange("x", "direct");
    table.delete(gone);
    Exchange here = vhost.exchange("x", "direct");

    for (Exchange exchange : List.of(gone, table.defaultExchange())) {
      assertThatThrownBy(() -> vhost.bind(exchange, vhost.queue("q"), "k"))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> vhost.bind(here, exchange, "k"))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> table.delete(table.defaultExchange()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(table.delete(gone).isEmpty()).as("deleted before").isTrue();
  }

  @Test
  void deletingAnExchangeTakesItsBindingsFromBothSides() {
    Exchange upstream = vhost.exchange("up", "fanout");
    Exchange exchange = vhost.exchange("x", "fanout");
    Binding in = vhost.bind(upstream, exchange, "");
    Binding out = vhost.bind(exchange, vhost.queue("q"), "");
    Binding loop = vhost.bind(exchange, exchange, "");

    Removal removal = table.delete(exchange);

    assertThat(removal.bindings()).containsExactlyInAnyOrder(in, out, loop);
    assertThat(removal.exchanges()).containsExactly(exchange);
    assertThat(exchange.isDeleted()).isTrue();
    assertThat(upstream.hasBindings()).isFalse();
    assertThat(table.bindingsTo(vhost.queue("q"))).isEmpty();
    assertThat(vhost.route(exchange, "")).isEmpty();
    assertThat(table.find("up")).as("not auto-delete").isSameAs(upstream);
    assertThat(vhost.exchange("x", "fanout").bindings()).as("a new one has none").isEmpty();
  }

  @Test
  void removingAQueueTakesAllItsBindingsAndNoOthers() {
    Exchange one = vhost.exchange("one", "topic");
    Exchange two = vhost.exchange("two", "direct");
    vhost.bind(one, vhost.queue("q"), "a.#");
    vhost.bind(one, vhost.queue("q"), "b.#");
    vhost.bind(two, vhost.queue("q"), "a");
    Binding kept = vhost.bind(one, vhost.queue("r"), "a.#");

    Removal removal = table.removeQueue(vhost.queue("q"));

    assertThat(removal.bindings()).hasSize(3);
    assertThat(removal.exchanges()).isEmpty();
    assertThat(one.bindings()).containsExactly(kept);
    assertThat(two.bindings()).isEmpty();
    assertThat(table.removeQueue(vhost.queue("q")).isEmpty()).isTrue();
  }

  @Test
  void anAutoDeleteExchangeGoesWithItsLastBindingHoweverThatGoes() {
    Exchange byUnbind = vhost.autoDelete("a");
    Exchange byQueue = vhost.autoDelete("b");
    Exchange byTarget = vhost.autoDelete("c");
    Exchange target = vhost.exchange("target", "fanout");
    Binding first = vhost.bind(byUnbind, vhost.queue("q"), "1");
    Binding last = vhost.bind(byUnbind, vhost.queue("q"), "2");
    vhost.bind(byQueue, vhost.queue("r"), "");
    vhost.bind(byTarget, target, "");

    assertThat(table.unbindAndReap(first).exchanges()).isEmpty();
    assertThat(table.unbindAndReap(last).exchanges()).containsExactly(byUnbind);
    assertThat(table.removeQueue(vhost.queue("r")).exchanges()).containsExactly(byQueue);
    assertThat(table.delete(target).exchanges()).containsExactly(target, byTarget);
    assertThat(table.exchanges()).containsExactly(table.defaultExchange());
  }

  @Test
  void anAutoDeleteExchangeStaysUntilItWasBoundOnce() {
    Exchange exchange = vhost.autoDelete("a");
    Exchange upstream = vhost.exchange("up", "fanout");
    Binding incoming = vhost.bind(upstream, exchange, "");

    assertThat(table.unbindAndReap(incoming).exchanges()).isEmpty();
    assertThat(table.unbindAndReap(incoming).isEmpty()).as("not there any more").isTrue();
    assertThat(table.find("a")).isSameAs(exchange);
  }

  @Test
  void autoDeleteCascadesUpAChainAsLongAsItMayBe() {
    int length = 20_000;
    Exchange previous = vhost.autoDelete("x0");
    for (int i = 1; i < length; i++) {
      Exchange next = vhost.autoDelete("x" + i);
      vhost.bind(previous, next, "");
      previous = next;
    }
    vhost.bind(previous, vhost.queue("q"), "");

    Removal removal = table.removeQueue(vhost.queue("q"));

    assertThat(removal.exchanges()).hasSize(length);
    assertThat(removal.bindings()).hasSize(length);
    assertThat(table.exchanges()).hasSize(1);
  }

  @Test
  void aLoopOfAutoDeleteExchangesGoesTogether() {
    Exchange a = vhost.autoDelete("a");
    Exchange b = vhost.autoDelete("b");
    Binding there = vhost.bind(a, b, "");
    Binding back = vhost.bind(b, a, "");

    Removal removal = table.unbindAndReap(there);

    assertThat(removal.exchanges()).containsExactlyInAnyOrder(a, b);
    assertThat(removal.bindings()).containsExactly(there, back);
  }

  @Test
  void unbindingWithoutAReportAutoDeletesAllTheSame() {
    Exchange exchange = vhost.autoDelete("a");
    Binding binding = vhost.bind(exchange, vhost.queue("q"), "");

    assertThat(table.unbind(binding)).isTrue();
    assertThat(exchange.isDeleted()).isTrue();
    assertThat(table.find("a")).isNull();
  }

  @Test
  void aPolicyNamesAnAlternateUnlessAnArgumentDoes() {
    Exchange plain = vhost.exchange("plain", "direct");
    Exchange fixed = vhost.exchange("fixed", "direct", "mine");

    table.alternateByPolicy(plain, "theirs");
    table.alternateByPolicy(fixed, "theirs");
    assertThat(plain.alternate()).isEqualTo("theirs");
    assertThat(fixed.alternate()).isEqualTo("mine");

    table.alternateByPolicy(plain, null);
    assertThat(plain.alternate()).isNull();
  }

  @Test
  void viewsOfBindingsCannotBeChanged() {
    Exchange exchange = vhost.exchange("x", "direct");
    Binding binding = vhost.bind(exchange, vhost.queue("q"), "k");

    assertThatThrownBy(() -> exchange.bindings().remove(binding))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> table.bindingsTo(vhost.queue("q")).clear())
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> table.exchanges().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void generationsGrowOnlyWhereSomethingChanged() {
    Exchange changed = vhost.exchange("x", "topic");
    Exchange other = vhost.exchange("y", "topic");
    long before = changed.generation();
    long otherBefore = other.generation();

    Binding binding = vhost.bind(changed, vhost.queue("q"), "a");
    assertThat(changed.generation()).isGreaterThan(before);
    long bound = changed.generation();
    vhost.bind(changed, vhost.queue("q"), "a");
    assertThat(changed.generation()).as("nothing new").isEqualTo(bound);
    table.unbind(binding);
    assertThat(changed.generation()).isGreaterThan(bound);
    assertThat(other.generation()).isEqualTo(otherBefore);
  }

  @Test
  void aQueueGoesWithFewOfTheBindingsOrMostOfThem() {
    List<String> patterns = List.of("a.b", "a.*", "a.#", "#.a.#.b.#", "*.b", "#");
    Exchange topic = vhost.exchange("x", "topic");
    for (String pattern : patterns) {
      for (int i = 0; i < 10; i++) {
        vhost.bind(topic, vhost.queue("q" + i), pattern);
      }
    }
    for (int i = 0; i < 9; i++) {
      assertThat(vhost.route(topic, "a.b")).hasSize(10 - i);
      assertThat(table.removeQueue(vhost.queue("q" + i)).bindings()).hasSize(patterns.size());
    }
    assertThat(vhost.route(topic, "a.b")).containsExactly("q9");
    assertThat(topic.bindings()).hasSize(patterns.size());

    assertThat(table.removeQueue(vhost.queue("q9")).bindings()).hasSize(patterns.size());
    assertThat(vhost.route(topic, "a.b")).isEmpty();
    assertThat(topic.hasBindings()).isFalse();
    assertThat(((TopicMatcher) topic.matcher()).isEmpty()).isTrue();
  }

  @Test
  void aHundredThousandBindingsOfOneQueueComeAndGo() {
    Exchange topic = vhost.exchange("x", "topic");
    Exchange direct = vhost.exchange("y", "direct");
    for (int i = 0; i < 50_000; i++) {
      vhost.bind(topic, vhost.queue("q"), "a." + (i % 300) + ".*." + i);
      vhost.bind(direct, vhost.queue("q"), "k" + i);
    }
    vhost.bind(topic, vhost.queue("r"), "a.7.#");
    assertThat(vhost.route(topic, "a.7.x.7")).containsExactly("q", "r");
    assertThat(vhost.route(direct, "k49999")).containsExactly("q");

    assertThat(table.removeQueue(vhost.queue("q")).bindings()).hasSize(100_000);
    assertThat(vhost.route(topic, "a.7.x.7")).containsExactly("r");
    assertThat(vhost.route(direct, "k49999")).isEmpty();
  }
}
