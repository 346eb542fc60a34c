package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.warrenmq.broker.TestBroker.await;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.warrenmq.broker.config.ServerIdentity;

/** Limits of the whole node: what is beyond is refused in RabbitMQ's words, what is there stays. */
class NodeLimitsTest {
  /** What RabbitMQ's client says of an operation that was refused. */
  private interface Operation {
    void run() throws Exception;
  }

  private static String refusal(Operation operation) {
    try {
      operation.run();
      return "none";
    } catch (Exception e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      return cause instanceof ShutdownSignalException signal
          ? String.valueOf(signal.getReason())
          : String.valueOf(e);
    }
  }

  @Test
  @DisplayName("connections and channels; who goes makes room")
  void connections() throws Exception {
    try (TestBroker broker =
        ConfiguredBroker.start("connection_max = 2", "channel_max_per_node = 3")) {
      Connection first = broker.connect();
      Connection second = broker.connect();
      assertThat(refusal(broker::connect))
          .contains(
              "reply-code=530, reply-text=NOT_ALLOWED - connection refused: node connection limit"
                  + " (2) is reached, class-id=10, method-id=40");
      first.createChannel();
      first.createChannel().close();
      first.createChannel();
      second.createChannel();
      assertThatThrownBy(second::createChannel).isInstanceOf(IOException.class);
      assertThat(String.valueOf(second.getCloseReason().getReason()))
          .contains(
              "reply-code=530, reply-text=NOT_ALLOWED - number of channels opened on node '"
                  + ServerIdentity.node()
                  + "' has reached the maximum allowed limit of (3)");
      await("there is room").until(() -> refusal(broker::connect).equals("none"));
      first.close();
    }
  }

  @Test
  @DisplayName("queues, exchanges and virtual hosts, by AMQP and HTTP")
  void topology() throws Exception {
    try (TestBroker broker =
            ConfiguredBroker.start(
                "cluster_queue_limit = 2",
                "cluster_exchange_limit = 15",
                "vhost_max = 2",
                "management.tcp.port = 0");
        Connection connection = broker.connect()) {
      Channel channel = connection.createChannel();
      channel.queueDeclare("one", true, false, false, Map.of());
      String exclusive = channel.queueDeclare().getQueue();
      assertThat(
              refusal(
                  () ->
                      connection
                          .createChannel()
                          .queueDeclare("three", true, false, false, Map.of())))
          .contains(
              "reply-code=406, reply-text=PRECONDITION_FAILED - cannot declare queue 'three': queue"
                  + " limit in cluster (2) is reached, class-id=50, method-id=10");
      channel.queueDeclare("one", true, false, false, Map.of());
      HttpApi api = new HttpApi(broker);
      HttpResponse<String> queue = api.ask("PUT", "/queues/%2F/three", "{}");
      assertThat(queue.statusCode()).isEqualTo(400);
      assertThat(queue.body())
          .contains("cannot declare queue 'three': queue limit in cluster (2) is reached");
      channel.queueDelete(exclusive);
      channel.queueDeclare("three", true, false, false, Map.of());

      assertThat(api.put("/vhosts/second", "{}")).isEqualTo(201);
      HttpResponse<String> vhost = api.ask("PUT", "/vhosts/third", "{}");
      assertThat(vhost.statusCode()).isEqualTo(400);
      assertThat(vhost.body())
          .isEqualTo(
              "{\"error\":\"bad_request\",\"reason\":\"cannot create vhost 'third': vhost limit of"
                  + " 2 is reached\"}");
      assertThat(api.put("/vhosts/second", "{\"description\":\"x\"}")).isEqualTo(204);

      int there = api.list("/exchanges").size();
      for (int i = there; i < 15; i++) {
        channel.exchangeDeclare("e" + i, "direct");
      }
      assertThat(refusal(() -> channel.exchangeDeclare("more", "direct")))
          .contains(
              "reply-code=406, reply-text=PRECONDITION_FAILED - cannot declare exchange 'more':"
                  + " exchange limit of 15 is reached, class-id=40, method-id=10");
    }
  }
}
