package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.awaitility.Awaitility;

/**
 * Publishes numbered messages to one queue and keeps account of what was confirmed. When its
 * connection breaks it makes another and goes on with the next number. Has a thread of its own.
 */
final class SteadyPublisher implements AutoCloseable {
  /** Sent and not confirmed at any time. */
  private static final int WINDOW = 8;

  private static final long RETRY_MILLIS = 50;
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final String queue;
  private final Supplier<String> uri;
  private final Set<Integer> confirmed = new ConcurrentSkipListSet<>();
  private final List<Integer> closeCodes = new CopyOnWriteArrayList<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger broken = new AtomicInteger();
  private final Thread thread;

  /**
   * @param queue exists already
   * @param uri where the broker listens now
   */
  SteadyPublisher(String queue, Supplier<String> uri) {
    this.queue = queue;
    this.uri = uri;
    this.thread = Thread.ofVirtual().name("steady-publisher").start(this::run);
  }

  private void run() {
    while (over.getCount() > 0) {
      try (Connection connection = Stage.factory(uri.get()).newConnection()) {
        publish(connection.createChannel());
      } catch (Exception e) {
        noteEnd(e);
        pause();
      }
    }
  }

  private void noteEnd(Exception cause) {
    broken.incrementAndGet();
    if (cause instanceof ShutdownSignalException signal
        && signal.getReason() instanceof AMQP.Connection.Close close) {
      closeCodes.add(close.getReplyCode());
    }
  }

  private void publish(Channel channel) throws Exception {
    channel.confirmSelect();
    NavigableMap<Long, Integer> sent = new ConcurrentSkipListMap<>();
    var room = new Semaphore(WINDOW);
    channel.addConfirmListener(
        (tag, multiple) ->
            note(multiple ? sent.headMap(tag, true) : sent.subMap(tag, true, tag, true), room),
        (tag, _) -> {
          throw new IOException(tag + " was refused");
        });
    while (over.getCount() > 0) {
      if (room.tryAcquire(RETRY_MILLIS, TimeUnit.MILLISECONDS)) {
        int number = next.getAndIncrement();
        sent.put(channel.getNextPublishSeqNo(), number);
        NumberedMessages.publish(channel, queue, number, number + 1);
      } else {
        Stage.requireOpen(channel);
      }
    }
  }

  private void note(NavigableMap<Long, Integer> now, Semaphore room) {
    int count = now.size();
    confirmed.addAll(now.values());
    now.clear();
    room.release(count);
  }

  private void pause() {
    try {
      over.await(RETRY_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts this thread", e);
    }
  }

  /** How often its connection broke, or could not be made. */
  int broken() {
    return broken.get();
  }

  /** With what codes the broker closed connections; those it dropped are not among them. */
  List<Integer> closeCodes() {
    return List.copyOf(closeCodes);
  }

  int confirmed() {
    return confirmed.size();
  }

  /** Waits until so many more are confirmed. */
  void awaitConfirms(int more) {
    int wanted = confirmed.size() + more;
    Awaitility.await("confirms").atMost(LIMIT).until(() -> confirmed.size() >= wanted);
  }

  /** What the queue holds: all that was confirmed, nothing twice, in the order of the numbers. */
  void assertAllIn(List<Integer> found) {
    assertThat(found).as("order").isSorted().doesNotHaveDuplicates();
    assertThat(found).as("confirmed").containsAll(confirmed);
    assertThat(found).as("published").allMatch(number -> number < next.get());
  }

  /** Publishes no more; returns when its thread has ended. */
  @Override
  public void close() throws InterruptedException {
    over.countDown();
    thread.join();
  }
}
