package org.warrenmq.benchmarks.turns;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A consumer that got all messages of a queue and acknowledged none ends without a word, and all of
 * them return; used by the measuring thread.
 */
final class Requeue implements Case {
  private static final long PATIENCE_SECONDS = 120;

  private final ConnectionFactory factory;
  private final Backlog backlog;
  private final int messages;

  /** That of the consumer; the factory makes it. */
  private volatile Socket socket = new Socket();

  Requeue(ConnectionFactory factory, int messages) throws IOException, TimeoutException {
    this.messages = messages;
    this.backlog = new Backlog(factory, "bench.turns.requeue", messages);
    this.factory = factory.clone();
    this.factory.setSocketConfigurator(made -> socket = made);
  }

  @Override
  public void prepare() throws IOException, TimeoutException, InterruptedException {
    backlog.fill();
    var received = new CountDownLatch(messages);
    Connection connection = factory.newConnection("turns hoarder");
    Channel channel = connection.createChannel();
    channel.basicConsume(backlog.queue(), false, (_, _) -> received.countDown(), _ -> {});
    if (!received.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException(received.getCount() + " messages did not come");
    }
  }

  @Override
  public long disturb(long deadlineNanos) throws IOException {
    // Not the connection: that would say goodbye and wait.
    socket.close();
    backlog.awaitReady();
    Backlog.awaitAftermath();
    return 1;
  }

  @Override
  public void close() throws IOException {
    backlog.close();
  }
}
