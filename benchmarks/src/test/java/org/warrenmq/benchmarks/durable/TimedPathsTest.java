package org.warrenmq.benchmarks.durable;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.warrenmq.broker.Broker;
import org.warrenmq.broker.config.BrokerConfig;

/** The programs on messages that wait, against a broker that keeps to it and against meddling. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class TimedPathsTest {
  private static final int RIGHT = 0;
  private static final int MESSAGES = 300;

  /** Far enough away that nothing is due before the test has meddled with it. */
  private long first;

  @TempDir private Path data;
  private Broker broker;
  private Connection connection;
  private Channel channel;

  @BeforeEach
  void start() throws Exception {
    broker =
        Broker.start(BrokerConfig.defaults().withPort(0).withManagementPort(0).withDataDir(data));
    ConnectionFactory factory = new ConnectionFactory();
    factory.setPort(broker.amqpPort());
    connection = factory.newConnection();
    channel = connection.createChannel();
    first = System.currentTimeMillis() + 3_000;
  }

  @AfterEach
  void stop() {
    connection.abort(5_000);
    broker.close();
  }

  private int run(String command, String timing) {
    List<String> arguments = new ArrayList<>(List.of(command, "--timing", timing));
    arguments.addAll(List.of("--messages", "" + MESSAGES, "--first", "" + first));
    arguments.addAll(List.of("--millis", "1200", "--patience", "5"));
    arguments.addAll(List.of("--port", "" + broker.amqpPort()));
    return DurablePaths.execute(arguments.toArray(String[]::new));
  }

  @ParameterizedTest
  @ValueSource(strings = {"delayed", "uniform", "mixed"})
  void allComeWhenTheyAreDue(String timing) {
    assertThat(run("fill-timed", timing)).isEqualTo(RIGHT);
    assertThat(run("drain-timed", timing)).isEqualTo(RIGHT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"delayed", "mixed"})
  void aMessageThatIsMissingIsSeen(String timing) {
    assertThat(run("fill-timed", timing)).isEqualTo(RIGHT);
    take();
    assertThat(run("drain-timed", timing)).isEqualTo(BrokenPromise.EXIT_CODE);
  }

  @Test
  void aMessageThatComesTwiceIsSeen() throws Exception {
    assertThat(run("fill-timed", "mixed")).isEqualTo(RIGHT);
    GetResponse letter = take();
    for (int i = 0; i < 2; i++) {
      channel.basicPublish("", Timing.TARGET, letter.getProps(), letter.getBody());
    }
    assertThat(run("drain-timed", "mixed")).isEqualTo(BrokenPromise.EXIT_CODE);
  }

  @Test
  void aMessageThatComesEarlyIsSeen() throws Exception {
    assertThat(run("fill-timed", "delayed")).isEqualTo(RIGHT);
    AMQP.BasicProperties properties = new AMQP.BasicProperties();
    channel.basicPublish("", Timing.TARGET, properties, new Bodies(100).of(MESSAGES - 1));
    assertThat(run("drain-timed", "delayed")).isEqualTo(BrokenPromise.EXIT_CODE);
  }

  private GetResponse take() {
    return Awaitility.await()
        .atMost(10, TimeUnit.SECONDS)
        .until(() -> channel.basicGet(Timing.TARGET, true), got -> got != null);
  }
}
