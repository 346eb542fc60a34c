package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A consumer that never reads its socket costs the broker little and the others nothing. */
class StuckConsumerTest extends MessagingTest {
  private static final int MESSAGES = 20_000;
  private static final int OTHERS = 2_000;
  private static final int SIZE = 4096;

  /** What one full socket may hold: its kernel buffers, and the broker's window before them. */
  private static final long HELD_BYTES = 16L << 20;

  private static final long HEAP_GROWTH = 64L << 20;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Counts each message by its number, then acknowledges it; runs on the client's thread. */
  private static final class Tally extends DefaultConsumer {
    private final AtomicIntegerArray seen;
    private final AtomicInteger total = new AtomicInteger();

    Tally(Channel channel, int messages) {
      super(channel);
      seen = new AtomicIntegerArray(messages);
    }

    @Override
    public void handleDelivery(
        String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
        throws IOException {
      seen.incrementAndGet(ByteBuffer.wrap(body).getInt());
      getChannel().basicAck(envelope.getDeliveryTag(), false);
      total.incrementAndGet();
    }

    /** Messages that came more than once. */
    List<Integer> repeated() {
      return IntStream.range(0, seen.length()).filter(i -> seen.get(i) > 1).boxed().toList();
    }
  }

  @ParameterizedTest(name = "noAck={0}")
  @ValueSource(booleans = {false, true})
  void othersGetTheirMessages(boolean noAck) throws Exception {
    final long heapBefore = usedHeap();
    String queue = queue();
    String other = queue();
    fillWith(queue, MESSAGES);
    assertHeapGrewBy((long) MESSAGES * SIZE, heapBefore);
    NarrowSocket stuck = NarrowSocket.open(broker, 1);
    try {
      consumeWithoutReading(stuck, queue, noAck);
      Tally normal = tally(queue, MESSAGES);
      Tally elsewhere = tally(other, OTHERS);
      fillWith(other, OTHERS);
      wait("the other queue's messages", () -> elsewhere.total.get() == OTHERS);
      int least = (int) (MESSAGES - HELD_BYTES / SIZE);
      wait("the rest of the queue", () -> normal.total.get() >= least && ready(queue) == 0);
      assertHeapGrewBy(HELD_BYTES, heapBefore);
      assertThat(normal.total).as("the stuck one has some").hasValueLessThan(MESSAGES);
      stuck.cut();
      if (!noAck) {
        wait("what was stuck", () -> normal.total.get() >= MESSAGES);
      }
      // Gone with its socket: nothing it had is out any more, and the normal one has all there is.
      wait("the end of the stuck consumer", () -> consumers(queue) == 1 && ready(queue) == 0);
      assertThat(normal.repeated()).as("messages acknowledged twice").isEmpty();
      assertThat(normal.total).hasValueBetween(noAck ? least : MESSAGES, MESSAGES);
    } finally {
      stuck.close();
    }
  }

  private static void consumeWithoutReading(NarrowSocket stuck, String queue, boolean noAck)
      throws IOException {
    stuck.send(
        1,
        Octets.method(60, 20)
            .u16(0)
            .shortString(queue)
            .shortString("stuck")
            .u8(noAck ? 2 : 0)
            .table(new Octets()));
    stuck.readPast(60, 21);
  }

  private Tally tally(String queue, int messages) throws Exception {
    Channel channel = newConnection().createChannel();
    channel.basicQos(100);
    var tally = new Tally(channel, messages);
    channel.basicConsume(queue, false, tally);
    return tally;
  }

  private void fillWith(String queue, int count) throws Exception {
    Channel channel = newChannel();
    channel.confirmSelect();
    for (int i = 0; i < count; i++) {
      byte[] body = ByteBuffer.allocate(SIZE).putInt(i).array();
      channel.basicPublish("", queue, NO_PROPERTIES, body);
    }
    channel.waitForConfirmsOrDie(PATIENCE.toMillis());
    channel.close();
  }

  private long consumers(String queue) throws Exception {
    return observer().queueDeclarePassive(queue).getConsumerCount();
  }

  private static void wait(String what, Callable<Boolean> condition) {
    Awaitility.await(what)
        .atMost(PATIENCE)
        .pollInterval(20, TimeUnit.MILLISECONDS)
        .until(condition);
  }

  /** Only where the broker lives in this process; the test itself keeps no bodies. */
  private void assertHeapGrewBy(long content, long before) {
    if (System.getProperty("broker.uri", "").isEmpty()) {
      assertThat(usedHeap() - before).as("growth of the heap").isLessThan(content + HEAP_GROWTH);
    }
  }

  private static long usedHeap() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
