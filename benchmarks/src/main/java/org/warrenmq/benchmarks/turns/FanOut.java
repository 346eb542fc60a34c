package org.warrenmq.benchmarks.turns;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import org.warrenmq.benchmarks.latency.Pace;

/** Every message goes to 10,000 queues; used by the measuring thread. */
final class FanOut implements Case {
  private static final int QUEUES = 10_000;

  /**
   * 200,000 messages a second in the queues: less than a loop can take, so that publishes do not
   * pile up and each has the same to do, and still a fifth of the probe's rounds come into one.
   */
  private static final int PER_SECOND = 20;

  private static final byte[] BODY = new byte[12];

  private final FanOutQueues queues;
  private final Connection connection;
  private final Channel channel;

  FanOut(ConnectionFactory factory) throws IOException, TimeoutException {
    queues = new FanOutQueues(factory, "bench.turns.fanout", QUEUES);
    connection = factory.newConnection("turns publisher");
    channel = connection.createChannel();
  }

  @Override
  public void prepare() throws IOException {
    queues.purge();
  }

  @Override
  public long disturb(long deadlineNanos) throws Exception {
    return new Pace(PER_SECOND)
        .repeatUntil(
            deadlineNanos,
            () ->
                channel.basicPublish(queues.exchange(), "", MessageProperties.MINIMAL_BASIC, BODY));
  }

  @Override
  public void close() {
    connection.abort(5_000);
    queues.close();
  }
}
