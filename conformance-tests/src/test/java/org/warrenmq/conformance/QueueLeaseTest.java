package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * When a queue with x-expires goes. On the test thread. To ask for a queue renews its lease, to
 * publish to it does not, so a mandatory message that comes back tells of its end.
 */
class QueueLeaseTest extends MessagingTest {
  private static final int SHORT = 200;

  /** Long enough for a request or two, also on a busy machine. */
  private static final int MEDIUM = 1000;

  private static final int LONG = 2000;
  private static final int HALF = LONG / 2;

  private final AtomicBoolean returned = new AtomicBoolean();
  private @Nullable Channel prober;

  /** What a test does with a queue. */
  @FunctionalInterface
  private interface Use {
    void of(String queue) throws Exception;
  }

  static Stream<Number> shortTimes() {
    return Stream.of((byte) 100, (short) SHORT, SHORT, (long) SHORT);
  }

  @ParameterizedTest
  @MethodSource("shortTimes")
  @Behaviour({93, 94, 105})
  void anUnusedQueueGoes(Number time) throws Exception {
    long declared = System.nanoTime();
    String queue = queue(lease(time));
    awaitEnd(queue);
    assertThat(millisSince(declared)).as("its age").isGreaterThanOrEqualTo(time.longValue());
    assertThat(queueExists(queue)).isFalse();
  }

  @Test
  @Behaviour({73, 82, 94})
  void itsMessagesAndBindingsGoWithIt() throws Exception {
    String exchange = autoDeleteExchange("direct");
    String queue = queue(lease(MEDIUM));
    channel().queueBind(queue, exchange, "key");
    channel().queueBind(queue, "amq.direct", queue);
    fill(queue, 3);
    awaitEnd(queue);
    assertThat(exchangeExists(exchange))
        .as("an exchange that goes with its last binding")
        .isFalse();
    expectChannelClose(
        404,
        "NOT_FOUND - no queue '" + queue + "' in vhost '/'",
        () -> channel().basicGet(queue, true));
    // The next one of this name has neither messages nor bindings nor a lease of it.
    channel().queueDeclare(queue, false, false, false, Map.of("x-max-length", 5));
    send("amq.direct", queue, "not bound");
    letPass(MEDIUM);
    assertThat(channel().queueDeclarePassive(queue).getMessageCount()).isZero();
  }

  @Test
  @Behaviour(94)
  void everyKindOfQueueMayHaveALease() throws Exception {
    String durable = durableQueue(lease(SHORT));
    String exclusive = queueName();
    channel().queueDeclare(exclusive, false, true, false, lease(SHORT));
    // A queue that would go with its last consumer has a lease before its first one.
    String autoDelete = queueName();
    channel().queueDeclare(autoDelete, false, false, true, lease(SHORT));
    String named = channel().queueDeclare("", false, false, false, lease(SHORT)).getQueue();
    for (String queue : List.of(durable, exclusive, autoDelete, named)) {
      awaitEnd(queue);
      assertThat(queueExists(queue)).isFalse();
    }
  }

  @Test
  @Behaviour({63, 94})
  void manyGo() throws Exception {
    String fanout = autoDeleteExchange("fanout");
    Channel channel = channel();
    for (int i = 0; i < 200; i++) {
      String queue = queueName();
      channel.queueDeclare(queue, i % 2 == 0, false, false, lease(MEDIUM + i % 7));
      channel.queueBind(queue, fanout, "");
    }
    await("the end of all queues", () -> !exchangeExists(fanout));
  }

  // ---------------------------------------------------------------- what renews it

  /** Each queue lives as long from its renewal on as it would have lived from its declare on. */
  @Test
  @Behaviour(94)
  void declaresAndGetsRenewIt() throws Exception {
    List<Use> uses =
        List.of(
            this::declare,
            queue -> channel().queueDeclarePassive(queue),
            queue -> assertThat(get(queue)).isNull(),
            queue -> hold(channel(), queue));
    List<String> queues = uses.stream().map(use -> queueName()).toList();
    for (String queue : queues) {
      declare(queue);
    }
    send("", queues.getLast(), "to be held");
    letPass(HALF);
    long[] renewed = new long[queues.size()];
    for (int i = 0; i < renewed.length; i++) {
      renewed[i] = System.nanoTime();
      uses.get(i).of(queues.get(i));
    }
    for (int i = 0; i < renewed.length; i++) {
      awaitEnd(queues.get(i));
      assertThat(millisSince(renewed[i])).as("life after use %s", i).isGreaterThanOrEqualTo(LONG);
    }
  }

  @Test
  @Behaviour(94)
  void whatOnlyTouchesItDoesNotRenewIt() throws Exception {
    List<Use> uses =
        List.of(
            queue -> send("", queue, "1"),
            queue -> channel().queuePurge(queue),
            queue -> channel().queueBind(queue, "amq.direct", "key"),
            queue -> channel().queueUnbind(queue, "amq.direct", "key"),
            this::declareInequivalently);
    List<String> queues = uses.stream().map(use -> queueName()).toList();
    for (String queue : queues) {
      declare(queue);
    }
    letPass(HALF);
    for (int i = 0; i < uses.size(); i++) {
      uses.get(i).of(queues.get(i));
    }
    String later = queueName();
    declare(later);
    for (String queue : queues) {
      awaitEnd(queue);
    }
    assertThat(isGone(later)).as("the end of a queue whose lease began just after that").isFalse();
  }

  // ---------------------------------------------------------------- consumers

  @Test
  @Behaviour(94)
  void itStaysWhileSomebodyConsumes() throws Exception {
    String queue = queue(lease(MEDIUM));
    Inbox first = Inbox.consume(newChannel(), queue, true);
    Inbox second = Inbox.consume(newChannel(), queue, true);
    letPass(MEDIUM);
    first.cancel();
    letPass(MEDIUM);
    send("", queue, "1");
    assertThat(second.texts(1)).containsExactly("1");
  }

  @Test
  @Behaviour(94)
  void itBeginsAnewWhenTheLastConsumerLeaves() throws Exception {
    String first = queue(lease(MEDIUM));
    Inbox inbox = Inbox.consume(channel(), first, false);
    String second = queue(lease(MEDIUM));
    Channel channel = newChannel();
    Inbox.consume(channel, second, false);
    String third = queue(lease(MEDIUM));
    Connection connection = newConnection();
    Inbox.consume(connection.createChannel(), third, false);
    letPass(MEDIUM);
    long left = System.nanoTime();
    inbox.cancel();
    channel.close();
    connection.close();
    for (String queue : List.of(first, second, third)) {
      awaitEnd(queue);
      assertThat(millisSince(left)).isGreaterThanOrEqualTo(MEDIUM);
    }
  }

  @Test
  @Behaviour({94, 130})
  void whatSomebodyHoldsDoesNotKeepIt() throws Exception {
    String queue = queue(lease(MEDIUM));
    Channel channel = newChannel();
    Inbox inbox = Inbox.consume(channel, queue, false);
    send("", queue, "1");
    long held = inbox.nextTag();
    inbox.cancel();
    awaitEnd(queue);
    // Its end is no fault of who holds it.
    channel.basicAck(held, false);
    assertThat(channel.queueDeclare().getQueue()).isNotEmpty();
  }

  // ---------------------------------------------------------------- beside other things

  @Test
  @Behaviour({94, 155})
  void theEndOfItsMessagesIsNoUse() throws Exception {
    String queue = queueName();
    long declared = System.nanoTime();
    channel()
        .queueDeclare(
            queue, false, false, false, Map.of("x-expires", MEDIUM, "x-message-ttl", SHORT));
    send("", queue, "1");
    letPass(SHORT);
    String later = queueName();
    channel().queueDeclare(later, false, false, false, lease(2 * MEDIUM));
    awaitEnd(queue);
    assertThat(millisSince(declared)).isGreaterThanOrEqualTo(MEDIUM);
    assertThat(isGone(later)).isFalse();
  }

  private void awaitEnd(String queue) {
    await("the end of " + queue, () -> isGone(queue));
  }

  /** Whether a message to it comes back. The client calls listeners in the order of the wire. */
  private boolean isGone(String queue) throws Exception {
    if (prober == null) {
      prober = newChannel();
      prober.addReturnListener(message -> returned.set(true));
      prober.confirmSelect();
    }
    returned.set(false);
    prober.basicPublish("", queue, true, NO_PROPERTIES, bytes("probe"));
    prober.waitForConfirmsOrDie(LIMIT.toMillis());
    return returned.get();
  }

  private void declare(String queue) throws Exception {
    channel().queueDeclare(queue, false, false, false, lease(LONG));
  }

  private void declareInequivalently(String queue) throws Exception {
    Channel channel = newChannel();
    channelClose(channel, () -> channel.queueDeclare(queue, true, false, false, lease(LONG)));
  }

  private static Map<String, Object> lease(Number millis) {
    return Map.of("x-expires", millis);
  }

  private static long millisSince(long nanos) {
    return Duration.ofNanos(System.nanoTime() - nanos).toMillis();
  }
}
