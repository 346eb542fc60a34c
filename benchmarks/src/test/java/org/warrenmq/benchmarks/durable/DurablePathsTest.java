package org.warrenmq.benchmarks.durable;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.broker.Broker;
import org.warrenmq.broker.config.BrokerConfig;

/** The programs against a broker that keeps everything, and against one that seems not to. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class DurablePathsTest {
  private static final int RIGHT = 0;
  private static final int FAILED = 1;
  private static final int MESSAGES = 1_000;
  private static final String QUEUE = "programs";

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
  }

  @AfterEach
  void stop() {
    connection.abort(5_000);
    broker.close();
  }

  private int run(String... words) {
    List<String> arguments = new ArrayList<>(List.of(words));
    arguments.addAll(List.of("--port", String.valueOf(broker.amqpPort()), "--patience", "10"));
    return DurablePaths.execute(arguments.toArray(String[]::new));
  }

  private int fill() {
    return run("fill", "--queue", QUEUE, "--messages", "" + MESSAGES, "--size", "100");
  }

  private int drain(int messages) {
    return run("drain", "--queue", QUEUE, "--messages", "" + messages, "--size", "100");
  }

  private byte[] take(String queue) throws Exception {
    GetResponse got = channel.basicGet(queue, true);
    assertThat(got).isNotNull();
    return got.getBody();
  }

  @Test
  void whatWasFilledIsDrained() throws Exception {
    assertThat(fill()).isEqualTo(RIGHT);
    assertThat(channel.messageCount(QUEUE)).isEqualTo(MESSAGES);
    assertThat(drain(MESSAGES)).isEqualTo(RIGHT);
  }

  @Test
  void aCountThatIsNotExactIsSeen() throws Exception {
    fill();
    assertThat(drain(MESSAGES + 1)).as("one is lost").isEqualTo(BrokenPromise.EXIT_CODE);
    assertThat(drain(MESSAGES - 1)).as("one too many").isEqualTo(BrokenPromise.EXIT_CODE);
    channel.queueDelete(QUEUE);
    assertThat(drain(MESSAGES)).as("all are lost").isEqualTo(BrokenPromise.EXIT_CODE);
  }

  @Test
  void anotherOrderIsSeen() throws Exception {
    fill();
    channel.basicPublish("", QUEUE, null, take(QUEUE));
    assertThat(drain(MESSAGES)).isEqualTo(BrokenPromise.EXIT_CODE);
  }

  @Test
  void aChangedByteIsSeen() throws Exception {
    fill();
    for (int i = 0; i < MESSAGES; i++) {
      byte[] body = take(QUEUE);
      body[99] ^= (byte) (i == MESSAGES - 1 ? 1 : 0);
      channel.basicPublish("", QUEUE, null, body);
    }
    assertThat(drain(MESSAGES)).isEqualTo(BrokenPromise.EXIT_CODE);
  }

  @Test
  void aSetOfQueuesIsCheckedAsAWhole() throws Exception {
    assertThat(runSet("fill-queues")).isEqualTo(RIGHT);
    assertThat(runSet("check-queues")).isEqualTo(RIGHT);
    assertThat(runSet("check-queues")).as("messages stay").isEqualTo(RIGHT);

    byte[] body = take(new QueueSet().name(49));
    assertThat(runSet("check-queues")).as("a count").isEqualTo(BrokenPromise.EXIT_CODE);

    channel.basicPublish("", new QueueSet().name(49), null, body);
    assertThat(runSet("check-queues", "--spots", "1")).as("not read").isEqualTo(RIGHT);
    assertThat(runSet("check-queues", "--spots", "50"))
        .as("an order")
        .isEqualTo(BrokenPromise.EXIT_CODE);
    assertThat(runSet("check-queues", "--spots", "1", "--delete")).isEqualTo(RIGHT);
    assertThat(runSet("check-queues")).as("all gone").isEqualTo(BrokenPromise.EXIT_CODE);
  }

  private int runSet(String program, String... more) {
    List<String> words = new ArrayList<>(List.of(program, "--queues", "50", "--messages", "10"));
    words.addAll(List.of(more));
    return run(words.toArray(String[]::new));
  }

  @Test
  void declaresLeaveNothingBehind() throws Exception {
    assertThat(run("declare", "--queues", "100", "--rounds", "2", "--warm", "0")).isEqualTo(RIGHT);
    assertThat(run("drain", "--queue", "bench.durable.declared.0", "--messages", "0"))
        .isEqualTo(BrokenPromise.EXIT_CODE);
  }

  @Test
  void pacedQueuesDeliverEverything() {
    assertThat(run("paced", "--queues", "8", "--rate", "2000", "--warm", "0.2", "--seconds", "0.5"))
        .isEqualTo(RIGHT);
  }

  @Test
  void noBrokerIsNoBrokenPromise() {
    assertThat(DurablePaths.execute("fill", "--queue", QUEUE, "--messages", "1", "--port", "1"))
        .isEqualTo(FAILED);
    assertThat(DurablePaths.execute("drain", "--queue", QUEUE, "--messages", "1", "--port", "1"))
        .isEqualTo(FAILED);
  }
}
