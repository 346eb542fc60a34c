package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ConfirmListener;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * The books balance: four producers and four consumers as fast as they can, and in the end every
 * message was confirmed once, delivered once from each of its queues, and in order. How long:
 * system property {@code load.seconds}.
 */
class BalanceUnderLoadTest extends MessagingTest {
  private static final long SECONDS = Long.getLong("load.seconds", 5);
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int PRODUCERS = 4;

  /** Unconfirmed publishes of a producer at most. */
  private static final int WINDOW = 2_000;

  private static final int PREFETCH = 500;
  private static final int ACK_EACH = 50;

  private final ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();

  /** One queue's messages by producer: what was sent there, what came out. Used by many threads. */
  private static final class Ledger {
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong received = new AtomicLong();
    private final List<BitSet> seen = new ArrayList<>();

    Ledger() {
      for (int i = 0; i < PRODUCERS; i++) {
        seen.add(new BitSet());
      }
    }

    /** True the first time. */
    boolean enter(int producer, int number) {
      received.incrementAndGet();
      BitSet numbers = seen.get(producer);
      synchronized (numbers) {
        boolean first = !numbers.get(number);
        numbers.set(number);
        return first;
      }
    }
  }

  /** Unconfirmed publishes of one channel; the client's thread strikes them off. */
  private final class Unconfirmed implements ConfirmListener {
    private final TreeSet<Long> open = new TreeSet<>();
    private final Semaphore room = new Semaphore(WINDOW);

    synchronized void add(long number) {
      open.add(number);
    }

    synchronized int size() {
      return open.size();
    }

    @Override
    public synchronized void handleAck(long number, boolean multiple) {
      int before = open.size();
      if (multiple) {
        open.headSet(number, true).clear();
      } else {
        open.remove(number);
      }
      int struck = before - open.size();
      if (struck == 0) {
        faults.add("confirmed again: " + number + (multiple ? " and all before" : ""));
      }
      room.release(struck);
    }

    @Override
    public void handleNack(long number, boolean multiple) {
      faults.add("refused: " + number);
    }
  }

  /** Enters what it gets into the ledger; on the client's thread. Acks singly or many at a time. */
  private final class Reader extends DefaultConsumer {
    private final Ledger ledger;
    private final int ackEach;
    private final int[] last = new int[PRODUCERS];
    private int sinceAck;

    Reader(Channel channel, Ledger ledger, int ackEach) {
      super(channel);
      this.ledger = ledger;
      this.ackEach = ackEach;
    }

    @Override
    public void handleDelivery(
        String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
        throws IOException {
      int producer = ByteBuffer.wrap(body).getInt();
      int number = ByteBuffer.wrap(body).getInt(4);
      if (number <= last[producer]) {
        faults.add(producer + "'s message " + number + " after " + last[producer]);
      }
      last[producer] = number;
      if (!ledger.enter(producer, number)) {
        faults.add(producer + "'s message " + number + " delivered twice");
      }
      if (envelope.isRedeliver()) {
        faults.add(producer + "'s message " + number + " marked redelivered");
      }
      if (ackEach > 0 && ++sinceAck >= ackEach) {
        sinceAck = 0;
        getChannel().basicAck(envelope.getDeliveryTag(), ackEach > 1);
      }
    }
  }

  @Test
  @Behaviour({114, 115, 125})
  void everyMessageIsAccountedFor() throws Exception {
    String exchange = exchange("direct", Map.of());
    String durable = durableQueue(Map.of());
    String transientQueue = queue();
    var ledgers = Map.of(durable, new Ledger(), transientQueue, new Ledger());
    bind(exchange, durable, "durable", "both");
    bind(exchange, transientQueue, "transient", "both");
    read(durable, ledgers.get(durable), 1);
    read(durable, ledgers.get(durable), ACK_EACH);
    read(transientQueue, ledgers.get(transientQueue), ACK_EACH);
    read(transientQueue, ledgers.get(transientQueue), 0);
    long published = produce(exchange, ledgers.get(durable), ledgers.get(transientQueue));
    System.out.printf("%d messages in %d s%n", published, SECONDS);
    for (Ledger ledger : ledgers.values()) {
      Awaitility.await("all deliveries")
          .atMost(PATIENCE)
          .until(() -> ledger.received.get() >= ledger.sent.get() || !faults.isEmpty());
    }
    assertThat(faults).isEmpty();
    for (var entry : ledgers.entrySet()) {
      assertThat(entry.getValue().received).hasValue(entry.getValue().sent.get());
      assertThat(ready(entry.getKey())).as("left in %s", entry.getKey()).isZero();
    }
    assertThat(published).isPositive();
  }

  private void bind(String exchange, String queue, String... keys) throws Exception {
    for (String key : keys) {
      channel().queueBind(queue, exchange, key);
    }
  }

  private void read(String queue, Ledger ledger, int ackEach) throws Exception {
    Channel channel = newConnection().createChannel();
    // Never fewer than one ack needs.
    channel.basicQos(PREFETCH);
    channel.basicConsume(queue, ackEach == 0, new Reader(channel, ledger, ackEach));
  }

  private long produce(String exchange, Ledger durable, Ledger transientQueue) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    long total = 0;
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var running = new ArrayList<Future<Integer>>();
      for (int i = 0; i < PRODUCERS; i++) {
        int producer = i;
        Channel channel = newConnection().createChannel();
        running.add(
            threads.submit(
                () -> publish(channel, exchange, producer, end, durable, transientQueue)));
      }
      for (Future<Integer> producer : running) {
        total += producer.get(SECONDS + PATIENCE.toSeconds(), TimeUnit.SECONDS);
      }
    }
    return total;
  }

  /** Publishes until the time is over and all is confirmed; returns how many. */
  private int publish(
      Channel channel,
      String exchange,
      int producer,
      long end,
      Ledger durable,
      Ledger transientQueue)
      throws Exception {
    var unconfirmed = new Unconfirmed();
    channel.confirmSelect();
    channel.addConfirmListener(unconfirmed);
    int number = 0;
    while (System.nanoTime() < end) {
      assertThat(unconfirmed.room.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS))
          .as("a confirm in time")
          .isTrue();
      number++;
      // To the one, to the other, to both; a third of them larger; every other one persistent.
      String key = List.of("durable", "transient", "both").get(number % 3);
      if (number % 3 != 1) {
        durable.sent.incrementAndGet();
      }
      if (number % 3 != 0) {
        transientQueue.sent.incrementAndGet();
      }
      byte[] body = ByteBuffer.allocate(number % 7 == 0 ? 2_000 : 64).putInt(producer).array();
      ByteBuffer.wrap(body).putInt(4, number);
      unconfirmed.add(channel.getNextPublishSeqNo());
      channel.basicPublish(exchange, key, persistent(number % 2 == 0), body);
    }
    Awaitility.await("all confirms").atMost(PATIENCE).until(() -> unconfirmed.size() == 0);
    return number;
  }

  private static AMQP.BasicProperties persistent(boolean persistent) {
    return new AMQP.BasicProperties.Builder().deliveryMode(persistent ? 2 : 1).build();
  }
}
