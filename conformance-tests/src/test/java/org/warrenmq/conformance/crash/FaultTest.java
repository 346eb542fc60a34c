package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.warrenmq.conformance.BrokerProcess.Launch;

/**
 * Something fails that nobody expected: the process ends at once with its exit code, says what
 * failed and where, and the next start has all that was confirmed. System property {@code
 * fault.all} has every place tried, otherwise two are.
 */
@ExtendWith(OwnBrokerOnly.class)
class FaultTest {
  private static final int INTERNAL_ERROR = 541;

  @TempDir Path root;

  static Stream<Arguments> faults() {
    if (!Boolean.getBoolean("fault.all")) {
      return Stream.of(
          Arguments.of(FaultPlace.LOOP, InternalError.class),
          Arguments.of(FaultPlace.WRITER, InternalError.class));
    }
    return Arrays.stream(FaultPlace.values())
        .flatMap(
            place ->
                Stream.of(InternalError.class, IllegalStateException.class)
                    .filter(place::endsTheNode)
                    .map(kind -> Arguments.of(place, kind)));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void endsTheNode(FaultPlace where, Class<? extends Throwable> kind) throws Exception {
    try (FaultTrial trial = FaultTrial.on(Launch.on(root.resolve("data")))) {
      if (where.lead == FaultPlace.Lead.CONSUME) {
        trial.restart();
      }
      long since = throwIn(trial, where, kind);
      trial.assertEnds(
          kind.getSimpleName() + " in " + where.place,
          since,
          kind.getName() + ": " + Sabotage.MESSAGE,
          where.thread);
      trial.assertNothingLost();
    }
  }

  @Test
  @AllFaults
  void endsTheConnectionWhoseInputItWas() throws Exception {
    try (FaultTrial trial = FaultTrial.on(Launch.on(root.resolve("data")));
        Client other = Client.of(trial.broker())) {
      Channel bystander = other.channel();
      // It says nothing meanwhile, so the input is the publisher's.
      throwIn(trial, FaultPlace.DECODER, IllegalStateException.class);
      trial.publisher().awaitConfirms(100);
      assertThat(trial.publisher().broken()).isOne();
      assertThat(trial.publisher().closeCodes()).containsExactly(INTERNAL_ERROR);
      assertThat(trial.broker().isAlive()).isTrue();
      assertThat(bystander.queueDeclare().getQueue()).isNotEmpty();
      trial.broker().kill();
      trial.assertNothingLost();
    }
  }

  private static long throwIn(FaultTrial trial, FaultPlace where, Class<? extends Throwable> kind)
      throws Exception {
    return trial.debugger().throwAt(where.place, kind, () -> lead(trial, where));
  }

  private static void lead(FaultTrial trial, FaultPlace where) {
    try {
      where.lead.go(trial.broker());
    } catch (Exception e) {
      // The end of the broker came first.
    }
  }
}
