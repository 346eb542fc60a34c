package org.warrenmq.conformance;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.impl.ForgivingExceptionHandler;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * A crowd of clients that come and go, each on a virtual thread: connections, channels, consumers,
 * queues, exchanges and bindings, around one queue whose messages are counted.
 */
final class Churn {
  /** The queue whose books must balance. */
  static final String COUNTED = "churn.counted";

  private static final String EXCHANGE = "churn.topic";
  private static final long LIMIT_MILLIS = ConformanceTest.LIMIT.toMillis();
  private static final int GROUP = 40;

  /** Messages in the counted queue above which nobody publishes to it. */
  private static final long MOST_COUNTED = 5_000;

  private final Supplier<ConnectionFactory> factories;

  /** How often each actor did its piece. */
  final Map<String, LongAdder> done = new ConcurrentHashMap<>();

  /** Messages confirmed to be in the counted queue. */
  final LongAdder confirmed = new LongAdder();

  /** Messages of the counted queue acknowledged, for certain. */
  final LongAdder settled = new LongAdder();

  Churn(Supplier<ConnectionFactory> factories) {
    this.factories = factories;
  }

  /** One piece of an actor's life; runs again and again until time is over. */
  @FunctionalInterface
  private interface Piece {
    void run(Connection connection, SplittableRandom random) throws Exception;
  }

  /** Cut sockets are what this is about: the client need not complain of each. */
  private static final class Unsurprised extends ForgivingExceptionHandler {
    @Override
    protected void log(String message, Throwable cause) {
      // The pieces throw by themselves when something goes wrong for them.
    }
  }

  void prepare() throws Exception {
    try (Connection connection = factories.get().newConnection()) {
      Channel channel = connection.createChannel();
      channel.queueDeclare(COUNTED, true, false, false, null);
      channel.exchangeDeclare(EXCHANGE, "topic", true);
    }
  }

  /** Takes what is left, and everything away; returns how much was left in the counted queue. */
  long clear() throws Exception {
    try (Connection connection = factories.get().newConnection()) {
      Channel channel = connection.createChannel();
      long left = 0;
      while (channel.basicGet(COUNTED, true) != null) {
        left++;
      }
      channel.queueDelete(COUNTED);
      channel.exchangeDelete(EXCHANGE);
      return left;
    }
  }

  /** All actors for a time; nothing of them is connected when this returns. */
  void run(long seconds) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var actors = new ArrayList<Future<?>>();
      actors.add(threads.submit(() -> repeat("publishes", end, 500, this::publish)));
      actors.add(threads.submit(() -> repeat("publishes", end, 20, this::publish)));
      actors.add(threads.submit(() -> repeat("consumers", end, 50, this::consume)));
      actors.add(threads.submit(() -> repeat("consumers", end, 1, this::consume)));
      actors.add(threads.submit(() -> repeat("exclusives", end, 1, this::beExclusive)));
      actors.add(threads.submit(() -> repeat("channels", end, 100, this::openChannels)));
      actors.add(threads.submit(() -> repeat("topologies", end, 30, this::changeTopology)));
      for (Future<?> actor : actors) {
        actor.get(seconds + 2 * ConformanceTest.LIMIT.toSeconds(), TimeUnit.SECONDS);
      }
    }
  }

  /** A new connection for every so many pieces; closed in order or cut off, by the dice. */
  private Boolean repeat(String what, long end, int pieces, Piece piece) throws Exception {
    var random = new SplittableRandom();
    while (System.nanoTime() < end) {
      var socket = new Socket[1];
      ConnectionFactory factory = factories.get();
      factory.setSocketConfigurator(
          created -> {
            created.setTcpNoDelay(true);
            socket[0] = created;
          });
      factory.setExceptionHandler(new Unsurprised());
      Connection connection = factory.newConnection();
      for (int i = 0; i < pieces && System.nanoTime() < end; i++) {
        piece.run(connection, random);
        done.computeIfAbsent(what, _ -> new LongAdder()).increment();
      }
      if (random.nextBoolean()) {
        connection.close((int) LIMIT_MILLIS);
      } else {
        socket[0].setSoLinger(true, 0);
        socket[0].close();
        connection.abort((int) LIMIT_MILLIS);
      }
    }
    return true;
  }

  private void publish(Connection connection, SplittableRandom random) throws Exception {
    Channel channel = connection.createChannel();
    channel.confirmSelect();
    int count = backlog() > MOST_COUNTED ? 0 : random.nextInt(1, GROUP);
    for (int i = 0; i < count; i++) {
      var properties = new AMQP.BasicProperties.Builder().deliveryMode(random.nextInt(1, 3));
      channel.basicPublish("", COUNTED, properties.build(), new byte[random.nextInt(2_000)]);
    }
    channel.waitForConfirmsOrDie(LIMIT_MILLIS);
    confirmed.add(count);
    channel.close();
  }

  /** About how many messages the counted queue has, with those given out. */
  private long backlog() {
    return confirmed.sum() - settled.sum();
  }

  /** Takes messages, acknowledges some and leaves the others to the end of its channel. */
  private void consume(Connection connection, SplittableRandom random) throws Exception {
    Channel channel = connection.createChannel();
    channel.basicQos(random.nextInt(1, GROUP));
    Inbox inbox = Inbox.consume(channel, COUNTED, false);
    // Several hold messages at a time: a quarter of all will come to this one.
    long wanted = Math.min(random.nextInt(4 * GROUP), backlog() / 4);
    long acked = 0;
    for (int i = 0; i < wanted; i++) {
      long tag = inbox.nextTag();
      if (random.nextInt(5) > 0) {
        channel.basicAck(tag, false);
        acked++;
      } else {
        channel.basicNack(tag, false, true);
      }
    }
    if (random.nextBoolean()) {
      inbox.cancel();
    }
    // Its close-ok proves that the acks have arrived.
    channel.close();
    settled.add(acked);
  }

  /** A queue of one's own, bound, used and left to the broker. */
  private void beExclusive(Connection connection, SplittableRandom random) throws Exception {
    Channel channel = connection.createChannel();
    String queue = channel.queueDeclare().getQueue();
    channel.queueBind(queue, EXCHANGE, "exclusive.#");
    Inbox inbox = Inbox.consume(channel, queue, true);
    for (int i = random.nextInt(10); i > 0; i--) {
      channel.basicPublish(EXCHANGE, "exclusive." + i, null, new byte[100]);
      inbox.next();
    }
  }

  private void openChannels(Connection connection, SplittableRandom random) throws Exception {
    List<Channel> channels = new ArrayList<>();
    for (int i = random.nextInt(1, 20); i > 0; i--) {
      Channel channel = connection.createChannel();
      channels.add(channel);
      GetResponse response = channel.basicGet(COUNTED, false);
      if (response != null && random.nextBoolean()) {
        channel.basicReject(response.getEnvelope().getDeliveryTag(), true);
      }
    }
    for (Channel channel : channels) {
      channel.close();
    }
  }

  private void changeTopology(Connection connection, SplittableRandom random) throws Exception {
    Channel channel = connection.createChannel();
    String name = "churn." + Long.toHexString(random.nextLong());
    channel.exchangeDeclare(name, "headers", false, true, Map.of());
    channel.queueDeclare(name, random.nextBoolean(), false, true, Map.of());
    channel.exchangeBind(name, EXCHANGE, name + ".#");
    channel.queueBind(name, name, "", Map.of("x-match", "any", "a", 1));
    for (int i = random.nextInt(5); i > 0; i--) {
      channel.queueBind(name, EXCHANGE, name + "." + i + ".*");
      channel.basicPublish(EXCHANGE, name + "." + i + ".x", null, new byte[300]);
    }
    if (random.nextBoolean()) {
      Inbox.consume(channel, name, false).cancel();
    }
    channel.queueDelete(name);
    channel.exchangeDelete(name);
    channel.close();
  }
}
