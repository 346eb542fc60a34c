package org.warrenmq.benchmarks.topology;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeoutException;
import org.warrenmq.admin.local.LocalApi;

/** Many queues, and a policy that comes and goes for all of them; for the measuring thread. */
final class PolicyChange implements AutoCloseable {
  private static final String PREFIX = "bench.policy.";
  private static final String POLICY = LocalApi.path("policies", "/", "bench");

  /** So often it comes and goes in one event. */
  private static final int TIMES = 3;

  private final LocalApi api;
  private final int queues;
  private final Connection connection;
  private final Channel channel;

  /**
   * @param data the broker's data folder
   */
  PolicyChange(ConnectionFactory factory, Path data, int queues)
      throws IOException, TimeoutException {
    api = new LocalApi(data);
    this.queues = queues;
    connection = factory.newConnection("policy queues");
    channel = connection.createChannel();
    for (int i = 0; i < queues; i++) {
      channel.queueDeclare(PREFIX + i, false, false, false, null);
    }
  }

  void setAndClear() throws IOException {
    for (int i = 0; i < TIMES; i++) {
      check(
          api.put(
              POLICY,
              new JsonObject()
                  .put("pattern", "^bench\\.policy\\.")
                  .put(
                      "definition",
                      new JsonObject()
                          .put("max-length", 1000)
                          .put("message-ttl", 60_000)
                          .put("dead-letter-exchange", "none"))));
      check(api.delete(POLICY));
    }
  }

  private static void check(LocalApi.Answer answer) throws IOException {
    if (!answer.isGood()) {
      throw new IOException(answer.reason());
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
