package org.warrenmq.benchmarks.topology;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.warrenmq.broker.control.ControlSocket;

/** Many queues, and a policy that comes and goes for all of them; for the measuring thread. */
final class PolicyChange implements AutoCloseable {
  private static final String PREFIX = "bench.policy.";
  private static final String NAME = "bench";

  /** So often it comes and goes in one event. */
  private static final int TIMES = 3;

  private final Path data;
  private final int queues;
  private final Connection connection;
  private final Channel channel;

  /**
   * @param data the broker's data folder
   */
  PolicyChange(ConnectionFactory factory, Path data, int queues)
      throws IOException, TimeoutException {
    this.data = data;
    this.queues = queues;
    connection = factory.newConnection("policy queues");
    channel = connection.createChannel();
    for (int i = 0; i < queues; i++) {
      channel.queueDeclare(PREFIX + i, false, false, false, null);
    }
  }

  void setAndClear() throws IOException {
    for (int i = 0; i < TIMES; i++) {
      control(
          "set_policy",
          NAME,
          "^bench\\.policy\\.",
          "{\"max-length\": 1000, \"message-ttl\": 60000, \"dead-letter-exchange\": \"none\"}");
      control("clear_policy", NAME);
    }
  }

  private void control(String verb, String... words) throws IOException {
    String joined =
        List.of(words).stream()
            .map(word -> URLEncoder.encode(word, StandardCharsets.UTF_8))
            .collect(Collectors.joining(" "));
    String answer = ControlSocket.ask(data, verb + " %2F " + joined);
    if (!answer.startsWith("ok ")) {
      throw new IOException(answer);
    }
  }

  @Override
  public void close() throws IOException {
    for (int i = 0; i < queues; i++) {
      channel.queueDelete(PREFIX + i);
    }
    connection.close();
  }
}
