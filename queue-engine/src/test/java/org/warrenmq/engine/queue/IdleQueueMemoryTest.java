package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.warrenmq.engine.home.AcceptedBatch;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.loop.HandRoom;
import org.warrenmq.engine.loop.RecordedErrors;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.Messages;

/** What a queue keeps once it was used and lies idle: at most 2 KB of heap. */
class IdleQueueMemoryTest {
  private static final int LIMIT = 2048;

  private final HandLoop home = new HandLoop();
  private final HandLoop away = new HandLoop();
  private final PatientStore store = new PatientStore();
  private final HandLoop withStore = new HandLoop(store, Long.MAX_VALUE);

  /** One for all: not part of what a queue costs. */
  private final QueueOwner owner = new QueueLedger(0, home, new HandRoom(), QueueTraits.PLAIN);

  /** Settles and writes all it gets. */
  private static final class Worker implements Subscriber, Publisher {
    private final RoomLoop loop;
    private final Settlement first;
    private @Nullable SettleBatch settling;
    private int returned;

    Worker(RoomLoop loop, Settlement first) {
      this.loop = loop;
      this.first = first;
    }

    @Override
    public RoomLoop loop() {
      return loop;
    }

    @Override
    public void deliver(DeliveryBatch batch) {
      for (int i = 0; i < batch.count(); i++) {
        // Everything comes back once, if it is to.
        boolean back = first == Settlement.REQUEUED && !batch.redelivered(i);
        returned += back ? 1 : 0;
        settling =
            SettleBatch.open(
                settling,
                loop,
                batch.consumer().queue(),
                batch.consumer(),
                back ? Settlement.REQUEUED : Settlement.ACKED);
        settling.add(batch.position(i));
      }
      batch.flushedToClient();
    }

    @Override
    public void wants(Consumer consumer) {}

    @Override
    public void unused(Consumer consumer, int grants) {}

    @Override
    public void cancelled(Consumer consumer) {}

    @Override
    public void accepted(AcceptedBatch batch) {}
  }

  private QueueAddress newQueue(long id) {
    return Queues.open(id, home.store(), QueueTraits.PLAIN, QueueSettings.NONE, owner);
  }

  private QueueAddress newDurableQueue(long id) {
    return Queues.open(
        id, withStore.store(), new QueueTraits(true, false, false), QueueSettings.NONE, owner);
  }

  private void run() {
    while (!home.isIdle() || !away.isIdle() || !withStore.isIdle() || !store.turns.isEmpty()) {
      home.run();
      away.run();
      withStore.run();
      store.finishAll();
    }
    RecordedErrors.instance().rethrow();
  }

  /** A queue through which so many messages have gone; the consumer stays, if it is to. */
  private QueueAddress usedQueue(long id, int messages, Settlement first, boolean keepConsumer) {
    return used(newQueue(id), messages, first, keepConsumer);
  }

  private QueueAddress used(
      QueueAddress queue, int messages, Settlement first, boolean keepConsumer) {
    Worker worker = new Worker(away.rooms(), first);
    for (int i = 0; i < messages; i++) {
      // An odd number of messages leaves the last segment half full.
      Message plain = Messages.of("m", 1000);
      Message message = new Message(plain.exchange(), plain.routingKey(), plain.content(), true);
      new QueueCommand.Publish(queue, message, worker, i + 1).open();
    }
    Consumer consumer = new Consumer(queue, worker, false, false, 0, 0, false);
    new QueueCommand.Subscribe(consumer, new ReplyTo<>(away.rooms(), _ -> {})).open();
    run();
    assertThat(worker.returned).isEqualTo(first == Settlement.REQUEUED ? messages : 0);
    if (!keepConsumer) {
      new QueueCommand.Unsubscribe(consumer, new ReplyTo<>(away.rooms(), _ -> {})).open();
    }
    List<Object> status = new ArrayList<>();
    new QueueCommand.Inspect(queue, new ReplyTo<>(away.rooms(), status::add)).open();
    run();
    assertThat(status).containsExactly(new QueueCommand.QueueStatus(0, keepConsumer ? 1 : 0));
    worker.settling = null;
    return queue;
  }

  /** Heap kept by each of so many objects. */
  private static long bytesEach(int count, LongFunction<Object> create) {
    List<Object> kept = new ArrayList<>(count + 10);
    try {
      // The first ones load classes and grow what all share.
      for (int i = 0; i < 10; i++) {
        kept.add(create.apply(i));
      }
      long before = usedHeap();
      for (int i = 0; i < count; i++) {
        kept.add(create.apply(i));
      }
      return (usedHeap() - before) / count;
    } finally {
      Reference.reachabilityFence(kept);
    }
  }

  private static long usedHeap() {
    Runtime runtime = Runtime.getRuntime();
    long used = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      System.gc();
      used = Math.min(used, runtime.totalMemory() - runtime.freeMemory());
    }
    return used;
  }

  @Test
  void neverUsed() {
    long bytes = bytesEach(10_000, this::newQueue);
    System.out.println("heap of a queue never used: " + bytes + " B");
    assertThat(bytes).isBetween(1L, 1024L);
  }

  @Test
  void usedOnce() {
    long bytes = bytesEach(10_000, id -> usedQueue(id, 1, Settlement.ACKED, false));
    System.out.println("heap of a queue used once: " + bytes + " B");
    assertThat(bytes).isBetween(1L, (long) LIMIT);
  }

  @Test
  void afterABurst() {
    long bytes = bytesEach(2000, id -> usedQueue(id, 1501, Settlement.ACKED, false));
    System.out.println("heap of a queue after a burst: " + bytes + " B");
    assertThat(bytes).isBetween(1L, (long) LIMIT);
  }

  @Test
  void afterABurstThatCameBack() {
    long bytes = bytesEach(2000, id -> usedQueue(id, 201, Settlement.REQUEUED, false));
    System.out.println("heap of a queue after returns: " + bytes + " B");
    assertThat(bytes).isBetween(1L, (long) LIMIT);
  }

  @Test
  void durableNeverUsed() {
    long bytes = bytesEach(10_000, this::newDurableQueue);
    System.out.println("heap of a durable queue never used: " + bytes + " B");
    assertThat(bytes).isBetween(1L, (long) LIMIT);
  }

  @Test
  void durableUsedOnce() {
    long bytes = bytesEach(5000, id -> used(newDurableQueue(id), 1, Settlement.ACKED, false));
    System.out.println("heap of a durable queue used once: " + bytes + " B");
    assertThat(bytes).isBetween(1L, (long) LIMIT);
  }

  @Test
  void durableAfterABurst() {
    long bytes = bytesEach(1000, id -> used(newDurableQueue(id), 1501, Settlement.ACKED, false));
    System.out.println("heap of a durable queue after a burst: " + bytes + " B");
    assertThat(bytes).isBetween(1L, (long) LIMIT);
  }

  @Test
  void durableAfterABurstThatCameBack() {
    long bytes = bytesEach(1000, id -> used(newDurableQueue(id), 201, Settlement.REQUEUED, false));
    System.out.println("heap of a durable queue after returns: " + bytes + " B");
    assertThat(bytes).isBetween(1L, (long) LIMIT);
  }

  /** The consumer itself and its channel's part are not the queue's, hence twice the limit. */
  @Test
  void afterABurstWithItsConsumerWaiting() {
    long bytes = bytesEach(2000, id -> usedQueue(id, 1501, Settlement.ACKED, true));
    System.out.println("heap of a queue with a waiting consumer: " + bytes + " B");
    assertThat(bytes).isBetween(1L, 2L * LIMIT);
  }

  @Test
  void afterConsumersOfManyPriorities() {
    long bytes = bytesEach(100, this::queueOfManyPriorities);
    System.out.println("heap of a queue after many priorities: " + bytes + " B");
    assertThat(bytes).isBetween(1L, (long) LIMIT);
  }

  private QueueAddress queueOfManyPriorities(long id) {
    QueueAddress queue = newQueue(id);
    Worker worker = new Worker(away.rooms(), Settlement.ACKED);
    for (int priority = 0; priority < 200; priority++) {
      Consumer consumer = new Consumer(queue, worker, false, false, 0, priority, false);
      new QueueCommand.Subscribe(consumer, new ReplyTo<>(away.rooms(), _ -> {})).open();
      new QueueCommand.Unsubscribe(consumer, new ReplyTo<>(away.rooms(), _ -> {})).open();
    }
    run();
    return queue;
  }

  @Test
  void deepOnce() {
    long bytes =
        bytesEach(
            20,
            _ -> {
              QueueLog log = new QueueLog();
              Message message = Messages.of(0);
              for (int i = 0; i < 100_000; i++) {
                log.append(message, 0, 0);
              }
              for (int i = 0; i < 100_000; i++) {
                log.settle(i);
              }
              return log;
            });
    System.out.println("heap of a log that was 100,000 deep: " + bytes + " B");
    assertThat(bytes).isBetween(1L, (long) LIMIT);
  }

  @Test
  void idleQueueDoesNotHoldItsLastPublisher() {
    QueueAddress queue = newQueue(1);
    WeakReference<Publisher> publisher = publishOnce(queue);
    run();

    assertCollected(queue, publisher);
  }

  @Test
  void sealedQueueHoldsNoMessage() {
    QueueAddress queue = newQueue(1);
    WeakReference<Message> before = publishMessage(queue);
    new QueueCommand.Seal(queue, false, false, new ReplyTo<>(away.rooms(), _ -> {})).open();
    WeakReference<Message> after = publishMessage(queue);
    run();

    assertCollected(queue, before);
    assertCollected(queue, after);
  }

  private static void assertCollected(QueueAddress queue, WeakReference<?> reference) {
    try {
      for (int i = 0; i < 20 && reference.get() != null; i++) {
        System.gc();
      }
      assertThat(reference.get()).isNull();
    } finally {
      // Only what the queue itself holds is of interest.
      Reference.reachabilityFence(queue);
    }
  }

  private static WeakReference<Message> publishMessage(QueueAddress queue) {
    Message message = Messages.of(1);
    new QueueCommand.Publish(queue, message, null, 0).open();
    return new WeakReference<>(message);
  }

  private WeakReference<Publisher> publishOnce(QueueAddress queue) {
    Worker publisher = new Worker(away.rooms(), Settlement.ACKED);
    new QueueCommand.Publish(queue, Messages.of(1), publisher, 1).open();
    return new WeakReference<>(publisher);
  }
}
