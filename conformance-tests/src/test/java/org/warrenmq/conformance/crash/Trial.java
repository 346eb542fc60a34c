package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Connection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.warrenmq.conformance.BrokerProcess;
import org.warrenmq.conformance.BrokerProcess.Launch;
import org.warrenmq.conformance.crash.Bodies.Profile;
import org.warrenmq.conformance.crash.Tally.Count;

/**
 * One data folder and the books of all that was done to it, through the lives of several broker
 * processes. Used by the test thread.
 */
final class Trial {
  /** What was settled so long before the end is certainly on disk. */
  private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(3);

  private static final int MOST_LOOPS = 3;

  private static final Duration STOP_LIMIT = Duration.ofSeconds(20);

  /** A connection is closed with this when the broker is stopped. */
  private static final int CONNECTION_FORCED = 320;

  /** And with this when it cannot go on. */
  private static final int INTERNAL_ERROR = 541;

  private static final Set<Integer> SIGNALLED = Set.of(128 + 9, 128 + 15);

  private final long seed;
  final Path folder;
  final Ledger ledger;
  final Bodies bodies;
  final SplittableRandom random;
  private final List<TopologyBooks> topologies;

  /** What was settled before this time must not come back. */
  private long cutoff = System.nanoTime();

  private boolean declared;

  /** Without a system property {@code crash.seed} the dice are thrown anew. */
  Trial(Path folder, Profile profile, long mostBytesPerQueue) {
    this.seed = Long.getLong("crash.seed", System.nanoTime());
    this.folder = folder;
    this.ledger = new Ledger(mostBytesPerQueue);
    this.bodies = new Bodies(seed, profile);
    this.random = new SplittableRandom(seed);
    this.topologies = List.of(ledger.topology("t0"), ledger.topology("t1"));
    System.out.println("crash.seed " + seed);
  }

  // ---------------------------------------------------------------- starts

  /**
   * On as many event loops as the dice say, so that what belongs together lies on several, and on
   * others than before.
   */
  Launch launch(String... furtherSettings) throws IOException {
    Path config = folder.resolveSibling(folder.getFileName() + ".conf");
    var settings = new ArrayList<>(List.of(furtherSettings));
    settings.add("warren.event_loops = " + random.nextInt(1, MOST_LOOPS + 1));
    Files.write(config, settings);
    return Launch.on(folder).withArguments("--config", config.toString());
  }

  /** Starts a broker that must start, and compares what it has with the books. */
  BrokerProcess start(Launch how) throws Exception {
    BrokerProcess broker = BrokerProcess.start(how);
    try {
      declareOnce(broker);
      try (Survey survey = Survey.of(broker.uri(), ledger, bodies)) {
        survey.compare(cutoff);
        survey.adopt();
        assertNothingWrong();
        survey.settleSome(random);
      }
      for (TopologyBooks books : topologies) {
        books.check(broker.uri());
      }
      assertNothingWrong();
      return broker;
    } catch (Throwable e) {
      broker.kill();
      throw e;
    }
  }

  /** Starts it, has all messages delivered, and kills it with none of them settled. */
  void startAndKillUnsettled() throws Exception {
    BrokerProcess broker = BrokerProcess.start(launch());
    try {
      declareOnce(broker);
      try (Survey survey = Survey.of(broker.uri(), ledger, bodies)) {
        survey.compare(cutoff);
        survey.adopt();
        assertNothingWrong();
        expectEnd();
        broker.kill();
      }
    } catch (Throwable e) {
      broker.kill();
      throw e;
    }
  }

  /** Kills a broker while it starts, somewhere between its first moment and its first client. */
  void killAtStart() throws Exception {
    BrokerProcess starting = BrokerProcess.launch(launch());
    new CountDownLatch(1).await(random.nextInt(20, 1_200), TimeUnit.MILLISECONDS);
    starting.kill();
    ledger.tally.add(Count.STARTS_KILLED);
  }

  private void declareOnce(BrokerProcess broker) throws Exception {
    if (!declared) {
      try (Connection connection = Stage.factory(broker.uri()).newConnection()) {
        Landscape.declare(connection.createChannel());
      }
      declared = true;
    }
  }

  // ---------------------------------------------------------------- load

  Stage stage(BrokerProcess broker) {
    return new Stage(broker.uri(), ledger, bodies);
  }

  Load mixedLoad(BrokerProcess broker) {
    return Load.mixed(stage(broker), topologies, random.nextLong());
  }

  /** Publishers alone, to queues that nobody takes from. */
  Load fillingLoad(BrokerProcess broker) {
    List<Landscape.Route> routes = Landscape.KEPT.stream().map(Landscape::toQueue).toList();
    return Load.of(
        stage(broker),
        List.of(
            new Publisher(routes, 40, random.nextLong()),
            new Publisher(routes, 40, random.nextLong())));
  }

  // ---------------------------------------------------------------- ends

  /** From now on the broker may vanish, and what was settled just now may come back. */
  void expectEnd(Load load) {
    assertNothingWrong();
    load.stage.expectEnd();
    expectEnd();
  }

  /** The same for a broker without load. */
  void expectEnd() {
    cutoff = System.nanoTime() - GRACE_NANOS;
  }

  /** SIGKILL under load. */
  void kill(BrokerProcess broker, Load load) throws Exception {
    assertThat(broker.isAlive()).isTrue();
    expectEnd(load);
    broker.kill();
    load.awaitBrokerGone();
    assertThat(broker.errors()).as("errors in the log").isEmpty();
    assertThat(load.stage.closeCodes()).as("connection.close from the broker").isEmpty();
    assertNothingWrong();
  }

  /** SIGTERM under load: clients are told, and nobody complains. */
  void stop(BrokerProcess broker, Load load) throws Exception {
    expectEnd(load);
    terminate(broker);
    load.awaitBrokerGone();
    assertThat(load.stage.closeCodes()).as("codes of close").containsOnly(CONNECTION_FORCED);
    assertNothingWrong();
  }

  /** What was settled before this time must not be there after the last kill or stop. */
  long cutoff() {
    return cutoff;
  }

  /** SIGTERM when there are no clients: what was settled until now is gone for good. */
  void stop(BrokerProcess broker) throws Exception {
    cutoff = System.nanoTime();
    terminate(broker);
  }

  private static void terminate(BrokerProcess broker) throws Exception {
    broker.terminate();
    int exitCode = broker.awaitExit(STOP_LIMIT);
    assertThat(broker.errors()).as("errors in the log:\n%s", complaints(broker)).isEmpty();
    assertThat(exitCode).as("exit code; its log:\n%s", complaints(broker)).isEqualTo(128 + 15);
  }

  /** It ends by itself, names the cause, and lies to nobody on the way. */
  void awaitFailure(BrokerProcess broker, Load load, Duration limit, String cause)
      throws Exception {
    assertFailed(broker, broker.awaitExit(limit), cause);
    load.awaitBrokerGone();
    assertThat(load.stage.closeCodes()).as("codes of close").isSubsetOf(INTERNAL_ERROR);
    assertNothingWrong();
  }

  /** The end of a broker that could not go on. */
  static void assertFailed(BrokerProcess broker, int exitCode, String cause) {
    assertThat(exitCode)
        .as("exit code; its log:\n%s", complaints(broker))
        .isNotZero()
        .isNotIn(SIGNALLED);
    assertThat(broker.errors()).as("errors in the log").anyMatch(line -> line.contains(cause));
  }

  /** What an operator has to read is one line. */
  static void assertOneClearLine(BrokerProcess broker) {
    assertThat(broker.errors()).as("errors in the log:\n%s", complaints(broker)).hasSize(1);
    assertThat(broker.log()).as("stack traces").noneMatch(line -> line.startsWith("\tat "));
  }

  /** The log without what is in order. */
  private static String complaints(BrokerProcess broker) {
    return broker.log().stream()
        .filter(line -> !line.contains(" INFO "))
        .collect(Collectors.joining("\n"));
  }

  void assertNothingWrong() {
    assertThat(ledger.violations()).as("crash.seed %d; %s", seed, ledger.tally).isEmpty();
  }

  /** A run that did little has proved little. */
  void assertDone(Count what, long atLeast) {
    assertThat(ledger.tally.of(what)).as(what.name()).isGreaterThanOrEqualTo(atLeast);
  }
}
