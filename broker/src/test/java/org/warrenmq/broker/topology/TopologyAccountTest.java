package org.warrenmq.broker.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.warrenmq.broker.topology.PolicySpec.Kind;
import org.warrenmq.broker.topology.TopologyCommand.Bind;
import org.warrenmq.broker.topology.TopologyCommand.ClearGlobalParameter;
import org.warrenmq.broker.topology.TopologyCommand.ClearParameter;
import org.warrenmq.broker.topology.TopologyCommand.ClearPolicy;
import org.warrenmq.broker.topology.TopologyCommand.DeclareExchange;
import org.warrenmq.broker.topology.TopologyCommand.DeclareQueue;
import org.warrenmq.broker.topology.TopologyCommand.DeleteExchange;
import org.warrenmq.broker.topology.TopologyCommand.DeleteQueue;
import org.warrenmq.broker.topology.TopologyCommand.ReleaseConnection;
import org.warrenmq.broker.topology.TopologyCommand.SetGlobalParameter;
import org.warrenmq.broker.topology.TopologyCommand.SetParameter;
import org.warrenmq.broker.topology.TopologyCommand.SetPolicy;
import org.warrenmq.broker.topology.TopologyCommand.Unbind;
import org.warrenmq.broker.topology.TopologyReply.Done;
import org.warrenmq.codec.ConnectionError;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.codec.ReplyCode;
import org.warrenmq.engine.loop.NodeMemory;
import org.warrenmq.router.ExchangeSpec;

/** What there is of queues, exchanges and bindings is charged, and bounded. */
class TopologyAccountTest {
  private static final long BUDGET = 8 << 20;

  /** The node is told of every 64 KiB. */
  private static final long UNREPORTED = 64 << 10;

  private static final String VHOST = "/";

  /** What a virtual host is charged with while nobody has made anything in it, at most. */
  private static final long VHOST_ITSELF = 4_000;

  private static final int MANY = 1_000;
  private static final int SOME = 10;

  private static final FieldTable ARGUMENTS =
      FieldTable.of("some-argument", new FieldValue.LongString("v".repeat(100)));

  private final NodeMemory memory = new NodeMemory(BUDGET);
  private final RunningTopology topology = new RunningTopology(memory);
  private final ConnectionId client = new ConnectionId(0, 1);

  @AfterEach
  void stop() {
    topology.close();
  }

  private VirtualHost vhost() {
    return topology.vhost();
  }

  private TopologyReply ask(TopologyCommand command) throws Exception {
    return topology.ask(command).get(5, TimeUnit.SECONDS);
  }

  private TopologyReply declare(String name, boolean exclusive) throws Exception {
    QueueSpec spec = new QueueSpec(name, false, exclusive, false, ARGUMENTS);
    return ask(new DeclareQueue(VHOST, spec, client));
  }

  private TopologyReply delete(String name) throws Exception {
    return ask(new DeleteQueue(VHOST, name, false, false, client));
  }

  private TopologyReply declareExchange(String name, boolean autoDelete) throws Exception {
    ExchangeSpec spec = new ExchangeSpec("/", name, "topic", false, autoDelete, false, ARGUMENTS);
    return ask(new DeclareExchange(spec));
  }

  private static BindingSpec binding(String exchange, int i) {
    return new BindingSpec(exchange, "q", true, "a.word.or.two." + i, ARGUMENTS);
  }

  private void bind(String exchange) throws Exception {
    for (int i = 0; i < MANY; i++) {
      BindingSpec binding = binding(exchange, i);
      assertThat(ask(new Bind(VHOST, binding, client))).isInstanceOf(Done.class);
    }
  }

  @Test
  @DisplayName("what is deleted, in whatever way, is charged no longer")
  void chargesEnd() throws Exception {
    declare("q", false);
    declareExchange("x", false);
    declareExchange("auto", true);
    bind("x");
    bind("auto");
    assertThat(memory.used()).isGreaterThan(2 * MANY * 300L);
    for (int i = 0; i < MANY; i += 2) {
      BindingSpec binding = binding("x", i);
      ask(new Unbind(VHOST, binding, client));
    }
    ask(new DeleteExchange(VHOST, "x", false));
    delete("q");
    assertThat(vhost().exchanges().find("auto")).isNull();
    for (int i = 0; i < MANY; i++) {
      declare("owned." + i, true);
    }
    assertThat(memory.used()).isGreaterThan(MANY * 800L);
    ask(new ReleaseConnection(client));

    assertThat(memory.used()).isBetween(-UNREPORTED, UNREPORTED + VHOST_ITSELF);
  }

  private TopologyReply setPolicy(String name) throws Exception {
    FieldTable definition = FieldTable.of("alternate-exchange", FieldValue.of("x".repeat(1000)));
    FieldValue priority = PolicySpec.USUAL_PRIORITY;
    return ask(
        new SetPolicy(
            new PolicySpec(
                Kind.POLICY, VHOST, name, "y".repeat(1000), "all", priority, definition)));
  }

  @Test
  @DisplayName("policies and parameters are bounded, and charged until they are cleared")
  void policies() throws Exception {
    int set = 0;
    TopologyReply answer;
    while ((answer = setPolicy("p" + set)) instanceof Done) {
      set++;
    }
    assertRefused(answer);
    assertThat(set).isBetween(50, 500);
    for (int i = 0; i < set; i++) {
      ask(new ClearPolicy(Kind.POLICY, VHOST, "p" + i));
    }
    Parameter parameter = new Parameter(VHOST, "shovel", "s", FieldValue.of(ARGUMENTS));
    ask(new SetParameter(parameter));
    ask(new SetParameter(parameter));
    ask(new ClearParameter(VHOST, "shovel", "s"));
    ask(new SetGlobalParameter("g", FieldValue.of("x".repeat(100_000))));
    ask(new SetGlobalParameter("g", FieldValue.of(5)));
    ask(new ClearGlobalParameter("g"));
    assertThat(memory.used()).isBetween(-UNREPORTED, UNREPORTED + VHOST_ITSELF);
  }

  private TopologyReply bindTo(String key) throws Exception {
    BindingSpec binding = new BindingSpec("amq.direct", "q", true, key, FieldTable.EMPTY);
    return ask(new Bind(VHOST, binding, client));
  }

  @Test
  @DisplayName("what is there can be declared and bound again when nothing new has room")
  void fullForNewOnes() throws Exception {
    declare("q", false);
    bindTo("key");
    int declared = 0;
    TopologyReply answer;
    while ((answer = declare("more." + declared, false)) instanceof TopologyReply.QueueDeclared) {
      declared++;
    }
    assertRefused(answer);
    // What is smaller than a queue still fits in, a few times.
    for (int i = 0; (answer = declareExchange("x." + i, false)) instanceof Done; i++) {
      assertThat(i).isLessThan(SOME);
    }
    assertRefused(answer);
    for (int i = 0; (answer = bindTo("other." + i)) instanceof Done; i++) {
      assertThat(i).isLessThan(SOME);
    }
    assertRefused(answer);
    assertThat(memory.used()).isBetween(BUDGET / 2, BUDGET * 2 / 3);
    assertThat(declare("q", false)).isInstanceOf(TopologyReply.QueueDeclared.class);
    assertThat(bindTo("key")).isInstanceOf(Done.class);

    List<String> some = IntStream.range(0, 10).mapToObj(i -> "more." + i).toList();
    for (String name : some) {
      delete(name);
    }
    assertThat(declareExchange("x", false)).isInstanceOf(Done.class);
  }

  private static void assertRefused(TopologyReply answer) {
    assertThat(answer)
        .isInstanceOfSatisfying(
            TopologyReply.Refused.class,
            refused ->
                assertThat(refused.error())
                    .isInstanceOfSatisfying(
                        ConnectionError.class,
                        error -> assertThat(error.code()).isEqualTo(ReplyCode.RESOURCE_ERROR)));
  }
}
