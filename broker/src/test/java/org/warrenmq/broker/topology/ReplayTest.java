package org.warrenmq.broker.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.warrenmq.broker.ForgetfulStore;
import org.warrenmq.broker.auth.Account;
import org.warrenmq.broker.auth.Accounts;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.loop.NodeMemory;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.router.Exchange;
import org.warrenmq.router.ExchangeTypes;
import org.warrenmq.store.DefinitionKey;
import org.warrenmq.store.Recovered;
import org.warrenmq.store.TurnWrites;
import org.warrenmq.store.WriteRequest;

/**
 * What was decided makes the same catalogue wherever it is applied: now, from the changes alone,
 * and from what is on disk; also when any number of changes is all there is.
 */
class ReplayTest {
  private static final int COMMANDS = 400;

  /** Every so many commands the run is cut, beside its end. */
  private static final int CUT = 7;

  private final DefaultEventLoop thread = new DefaultEventLoop();
  private final RoomLoop loop = new RoomLoop(thread);
  private final LoopStore home = new LoopStore(loop, new ForgetfulStore(), Long.MAX_VALUE);
  private final List<AutoCloseable> opened = new ArrayList<>();

  /** How far the run was when a command had been answered. */
  private record Cut(int changes, Map<DefinitionKey, byte[]> disk, TreeSet<String> all) {}

  /** A disk that definitions are written to. */
  private static final class Disk extends ForgetfulStore {
    private final Map<DefinitionKey, byte[]> definitions = new LinkedHashMap<>();

    @Override
    public synchronized void submit(TurnWrites turn) {
      for (WriteRequest request : turn.requests()) {
        switch (request) {
          case WriteRequest.PutDefinition(DefinitionKey key, byte[] value) ->
              definitions.put(key, value);
          case WriteRequest.DeleteDefinition(DefinitionKey key) -> definitions.remove(key);
          default -> {
            // Of queues.
          }
        }
      }
      super.submit(turn);
    }

    synchronized Map<DefinitionKey, byte[]> definitions() {
      return Map.copyOf(definitions);
    }
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable one : opened) {
      one.close();
    }
    thread.shutdownGracefully(0, 0, TimeUnit.SECONDS);
  }

  static List<Long> seeds() {
    long first = System.nanoTime() >>> 20;
    return List.of(1L, 2L, 3L, first, first + 1, first + 2);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  @DisplayName("changes applied again, and a start from the disk, make the same catalogue")
  void sameEverywhere(long seed) throws Exception {
    List<TopologyChange> changes = new CopyOnWriteArrayList<>();
    List<Cut> cuts = run(seed, changes);
    Cut end = cuts.getLast();
    assertThat(end.changes()).isGreaterThan(COMMANDS / 8);

    for (int i = CUT; i < cuts.size(); i += CUT) {
      check(cuts.get(i), changes);
    }
    check(end, changes);
  }

  private List<Cut> run(long seed, List<TopologyChange> changes) throws Exception {
    Disk disk = new Disk();
    Topology topology = new Topology(ExchangeTypes.load(), disk, NodeMemory.unlimited(), false);
    topology.follow(changes::add);
    topology.restore(new Recovered(List.of(), List.of()), List.of(home), "/");
    topology.beginAccounts("first", "secret");
    topology.start();
    opened.add(topology);
    RandomCommands commands = new RandomCommands(seed);
    List<Cut> cuts = new ArrayList<>();
    for (int i = 0; i < COMMANDS; i++) {
      CompletableFuture<TopologyReply> answer = new CompletableFuture<>();
      ReplyTo<TopologyReply> reply = new ReplyTo<>(loop, answer::complete);
      topology.room().post(topology.mail(new TopologyRequest(commands.next(), reply)));
      answer.get(5, TimeUnit.SECONDS);
      checkApplied(topology::vhost);
      cuts.add(
          new Cut(
              changes.size(),
              disk.definitions(),
              content(topology::vhost, topology.accounts(), topology.globalParameters())));
    }
    return cuts;
  }

  private void check(Cut cut, List<TopologyChange> changes) {
    Catalogue again = catalogue();
    changes.subList(0, cut.changes()).forEach(again::apply);
    assertThat(content(again::vhost, again.accounts().accounts(), again.policies().globals()))
        .isEqualTo(cut.all());

    Topology started = new Topology(ExchangeTypes.load(), new ForgetfulStore(), unlimited(), false);
    started.restore(new Recovered(sorted(cut.disk()), List.of()), List.of(home), "none");
    opened.add(started);
    assertThat(content(started::vhost, started.accounts(), started.globalParameters()))
        .isEqualTo(lasting(cut.all()));
    checkApplied(started::vhost);
    // Whom an earlier run deleted does not come back.
    started.beginAccounts("guest", "guest");
    assertThat(started.accounts().find("guest")).isNull();
  }

  private static NodeMemory unlimited() {
    return NodeMemory.unlimited();
  }

  private Catalogue catalogue() {
    Topology owner = new Topology(ExchangeTypes.load(), new ForgetfulStore(), unlimited(), false);
    opened.add(owner);
    QueueHomes homes = new QueueHomes(owner, owner::vhost, false);
    homes.are(List.of(home));
    return new Catalogue(
        ExchangeTypes.load(), new TopologyAccount(unlimited()), homes::open, homes::openRooms);
  }

  private static List<Recovered.Definition> sorted(Map<DefinitionKey, byte[]> disk) {
    Map<DefinitionKey, byte[]> byKey =
        new TreeMap<>(
            Comparator.comparingInt(DefinitionKey::kind).thenComparing(DefinitionKey::name));
    byKey.putAll(disk);
    return byKey.entrySet().stream()
        .map(entry -> new Recovered.Definition(entry.getKey(), entry.getValue()))
        .toList();
  }

  /** Everything there is, a line each; what ends with the process begins with a tilde. */
  private static TreeSet<String> content(
      Function<String, @Nullable VirtualHost> vhosts,
      Accounts accounts,
      Map<String, FieldValue> globals) {
    TreeSet<String> lines = new TreeSet<>();
    globals.forEach((name, value) -> lines.add("global " + name + " " + value));
    for (String name : RandomCommands.VHOSTS) {
      VirtualHost vhost = vhosts.apply(name);
      if (vhost != null) {
        lines.add("vhost " + name + " " + vhost.limits() + " " + vhost.traits());
        vhost.queues().forEach(queue -> lines.add(line(queue)));
        for (PolicySpec.Kind kind : PolicySpec.Kind.values()) {
          vhost.policies().all(kind).forEach(policy -> lines.add(policy.toString()));
        }
        vhost.parameters().forEach(parameter -> lines.add(parameter.toString()));
        vhost.exchanges().exchanges().forEach(exchange -> add(exchange, name, lines));
      }
    }
    accounts.all().forEach(user -> lines.add(line(user)));
    return lines;
  }

  /** What is there goes by the policies that are there. */
  private static void checkApplied(Function<String, @Nullable VirtualHost> vhosts) {
    for (String name : RandomCommands.VHOSTS) {
      VirtualHost vhost = vhosts.apply(name);
      if (vhost != null) {
        for (QueueEntry queue : vhost.queues()) {
          AppliedPolicies right = vhost.policies().of(queue.spec());
          assertThat(queue.policies().are(right.policy(), right.operator())).isTrue();
        }
        for (Exchange exchange : vhost.exchanges().exchanges()) {
          assertThat(exchange.alternate())
              .isEqualTo(
                  vhost
                      .policies()
                      .of(exchange.spec())
                      .definition()
                      .getString("alternate-exchange"));
        }
      }
    }
  }

  private static String line(Account user) {
    Map<String, String> permissions = new TreeMap<>();
    user.permissions()
        .forEach(
            (vhost, there) ->
                permissions.put(vhost, there.resources() + " " + new TreeMap<>(there.topics())));
    return "user %s %s %s %s %s"
        .formatted(user.name(), user.password().base64(), user.tags(), user.limits(), permissions);
  }

  private static String line(QueueEntry queue) {
    return "%squeue %d %s %s %s"
        .formatted(
            queue.spec().durable() ? "" : "~",
            queue.room().id(),
            queue.vhost(),
            queue.spec(),
            queue.owner());
  }

  private static void add(Exchange exchange, String vhost, TreeSet<String> lines) {
    List<Long> rooms =
        Catalogue.entries(exchange).stream().map(entry -> entry.room().id()).toList();
    lines.add((exchange.spec().durable() ? "" : "~") + exchange.spec() + rooms);
    exchange
        .bindings()
        .forEach(
            binding ->
                lines.add(
                    (Catalogue.isDurable(binding) ? "" : "~")
                        + vhost
                        + " "
                        + BindingSpec.of(binding)));
  }

  private static TreeSet<String> lasting(TreeSet<String> lines) {
    TreeSet<String> lasting = new TreeSet<>(lines);
    lasting.removeIf(line -> line.startsWith("~"));
    return lasting;
  }
}
