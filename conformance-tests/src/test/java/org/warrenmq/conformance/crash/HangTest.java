package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.conformance.BrokerProcess.Launch;

/**
 * A thread that others wait for stands still: the watchdog ends the process. Where nobody reads
 * what the broker writes, it still ends.
 */
@AllFaults
@ExtendWith(OwnBrokerOnly.class)
class HangTest {
  /** More than a pipe takes. */
  private static final int MOST_LINES = 20_000;

  private static final int FROZEN_SECONDS = 3;

  @TempDir Path root;

  @Test
  void ofALoopEndsTheNode() throws Exception {
    hang("vert.x-eventloop-thread-0", "event loop");
  }

  @Test
  void ofTheTopologyEndsTheNode() throws Exception {
    hang("warren-topology", "the topology");
  }

  private void hang(String thread, String name) throws Exception {
    try (FaultTrial trial = FaultTrial.on(watched())) {
      long since = System.nanoTime();
      trial.debugger().hang(thread);
      trial.assertEnds(thread + " hangs", since, "has not turned for 1 s", "warren-watchdog");
      assertThat(trial.broker().log()).anyMatch(line -> line.contains(": " + name));
      trial.assertNothingLost();
    }
  }

  /** The whole process stood still: its threads find that no time has passed. */
  @Test
  void ofTheProcessIsNone() throws Exception {
    try (FaultTrial trial = FaultTrial.on(watched())) {
      trial.broker().freeze();
      new CountDownLatch(1).await(FROZEN_SECONDS, TimeUnit.SECONDS);
      trial.broker().thaw();
      trial.publisher().awaitConfirms(1_000);
      assertThat(trial.publisher().broken()).as("connections that broke").isZero();
      assertThat(trial.broker().isAlive()).isTrue();
      trial.broker().kill();
      trial.assertNothingLost();
    }
  }

  @Test
  void anOutputThatNobodyReadsKeepsNoFaultAlive() throws Exception {
    try (FaultTrial trial = FaultTrial.on(Launch.on(root.resolve("data")))) {
      fillOutput(trial);
      long since = trial.debugger().throwAt(FaultPlace.ALARMS.place, InternalError.class, () -> {});
      trial.assertEndsSilently("fault with a full pipe", since);
      trial.assertNothingLost();
    }
  }

  @Test
  void anOutputThatNobodyReadsIsAHangAsWell() throws Exception {
    try (FaultTrial trial = FaultTrial.on(watched())) {
      fillOutput(trial);
      trial.assertEndsSilently("loop that waits for a full pipe", System.nanoTime());
      trial.assertNothingLost();
    }
  }

  /** Each mistake of a client is a line, until the loop waits for somebody to read it. */
  private static void fillOutput(FaultTrial trial) throws Exception {
    trial.broker().stopListening();
    ConnectionFactory factory = Stage.factory(trial.broker().uri());
    factory.setChannelRpcTimeout(500);
    Connection connection = factory.newConnection();
    try {
      for (int i = 0; i < MOST_LINES; i++) {
        mistake(connection);
      }
      throw new AssertionError("the pipe takes everything");
    } catch (IOException e) {
      assertThat(e).hasRootCauseInstanceOf(TimeoutException.class);
    } finally {
      connection.abort(1);
    }
  }

  private static void mistake(Connection connection) throws IOException {
    Channel channel = connection.createChannel();
    try {
      channel.queueDeclarePassive("there is none");
    } catch (IOException e) {
      if (channel.isOpen()) {
        throw e;
      }
    }
  }

  private Launch watched() throws IOException {
    Path config = root.resolve("warren.conf");
    Files.writeString(config, "warren.turn_timeout = 1\nwarren.event_loops = 2\n");
    return Launch.on(root.resolve("data")).withArguments("--config", config.toString());
  }
}
