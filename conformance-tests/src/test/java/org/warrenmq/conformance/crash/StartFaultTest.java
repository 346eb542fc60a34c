package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.warrenmq.conformance.BrokerProcess;
import org.warrenmq.conformance.BrokerProcess.Launch;

/** Something fails that nobody expected before the broker listens: it is no start, and no hang. */
@AllFaults
@ExtendWith(OwnBrokerOnly.class)
class StartFaultTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private static final int REFUSED = 1;

  @TempDir Path root;

  static Stream<Arguments> faults() {
    return Stream.of(
            new Sabotage("org.warrenmq.store.Store", "open"),
            new Sabotage("org.warrenmq.store.Store", "recover"),
            new Sabotage("org.warrenmq.broker.Broker", "vertx"),
            new Sabotage("org.warrenmq.broker.topology.Topology", "restore"),
            new Sabotage("org.warrenmq.broker.topology.Topology", "start"),
            new Sabotage("org.warrenmq.broker.amqp.AmqpServer", "start"),
            new Sabotage("org.warrenmq.broker.amqp.AmqpServer", "bind"))
        .flatMap(
            place ->
                // Loaded before anything else, so that a debugger can be told to look for them.
                Stream.of(InternalError.class, ArithmeticException.class)
                    .map(kind -> Arguments.of(place, kind)));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void isNoStart(Sabotage where, Class<? extends Throwable> kind) throws Exception {
    Launch how = Debugger.awaited(Launch.on(root.resolve("data")));
    BrokerProcess broker = BrokerProcess.launch(how);
    try (Debugger debugger = Debugger.attach(broker)) {
      long since = debugger.throwAt(where, kind, () -> {});
      int code = broker.awaitExit(LIMIT);
      System.out.printf(
          "%s in %s: exit code %d after %d ms%n",
          kind.getSimpleName(),
          where,
          code,
          TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since));
      assertThat(code).as("exit code; its log:\n%s", broker.log()).isIn(REFUSED, FaultTrial.FAULT);
      assertThat(broker.log())
          .as("the log")
          .filteredOn(line -> line.contains("ERROR ") && line.contains(Sabotage.MESSAGE))
          .hasSize(1);
      assertThat(broker.isListening()).isFalse();
    } finally {
      broker.kill();
    }
  }
}
