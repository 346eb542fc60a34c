package org.warrenmq.benchmarks.turns;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import org.warrenmq.benchmarks.latency.Pace;

/**
 * A queue with 20,000 consumers, of which some come and go while messages come; the measuring
 * thread has them come and go, another publishes.
 */
final class Consumers implements Case {
  private static final String QUEUE = "bench.turns.consumers";
  private static final int CHANNELS = 20;
  private static final int CONSUMERS_EACH = 1_000;
  private static final int MESSAGES_PER_SECOND = 2_000;
  private static final int CHANGES_PER_SECOND = 100;
  private static final byte[] BODY = new byte[12];

  /** A consumer that is there now. */
  private record Consumer(Channel channel, String tag) {
    static Consumer on(Channel channel) throws IOException {
      return new Consumer(channel, channel.basicConsume(QUEUE, true, (_, _) -> {}, _ -> {}));
    }

    /** Goes, and another comes. */
    Consumer replace() throws IOException {
      channel.basicCancel(tag);
      return on(channel);
    }
  }

  private final Connection connection;
  private final Connection publishing;
  private final Channel publisher;
  private final List<Consumer> consumers = new ArrayList<>();
  private int next;

  Consumers(ConnectionFactory factory) throws IOException, TimeoutException {
    connection = factory.newConnection("turns consumers");
    publishing = factory.newConnection("turns publisher");
    publisher = publishing.createChannel();
    publisher.queueDeclare(QUEUE, false, false, true, null);
    for (int i = 0; i < CHANNELS; i++) {
      Channel channel = connection.createChannel();
      for (int j = 0; j < CONSUMERS_EACH; j++) {
        consumers.add(Consumer.on(channel));
      }
    }
  }

  @Override
  public void prepare() {}

  @Override
  public long disturb(long deadlineNanos) throws Exception {
    try (ExecutorService executor = Executors.newSingleThreadExecutor()) {
      Future<Long> published =
          executor.submit(
              () -> new Pace(MESSAGES_PER_SECOND).repeatUntil(deadlineNanos, this::publish));
      return new Pace(CHANGES_PER_SECOND).repeatUntil(deadlineNanos, this::change)
          + published.get();
    }
  }

  private void publish() throws IOException {
    publisher.basicPublish("", QUEUE, MessageProperties.MINIMAL_BASIC, BODY);
  }

  private void change() throws IOException {
    consumers.set(next, consumers.get(next).replace());
    // From channel to channel, and over all of the queue's ring.
    next = (next + CONSUMERS_EACH + 1) % consumers.size();
  }

  @Override
  public void close() {
    publishing.abort(5_000);
    connection.abort(60_000);
  }
}
