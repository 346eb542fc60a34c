package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.warrenmq.conformance.BrokerProcess;
import org.warrenmq.conformance.BrokerProcess.Launch;

/**
 * A data folder, a broker on it that will end by itself, and a publisher that works all the while.
 * Used by the test thread.
 */
final class FaultTrial implements AutoCloseable {
  /** Exit code after a fault of the program. */
  static final int FAULT = 70;

  /** The queue that the publisher fills. */
  static final String QUEUE = "q";

  /** It takes no second, but the machine may have other things to do. */
  static final Duration LIMIT = Duration.ofSeconds(5);

  /** What it was doing well before. */
  private static final int CONFIRMS = 200;

  private final Launch how;
  private BrokerProcess broker;
  private Debugger debugger;
  private SteadyPublisher publisher;

  private FaultTrial(Launch how) {
    this.how = how;
  }

  /** Starts a broker that a debugger may look at, and has some messages confirmed. */
  static FaultTrial on(Launch how) throws Exception {
    var trial = new FaultTrial(how);
    try {
      trial.start();
      return trial;
    } catch (Throwable e) {
      trial.close();
      throw e;
    }
  }

  private void start() throws Exception {
    launch();
    try (Client client = Client.of(broker)) {
      NumberedMessages.declare(client.channel(), QUEUE);
    }
    publisher = new SteadyPublisher(QUEUE, () -> broker.uri());
    publisher.awaitConfirms(CONFIRMS);
  }

  private void launch() throws Exception {
    broker = BrokerProcess.start(Debugger.allowed(how));
    debugger = Debugger.attach(broker);
  }

  private void end() throws Exception {
    if (broker != null) {
      broker.kill();
    }
    if (debugger != null) {
      debugger.close();
    }
  }

  /** Kills it and starts it once more: what was confirmed lies on disk alone. */
  void restart() throws Exception {
    end();
    launch();
    publisher.awaitConfirms(1);
  }

  BrokerProcess broker() {
    return broker;
  }

  Debugger debugger() {
    return debugger;
  }

  SteadyPublisher publisher() {
    return publisher;
  }

  /**
   * It ends by itself, in time, and says why and on which thread.
   *
   * @param since when the fault was there
   * @param what the last lines name it
   */
  void assertEnds(String kind, long since, String what, String thread) throws Exception {
    assertEndsSilently(kind, since);
    assertThat(broker.log())
        .as("the log")
        .anyMatch(
            line ->
                line.startsWith("ERROR NodeEnd: the node ends with exit code 70: ")
                    && line.contains(what)
                    && line.contains(", on thread " + thread));
  }

  /** The same when nobody can hear it. */
  void assertEndsSilently(String kind, long since) throws Exception {
    int code = broker.awaitExit(LIMIT);
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since);
    System.out.printf("%s: exit code %d after %d ms%n", kind, code, millis);
    assertThat(code).as("exit code; its log:\n%s", lastLines()).isEqualTo(FAULT);
    assertThat(millis).as("time until it had ended").isLessThan(LIMIT.toMillis());
  }

  private String lastLines() {
    List<String> log = broker.log();
    return String.join("\n", log.subList(Math.max(0, log.size() - 40), log.size()));
  }

  /** The next start has all that was ever confirmed. */
  void assertNothingLost() throws Exception {
    publisher.close();
    try (BrokerProcess next = BrokerProcess.start(how);
        Client client = Client.of(next)) {
      Channel channel = client.channel();
      publisher.assertAllIn(NumberedMessages.read(channel, QUEUE));
    }
  }

  @Override
  public void close() throws Exception {
    if (publisher != null) {
      publisher.close();
    }
    end();
  }
}
