package org.warrenmq.benchmarks.turns;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/**
 * Clients that get the same large message and give it back again and again, in one go, and read
 * nothing; used by the measuring thread, while another sends.
 */
final class GetNack implements Case {
  private static final String QUEUE = "bench.turns.get";
  private static final int CHAIN = 200_000;
  private static final byte[] BODY = new byte[64 << 10];

  /** A client that reads nothing is soon not read either: then it has shown what it can do. */
  private static final Duration LIFE = Duration.ofMillis(300);

  private final ConnectionFactory factory;
  private final Connection connection;
  private final Channel channel;
  private final byte[] chain;

  GetNack(ConnectionFactory factory) throws IOException, TimeoutException {
    this.factory = factory;
    connection = factory.newConnection("owner of " + QUEUE);
    channel = connection.createChannel();
    chain = DeafClient.getsAndNacks(QUEUE, CHAIN);
  }

  @Override
  public void prepare() throws IOException {
    channel.queueDeclare(QUEUE, false, false, false, null);
    channel.queuePurge(QUEUE);
    channel.basicPublish("", QUEUE, MessageProperties.MINIMAL_BASIC, BODY);
  }

  @Override
  public long disturb(long deadlineNanos) throws Exception {
    int clients = 0;
    while (System.nanoTime() - deadlineNanos < 0) {
      try (DeafClient client = new DeafClient(factory)) {
        Thread.ofPlatform().name("deaf client").start(() -> client.send(chain)).join(LIFE);
      }
      clients++;
    }
    return clients;
  }

  @Override
  public void close() throws IOException {
    channel.queueDelete(QUEUE);
    connection.abort(5_000);
  }
}
