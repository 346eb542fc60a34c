package org.warrenmq.conformance.crash;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.warrenmq.conformance.crash.Account.Survivor;

/**
 * Reads all that the queues hold after a start, without taking it, and has the ledger compare it
 * with the books. Used by the test thread, filled by the client's.
 */
final class Survey implements AutoCloseable {
  private static final long LIMIT_SECONDS = 30;

  private final Ledger ledger;
  private final Connection connection;
  private final Map<String, Reading> readings = new LinkedHashMap<>();

  private Survey(Connection connection, Ledger ledger) {
    this.connection = connection;
    this.ledger = ledger;
  }

  /** One queue's content, held unacknowledged on a channel of its own. */
  private static final class Reading extends DefaultConsumer {
    private final Bodies bodies;
    private final BlockingQueue<Survivor> arrived = new LinkedBlockingQueue<>();
    private final List<Survivor> survivors = new ArrayList<>();

    Reading(Channel channel, Bodies bodies) {
      super(channel);
      this.bodies = bodies;
    }

    @Override
    public void handleDelivery(
        String consumer, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
      long id = Ledger.id(properties.getMessageId());
      boolean intact = bodies.isIntact(id, body);
      arrived.add(new Survivor(id, envelope.getDeliveryTag(), envelope.isRedeliver(), intact));
    }
  }

  /** Reads everything; nothing is compared yet. */
  static Survey of(String uri, Ledger ledger, Bodies bodies) throws Exception {
    var survey = new Survey(Stage.factory(uri).newConnection(), ledger);
    try {
      for (String queue : Landscape.queues()) {
        survey.readings.put(queue, survey.read(queue, bodies));
      }
      return survey;
    } catch (Exception e) {
      survey.close();
      throw e;
    }
  }

  /**
   * Has the ledger compare it with the books, which stay as they are.
   *
   * @param cutoff what was settled before this time must not have come back
   */
  void compare(long cutoff) {
    ledger.compare(found(), cutoff);
  }

  /** From now on the books say what was found. */
  void adopt() {
    ledger.adopt(found());
  }

  private Map<String, List<Survivor>> found() {
    var found = new LinkedHashMap<String, List<Survivor>>();
    readings.forEach((queue, reading) -> found.put(queue, reading.survivors));
    return found;
  }

  private Reading read(String queue, Bodies bodies) throws Exception {
    Channel channel = connection.createChannel();
    int count = channel.queueDeclarePassive(queue).getMessageCount();
    var reading = new Reading(channel, bodies);
    channel.basicConsume(queue, false, reading);
    for (int i = 0; i < count; i++) {
      Survivor survivor = next(reading);
      if (survivor == null) {
        ledger.violation("%s counts %d messages and gives %d".formatted(queue, count, i));
        break;
      }
      reading.survivors.add(survivor);
    }
    awaitDispatched(channel);
    if (!reading.arrived.isEmpty()) {
      ledger.violation("%s gives more than the %d it counts".formatted(queue, count));
      reading.arrived.drainTo(reading.survivors);
    }
    return reading;
  }

  /** The next message; null when none comes, and an exception when none can come. */
  private static @Nullable Survivor next(Reading reading) throws InterruptedException {
    for (int seconds = 0; seconds < LIMIT_SECONDS; seconds++) {
      Survivor survivor = reading.arrived.poll(1, TimeUnit.SECONDS);
      if (survivor != null) {
        return survivor;
      }
      Stage.requireOpen(reading.getChannel());
    }
    return null;
  }

  /** The client calls the consumers of a channel in the order of the wire. */
  private static void awaitDispatched(Channel channel) throws Exception {
    var dispatched = new CountDownLatch(1);
    String nothing = channel.queueDeclare().getQueue();
    String tag =
        channel.basicConsume(
            nothing,
            true,
            new DefaultConsumer(channel) {
              @Override
              public void handleConsumeOk(String consumer) {
                dispatched.countDown();
              }
            });
    if (!dispatched.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException("the client is stuck");
    }
    channel.basicCancel(tag);
  }

  /** Acknowledges some of it, in one of several patterns per queue; the rest goes back. */
  void settleSome(SplittableRandom random) throws Exception {
    for (Map.Entry<String, Reading> entry : readings.entrySet()) {
      Account account = ledger.account(entry.getKey());
      Reading reading = entry.getValue();
      int size = reading.survivors.size();
      if (size == 0) {
        continue;
      }
      switch (account.isFull() ? random.nextInt(2) : random.nextInt(4)) {
        case 0 -> ackUntil(reading, account, random.nextInt(size / 2, size));
        case 1 -> ackEach(reading, account, random, 0.8);
        case 2 -> ackEach(reading, account, random, 0.3);
        default -> {
          // All of it stays.
        }
      }
    }
    for (Reading reading : readings.values()) {
      // Its close-ok says that the acks have arrived and the rest is back.
      reading.getChannel().close();
    }
  }

  private static void ackUntil(Reading reading, Account account, int last) throws IOException {
    reading.survivors.subList(0, last + 1).forEach(survivor -> account.settling(survivor.id()));
    reading.getChannel().basicAck(reading.survivors.get(last).tag(), true);
  }

  private static void ackEach(
      Reading reading, Account account, SplittableRandom random, double share) throws IOException {
    for (Survivor survivor : reading.survivors) {
      if (random.nextDouble() < share) {
        account.settling(survivor.id());
        reading.getChannel().basicAck(survivor.tag(), false);
      }
    }
  }

  @Override
  public void close() {
    connection.abort(1_000);
  }
}
