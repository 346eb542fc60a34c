package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Circles of full buffers that a broker with a wrong kind of back-pressure never gets out of. */
class NoDeadlockTest extends MessagingTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static void wait(String what, Callable<Boolean> condition) {
    Awaitility.await(what)
        .atMost(PATIENCE)
        .pollInterval(20, TimeUnit.MILLISECONDS)
        .until(condition);
  }

  // ---------------------------------------------------------------- a channel feeds itself

  /** More than all buffers on the way hold. */
  private static final int CIRCULATING = 2_000;

  private static final int ROUNDS = 2_000;
  private static final int LOOP_BODY = 10 * 1024;

  /** Publishes what it gets to where it came from; runs on the client's dispatch thread. */
  private static final class Feeder extends DefaultConsumer {
    private final String queue;
    private final boolean autoAck;
    private final AtomicIntegerArray delivered = new AtomicIntegerArray(CIRCULATING);
    private final AtomicIntegerArray fed = new AtomicIntegerArray(CIRCULATING);
    private final AtomicInteger rounds = new AtomicInteger();
    private final CountDownLatch all = new CountDownLatch(CIRCULATING + ROUNDS);

    Feeder(Channel channel, String queue, boolean autoAck) {
      super(channel);
      this.queue = queue;
      this.autoAck = autoAck;
    }

    @Override
    public void handleDelivery(
        String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
        throws IOException {
      int number = ByteBuffer.wrap(body).getInt();
      delivered.incrementAndGet(number);
      if (rounds.getAndIncrement() < ROUNDS) {
        fed.incrementAndGet(number);
        getChannel().basicPublish("", queue, properties, body);
      }
      if (!autoAck) {
        getChannel().basicAck(envelope.getDeliveryTag(), false);
      }
      all.countDown();
    }
  }

  @ParameterizedTest(name = "autoAck={0}")
  @ValueSource(booleans = {true, false})
  void aChannelThatFeedsItselfGoesOn(boolean autoAck) throws Exception {
    String queue = queue();
    Channel filler = newChannel();
    filler.confirmSelect();
    for (int i = 0; i < CIRCULATING; i++) {
      byte[] body = ByteBuffer.allocate(LOOP_BODY).putInt(i).array();
      filler.basicPublish("", queue, NO_PROPERTIES, body);
    }
    filler.waitForConfirmsOrDie(PATIENCE.toMillis());
    ConnectionFactory narrow = broker.factory();
    narrow.setSocketConfigurator(
        socket -> {
          socket.setTcpNoDelay(true);
          socket.setReceiveBufferSize(NarrowSocket.BUFFER);
          socket.setSendBufferSize(NarrowSocket.BUFFER);
        });
    Channel channel = closeLater(narrow.newConnection()).createChannel();
    var feeder = new Feeder(channel, queue, autoAck);
    channel.basicConsume(queue, autoAck, feeder);
    assertThat(feeder.all.await(PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .as("all rounds; to come: %s", feeder.all)
        .isTrue();
    for (int i = 0; i < CIRCULATING; i++) {
      assertThat(feeder.delivered.get(i)).as("message %d", i).isEqualTo(1 + feeder.fed.get(i));
    }
  }

  // ---------------------------------------------------------------- answers that nobody reads

  /** Each channel has acks of its own, so that they do not melt into a few. */
  private static final int ACK_CHANNELS = 2_000;

  private static final int MOST_PUBLISHES = 100_000;

  /** Publishes in one write to the socket. */
  private static final int GROUP = 50;

  private static final byte[] SMALL = new byte[8];
  private static final byte[] RETURNED = new byte[400];

  /** A writer that stands still for so long is not read any more. */
  private static final long STANDSTILL_NANOS = Duration.ofSeconds(1).toNanos();

  /** Publishes on all channels in turn until told otherwise; on a thread of its own. */
  private static final class Writer implements Callable<Integer> {
    private final NarrowSocket socket;
    private final String key;
    private final boolean unroutable;
    private final AtomicInteger published = new AtomicInteger();
    private final AtomicBoolean enough = new AtomicBoolean();
    private int before = -1;
    private long since;

    Writer(NarrowSocket socket, String key, boolean unroutable) {
      this.socket = socket;
      this.key = key;
      this.unroutable = unroutable;
    }

    @Override
    public Integer call() throws IOException {
      byte[] body = unroutable ? RETURNED : SMALL;
      while (!enough.get() && published.get() < MOST_PUBLISHES) {
        var group = new Octets();
        for (int i = 0; i < GROUP; i++) {
          int channel = 1 + (published.get() + i) % ACK_CHANNELS;
          group.raw(NarrowSocket.publish(channel, key, unroutable, body));
        }
        socket.send(group.toBytes());
        published.addAndGet(GROUP);
      }
      return published.get();
    }

    boolean standsStill() {
      int now = published.get();
      if (now != before) {
        before = now;
        since = System.nanoTime();
      }
      return System.nanoTime() - since > STANDSTILL_NANOS;
    }
  }

  @ParameterizedTest(name = "returned={0}")
  @ValueSource(booleans = {false, true})
  void aPublisherThatReadsNoAnswersStopsAloneAndGoesOn(boolean returned) throws Exception {
    String queue = queue();
    AtomicInteger drained = drain(newConnection().createChannel(), queue);
    String key = returned ? uniqueName("nowhere") : queue;
    try (NarrowSocket socket = NarrowSocket.open(broker, ACK_CHANNELS);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int channel = 1; channel <= ACK_CHANNELS; channel++) {
        socket.send(channel, Octets.method(85, 10).u8(1));
      }
      var writer = new Writer(socket, key, returned);
      Future<Integer> writing = threads.submit(writer);
      wait("the broker stops reading", () -> writing.isDone() || writer.standsStill());
      // Acks alone are small and fewer than publishes: the bound may be far. Returns reach it soon.
      if (returned && System.getProperty("broker.uri", "").isEmpty()) {
        assertThat(writer.published).as("publishes read").hasValueLessThan(MOST_PUBLISHES);
      }
      // Meanwhile the others go on.
      String other = queue();
      send("", other, "hello");
      assertThat(take(other)).isEqualTo("hello");
      writer.enough.set(true);
      socket.widen();
      var answers = new Answers();
      Future<?> reading = threads.submit(() -> answers.readAll(socket));
      int published = writing.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      wait("all confirms", () -> answers.confirmed.get() == published || reading.isDone());
      assertThat(answers.faults).isEmpty();
      assertThat(answers.confirmed).hasValue(published);
      assertThat(answers.returned).hasValue(returned ? published : 0);
      wait("all deliveries", () -> drained.get() == (returned ? 0 : published));
      socket.cut();
    }
  }

  /** The confirms and returns of one connection, counted by the thread that reads them. */
  private static final class Answers {
    private final List<BitSet> unusual = new ArrayList<>();
    private final long[] floor = new long[ACK_CHANNELS + 1];
    private final AtomicInteger confirmed = new AtomicInteger();
    private final AtomicInteger returned = new AtomicInteger();
    private final ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();

    Answers() {
      for (int i = 0; i < floor.length; i++) {
        unusual.add(new BitSet());
      }
    }

    /** Reads until the socket is cut; if it ends before that, it is a fault. */
    @Nullable Object readAll(NarrowSocket socket) {
      try {
        while (true) {
          RawFrame frame = socket.read();
          if (frame.type() == RawFrame.METHOD) {
            method(frame.channel(), ByteBuffer.wrap(frame.payload()));
          }
        }
      } catch (IOException e) {
        faults.add("no more answers: " + e);
        return null;
      }
    }

    private void method(int channel, ByteBuffer method) {
      int id = method.getInt();
      if (id == (60 << 16 | 80)) {
        confirm(channel, method.getLong(), method.get() != 0);
      } else if (id == (60 << 16 | 50)) {
        returned.incrementAndGet();
      } else {
        faults.add("method " + (id >> 16) + "." + (id & 0xffff) + " on channel " + channel);
      }
    }

    private void confirm(int channel, long tag, boolean multiple) {
      BitSet early = unusual.get(channel);
      int fresh = 0;
      if (multiple) {
        for (long i = floor[channel] + 1; i <= tag; i++) {
          fresh += early.get((int) i) ? 0 : 1;
        }
        floor[channel] = Math.max(floor[channel], tag);
      } else if (tag > floor[channel] && !early.get((int) tag)) {
        early.set((int) tag);
        fresh = 1;
      }
      if (fresh == 0) {
        faults.add("confirmed again: " + tag + " on channel " + channel);
      }
      confirmed.addAndGet(fresh);
    }
  }

  /** A consumer that counts. */
  private static AtomicInteger drain(Channel channel, String queue) throws IOException {
    var count = new AtomicInteger();
    channel.basicConsume(
        queue,
        true,
        new DefaultConsumer(channel) {
          @Override
          public void handleDelivery(
              String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
            count.incrementAndGet();
          }
        });
    return count;
  }

  // ---------------------------------------------------------------- many channels, many loops

  private static final int CHANNELS = 50;
  private static final int QUEUES = 8;
  private static final int PER_QUEUE = 60;

  /** Checks that each channel's messages come one after the other; on the client's thread. */
  private static final class InOrder extends DefaultConsumer {
    private final int[] next = new int[CHANNELS];
    private final ConcurrentLinkedQueue<String> faults;
    private final CountDownLatch all;

    InOrder(Channel channel, ConcurrentLinkedQueue<String> faults, CountDownLatch all) {
      super(channel);
      this.faults = faults;
      this.all = all;
    }

    @Override
    public void handleDelivery(
        String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
        throws IOException {
      int from = ByteBuffer.wrap(body).getInt();
      int number = ByteBuffer.wrap(body).getInt(4);
      if (next[from]++ != number) {
        faults.add("message " + number + " of channel " + from + " after " + (next[from] - 2));
      }
      getChannel().basicAck(envelope.getDeliveryTag(), false);
      all.countDown();
    }
  }

  @Test
  void manyChannelsToQueuesOfOtherConnections() throws Exception {
    var faults = new ConcurrentLinkedQueue<String>();
    var all = new CountDownLatch(CHANNELS * QUEUES * PER_QUEUE);
    var queues = new ArrayList<String>();
    for (int i = 0; i < QUEUES; i++) {
      // Connections are spread over the broker's threads, and queues live where they were declared.
      Channel channel = newConnection().createChannel();
      String queue = queueName();
      channel.queueDeclare(queue, false, false, false, null);
      channel.basicQos(20);
      channel.basicConsume(queue, false, new InOrder(channel, faults, all));
      queues.add(queue);
    }
    Connection publisher = newConnection();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var publishing = new ArrayList<Future<?>>();
      for (int i = 0; i < CHANNELS; i++) {
        int from = i;
        Channel channel = publisher.createChannel();
        channel.confirmSelect();
        publishing.add(threads.submit(() -> publishRounds(channel, from, queues)));
      }
      for (Future<?> channel : publishing) {
        channel.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      }
    }
    assertThat(all.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as("all delivered").isTrue();
    assertThat(faults).isEmpty();
  }

  private static @Nullable Object publishRounds(Channel channel, int from, List<String> queues)
      throws Exception {
    for (int number = 0; number < PER_QUEUE; number++) {
      for (String queue : queues) {
        byte[] body = ByteBuffer.allocate(256).putInt(from).putInt(number).array();
        channel.basicPublish("", queue, NO_PROPERTIES, body);
      }
    }
    channel.waitForConfirmsOrDie(PATIENCE.toMillis());
    return null;
  }
}
