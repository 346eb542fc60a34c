package org.warrenmq.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;

/** Random changes to a topology: after each, cache, router and reference agree on every message. */
class TopologyModelTest {
  private static final List<String> TYPES =
      List.of("direct", "fanout", "topic", "headers", "x-consistent-hash", "x-modulus-hash");
  private static final List<String> KEYS = List.of("", "a", "a.b", "q0", "b..a");
  private static final List<String> PATTERNS =
      List.of("", "a", "a.b", "#", "*", "a.#", "#.a", "*.b", "q0", "#.*.#", "b.*.a");
  private static final FieldTable MARK = FieldTable.of("mark", FieldValue.of(1));

  private enum Kind {
    DECLARE(6),
    DELETE(2),
    BIND_QUEUE(8),
    BIND_EXCHANGE(8),
    UNBIND(5),
    DECLARE_QUEUE(3),
    REMOVE_QUEUE(2),
    POLICY(3);

    /** Each kind as often as its share says. */
    static final List<Kind> SHARES =
        Stream.of(values())
            .flatMap(kind -> Collections.nCopies(kind.share, kind).stream())
            .toList();

    private final int share;

    Kind(int share) {
      this.share = share;
    }
  }

  /** One change; what the numbers mean depends on the kind. */
  record Step(Kind kind, int one, int two, String pattern, boolean flag) {}

  private static Step step(SplittableRandom random) {
    return new Step(
        SeededRuns.oneOf(random, Kind.SHARES),
        SeededRuns.between(random, 0, 5),
        SeededRuns.between(random, 0, 23),
        SeededRuns.oneOf(random, PATTERNS),
        random.nextBoolean());
  }

  @Test
  void cacheRouterAndReferenceAgree() {
    SeededRuns.run(
        TopologyModelTest.class, 400, (random, trace) -> assertAgreement(random, trace, 0, 60));
  }

  @Test
  void theyAgreeOverLongHistories() {
    SeededRuns.run(
        TopologyModelTest.class, 10, (random, trace) -> assertAgreement(random, trace, 500, 800));
  }

  private static void assertAgreement(
      SplittableRandom random, List<Object> trace, int least, int most) {
    Subject subject = new Subject();
    for (int i = SeededRuns.between(random, least, most); i > 0; i--) {
      Step step = step(random);
      trace.add(step);
      subject.apply(step);
      subject.compare();
    }
  }

  /** The real thing and the reference side by side. */
  private static final class Subject {
    private final TestVhost vhost = new TestVhost();
    private final ReferenceTopology reference = new ReferenceTopology();
    private final RouteCache cache = new RouteCache(new Router());
    private final Map<ReferenceTopology.Edge, Binding> bindings = new TreeMap<>(byText());

    private static Comparator<ReferenceTopology.Edge> byText() {
      return Comparator.comparing(ReferenceTopology.Edge::toString);
    }

    void apply(Step step) {
      String name = "x" + step.one;
      Exchange exchange = vhost.table.find(name);
      switch (step.kind) {
        case DECLARE -> declare(step, name);
        case DELETE -> {
          if (exchange != null) {
            Removal removal = vhost.table.delete(exchange);
            assertThat(removal.exchanges()).first().isSameAs(exchange);
            reference.delete(name);
          }
        }
        case BIND_QUEUE -> {
          if (exchange != null) {
            TestQueue queue = queue("q" + step.two % 4);
            bind(exchange, queue, "q:" + queue.name(), step);
          }
        }
        case BIND_EXCHANGE -> {
          Exchange target = vhost.table.find("x" + step.two % 6);
          if (exchange != null && target != null) {
            bind(exchange, target, "x:" + target.name(), step);
          }
        }
        case UNBIND -> unbind(step.two);
        case DECLARE_QUEUE -> queue("q" + step.two % 4);
        case REMOVE_QUEUE -> removeQueue("q" + step.two % 4);
        case POLICY -> {
          String alternate = step.flag ? "x" + step.two % 6 : null;
          if (exchange != null) {
            vhost.table.alternateByPolicy(exchange, alternate);
            setPolicy(name, alternate);
          }
        }
      }
    }

    private void setPolicy(String name, @Nullable String alternate) {
      if (alternate == null) {
        reference.policies.remove(name);
      } else {
        reference.policies.put(name, alternate);
      }
    }

    private TestQueue queue(String name) {
      reference.queues.add(name);
      return vhost.queue(name);
    }

    private void declare(Step step, String name) {
      if (reference.exchanges.containsKey(name)) {
        return;
      }
      String type = TYPES.get(step.two % TYPES.size());
      // Every third names an alternate: another exchange, or the default one.
      String alternate = step.two % 3 != 0 ? null : step.two < 3 ? "" : "x" + step.two / 4;
      FieldTable arguments = alternate == null ? FieldTable.EMPTY : TestVhost.alternate(alternate);
      vhost.table.declare(TestVhost.spec(name, type, step.flag, arguments));
      reference.exchanges.put(name, new ReferenceTopology.Node(type, step.flag, alternate));
    }

    private void bind(Exchange source, Destination target, String targetName, Step step) {
      String key = key(source, step.pattern);
      ReferenceTopology.Edge edge =
          new ReferenceTopology.Edge(source.name(), targetName, key, step.flag);
      FieldTable arguments = step.flag ? MARK : FieldTable.EMPTY;
      Binding binding = new Binding(source, target, key, arguments);
      assertThat(vhost.table.bind(binding)).isEqualTo(!reference.edges.contains(edge));
      reference.bind(edge);
      bindings.put(edge, binding);
    }

    /** The pattern, or where weights are asked for one of three. */
    private static String key(Exchange source, String pattern) {
      return source.spec().type().equals("x-consistent-hash")
          ? Integer.toString(1 + PATTERNS.indexOf(pattern) % 3)
          : pattern;
    }

    private void unbind(int choice) {
      List<ReferenceTopology.Edge> edges = new ArrayList<>(reference.edges);
      if (!edges.isEmpty()) {
        ReferenceTopology.Edge edge = edges.get(choice % edges.size());
        Removal removal = vhost.table.unbindAndReap(bindings.get(edge));
        assertThat(removal.bindings()).contains(bindings.get(edge));
        reference.unbind(edge);
      }
    }

    private void removeQueue(String name) {
      TestQueue queue = vhost.queues.remove(name);
      if (queue != null) {
        vhost.table.removeQueue(queue);
        assertThat(vhost.table.bindingsTo(queue)).isEmpty();
      }
      reference.removeQueue(name);
    }

    void compare() {
      Set<String> present = new TreeSet<>();
      int bound = 0;
      for (Exchange exchange : vhost.table.exchanges()) {
        if (!exchange.isDefault()) {
          present.add(exchange.name());
        }
        bound += exchange.bindings().size();
        messages(exchange);
      }
      assertThat(present).isEqualTo(reference.exchanges.keySet());
      assertThat(bound).isEqualTo(reference.edges.size());
    }

    private void messages(Exchange exchange) {
      for (String key : KEYS) {
        for (boolean marked : new boolean[] {true, false}) {
          MessageProperties message = marked ? () -> MARK : MessageProperties.NONE;
          List<String> expected = List.copyOf(reference.route(exchange.name(), key, marked));
          assertThat(vhost.route(exchange, key, message)).isEqualTo(expected);
          QueueDestination[] cached =
              cache.lookup(vhost.table, vhost.queues::get, exchange, key, message);
          assertThat(TestVhost.names(cached)).isEqualTo(expected);
        }
      }
    }
  }
}
