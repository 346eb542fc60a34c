package org.warrenmq.conformance.chaos;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ConfirmCallback;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * A queue with publishers and consumers that do no wrong, and the books of their messages: who
 * published which number, whether it was confirmed, who got it. Each publisher has a thread; the
 * rest runs on the threads of their connections.
 */
final class HonestQueue {
  private static final int PUBLISHERS = 2;
  private static final int CONSUMERS = 2;
  private static final int PER_SECOND = 100;
  private static final int PREFETCH = 100;

  /** Sent and not confirmed at any time, of each publisher. */
  private static final int WINDOW = 100;

  private static final int SIZE = 1_000;
  private static final long SETTLE_SECONDS = 60;

  private final String name;
  private final boolean isDurable;
  private final HonestClients clients;
  private final Confirms confirms;
  private final Faults faults;
  private final List<Book> books = new ArrayList<>();
  private final List<Thread> publishers = new ArrayList<>();
  private final List<Consumer> consumers = new ArrayList<>();
  private final CountDownLatch over = new CountDownLatch(1);

  /** The messages of one publisher, by number. */
  private static final class Book {
    private final BitSet confirmed = new BitSet();
    private final BitSet received = new BitSet();

    synchronized void confirmed(int number) {
      confirmed.set(number);
    }

    /** Whether it came for the first time. */
    synchronized boolean received(int number) {
      boolean isNew = !received.get(number);
      received.set(number);
      return isNew;
    }

    synchronized int confirmed() {
      return confirmed.cardinality();
    }

    synchronized int received() {
      return received.cardinality();
    }

    /** What was confirmed and has not come. */
    synchronized BitSet missing() {
      BitSet missing = (BitSet) confirmed.clone();
      missing.andNot(received);
      return missing;
    }
  }

  HonestQueue(
      String name, boolean isDurable, HonestClients clients, Confirms confirms, Faults faults) {
    this.name = name;
    this.isDurable = isDurable;
    this.clients = clients;
    this.confirms = confirms;
    this.faults = faults;
  }

  /** Declares it and begins. */
  void start() throws Exception {
    for (int i = 0; i < PUBLISHERS; i++) {
      books.add(new Book());
    }
    clients.channel().queueDeclare(name, isDurable, false, false, null);
    for (int i = 0; i < CONSUMERS; i++) {
      Channel channel = clients.channel();
      channel.basicQos(PREFETCH);
      consumers.add(new Consumer(channel));
      channel.basicConsume(name, false, consumers.getLast());
    }
    for (int i = 0; i < PUBLISHERS; i++) {
      int publisher = i;
      Channel channel = clients.channel();
      publishers.add(
          Thread.ofVirtual()
              .name("publisher %d of %s".formatted(publisher, name))
              .start(() -> faults.guard(() -> publish(channel, publisher))));
    }
  }

  // ---------------------------------------------------------------- publishing

  private void publish(Channel channel, int publisher) throws Exception {
    NavigableMap<Long, Confirms.Pending> sent = new ConcurrentSkipListMap<>();
    var waited = confirms.of(channel.getConnection());
    var window = new Semaphore(WINDOW);
    ConfirmCallback confirmed =
        (tag, multiple) -> {
          var now = multiple ? sent.headMap(tag, true) : sent.subMap(tag, true, tag, true);
          window.release(settle(now, waited, books.get(publisher)));
        };
    channel.addConfirmListener(confirmed, (tag, _) -> faults.add("%s: %d was refused", name, tag));
    channel.confirmSelect();
    long due = System.nanoTime();
    for (int number = 0; !over.await(due - System.nanoTime(), TimeUnit.NANOSECONDS); number++) {
      while (!window.tryAcquire(1, TimeUnit.SECONDS)) {
        if (!channel.isOpen()) {
          throw new AlreadyClosedException(channel.getCloseReason());
        }
      }
      sent.put(channel.getNextPublishSeqNo(), waited.begin());
      channel.basicPublish("", name, properties(), body(publisher, number));
      due = Math.max(due, System.nanoTime()) + TimeUnit.SECONDS.toNanos(1) / PER_SECOND;
    }
    if (!window.tryAcquire(WINDOW, SETTLE_SECONDS, TimeUnit.SECONDS)) {
      faults.add("%s: publisher %d waits for confirms of %s", name, publisher, sent.keySet());
    }
  }

  /** Takes confirmed ones from those sent; the first has number 0 and tag 1. */
  private int settle(
      NavigableMap<Long, Confirms.Pending> now, Confirms.OfConnection waited, Book book) {
    int count = 0;
    while (!now.isEmpty()) {
      var first = now.pollFirstEntry();
      waited.end(first.getValue());
      book.confirmed((int) (first.getKey() - 1));
      count++;
    }
    return count;
  }

  private BasicProperties properties() {
    return isDurable ? MessageProperties.PERSISTENT_BASIC : MessageProperties.BASIC;
  }

  private static byte[] body(int publisher, int number) {
    byte[] body = new byte[SIZE];
    Arrays.fill(body, (byte) number);
    ByteBuffer.wrap(body).putInt(publisher).putInt(number);
    return body;
  }

  // ---------------------------------------------------------------- consuming

  private final class Consumer extends DefaultConsumer {
    /** The last number of each publisher that came here. */
    private final int[] last = new int[PUBLISHERS];

    Consumer(Channel channel) {
      super(channel);
      Arrays.fill(last, -1);
    }

    @Override
    public void handleDelivery(
        String consumerTag, Envelope envelope, BasicProperties properties, byte[] body)
        throws IOException {
      ByteBuffer start = ByteBuffer.wrap(body);
      int publisher = start.getInt();
      int number = start.getInt();
      if (!Arrays.equals(body, body(publisher, number))) {
        faults.add("%s: %d of publisher %d has another body", name, number, publisher);
      }
      boolean isNew = books.get(publisher).received(number);
      // Nobody gives back anything here, so nothing can be redelivered.
      if (!isNew || envelope.isRedeliver() || number <= last[publisher]) {
        faults.add(
            "%s: %d of publisher %d came after %d, %s, redelivered %s",
            name,
            number,
            publisher,
            last[publisher],
            isNew ? "once" : "again",
            envelope.isRedeliver());
      }
      last[publisher] = number;
      getChannel().basicAck(envelope.getDeliveryTag(), false);
    }

    @Override
    public void handleCancel(String consumerTag) {
      faults.add("%s: a consumer was cancelled", name);
    }
  }

  // ---------------------------------------------------------------- the end

  /** Publishes no more; returns when all that was sent is confirmed. */
  void stopPublishing() throws InterruptedException {
    over.countDown();
    for (Thread publisher : publishers) {
      publisher.join();
    }
  }

  /** Whether all that was confirmed has come. */
  boolean isDrained() {
    return books.stream().allMatch(book -> book.missing().isEmpty());
  }

  /** What was confirmed and has not come, by publisher. */
  String missing() {
    return name + ": " + books.stream().map(Book::missing).toList();
  }

  int confirmed() {
    return books.stream().mapToInt(Book::confirmed).sum();
  }

  int received() {
    return books.stream().mapToInt(Book::received).sum();
  }

  /** Consumes no more and takes it away. */
  void delete() throws Exception {
    for (Consumer consumer : consumers) {
      consumer.getChannel().basicCancel(consumer.getConsumerTag());
    }
    clients.channel().queueDelete(name);
  }
}
