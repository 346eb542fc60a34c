package org.warrenmq.benchmarks.turns;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.util.concurrent.TimeoutException;

/** Transactions of 300 messages to 2,000 queues each; used by the measuring thread. */
final class Transactions implements Case {
  private static final int QUEUES = 2_000;
  private static final int MESSAGES = 300;

  /** Then the queues are emptied: what they hold is not what is measured. */
  private static final int COMMITS = 5;

  private static final byte[] BODY = new byte[12];

  private final FanOutQueues queues;
  private final Connection connection;
  private final Channel channel;

  Transactions(ConnectionFactory factory) throws IOException, TimeoutException {
    queues = new FanOutQueues(factory, "bench.turns.transaction", QUEUES);
    connection = factory.newConnection("turns transactions");
    channel = connection.createChannel();
    channel.txSelect();
  }

  @Override
  public void prepare() throws IOException {
    queues.purge();
  }

  @Override
  public long disturb(long deadlineNanos) throws IOException {
    int commits = 0;
    while (commits < COMMITS && System.nanoTime() - deadlineNanos < 0) {
      for (int i = 0; i < MESSAGES; i++) {
        channel.basicPublish(queues.exchange(), "", MessageProperties.MINIMAL_BASIC, BODY);
      }
      channel.txCommit();
      commits++;
    }
    return commits;
  }

  @Override
  public void close() {
    connection.abort(5_000);
    queues.close();
  }
}
