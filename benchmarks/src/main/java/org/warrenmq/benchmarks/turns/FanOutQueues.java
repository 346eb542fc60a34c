package org.warrenmq.benchmarks.turns;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;

/**
 * A fanout exchange and its queues, which are transient and go with the connection that made them;
 * used by the measuring thread.
 */
final class FanOutQueues implements AutoCloseable {
  private final Connection connection;
  private final Channel channel;
  private final String exchange;
  private final List<String> queues;

  FanOutQueues(ConnectionFactory factory, String exchange, int count)
      throws IOException, TimeoutException {
    this.exchange = exchange;
    this.connection = factory.newConnection("queues of " + exchange);
    this.channel = connection.createChannel();
    this.queues = IntStream.range(0, count).mapToObj(i -> exchange + "." + i).toList();
    channel.exchangeDeclare(exchange, "fanout", false, true, null);
    for (String queue : queues) {
      channel.queueDeclareNoWait(queue, false, true, false, null);
      channel.queueBindNoWait(queue, exchange, "", null);
    }
    // Answered when all of the above is done.
    channel.queueDeclarePassive(queues.getLast());
  }

  String exchange() {
    return exchange;
  }

  /** Empties all queues. */
  void purge() throws IOException {
    for (String queue : queues) {
      channel.queuePurge(queue);
    }
  }

  @Override
  public void close() {
    connection.abort(60_000);
  }
}
