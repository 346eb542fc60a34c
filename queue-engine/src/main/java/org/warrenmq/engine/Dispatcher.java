package org.warrenmq.engine;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides what happens in a queue: who gets which message when, and what leaves. Runs in the
 * queue's room; owns everything volatile about the queue, while the {@link QueueLog} holds what
 * lasts.
 *
 * <p>Every change to the log is also told to the {@link Recorder}, if there is one: a copy that
 * applies the recorded outcomes equals this log, and a new dispatcher over such a copy continues
 * where this one stopped, with all unsettled messages ready again.
 */
public final class Dispatcher {
  private final QueueLog log;
  private final ConsumerRing consumers;
  private final ReadyWindow ready = new ReadyWindow();
  private final @Nullable Recorder recorder;

  /** Takes down outcomes as they are decided, for the store, the replicas or a test. */
  public interface Recorder {
    void record(Outcome outcome);
  }

  public Dispatcher(QueuePolicy policy, QueueLog log, @Nullable Recorder recorder) {
    this.consumers = new ConsumerRing(policy.singleActiveConsumer());
    this.log = log;
    this.recorder = recorder;
    ready.restore(log.livePositions(), log.next());
  }

  /** Messages that can be delivered. */
  public long readyCount() {
    return ready.size(log.next());
  }

  /** Messages delivered and not settled. */
  public long unsettledCount() {
    return log.size() - readyCount();
  }

  public int consumerCount() {
    return consumers.size();
  }

  ConsumerRing consumers() {
    return consumers;
  }

  /** Appends a message and gives it to a consumer that waits. */
  public void publish(Message message) {
    long position = log.append(message);
    if (recorder != null) {
      recorder.record(new Outcome.Append(position, List.of(message)));
    }
    dispatch();
  }

  /** Starts a consumer; it gets what is ready at once. */
  public void subscribe(Consumer consumer) {
    consumers.add(consumer);
    dispatch();
  }

  /** Ends a consumer; its deliveries stay out until they are settled. True when it was there. */
  public boolean unsubscribe(Consumer consumer) {
    consumer.cancelled = true;
    boolean was = consumers.remove(consumer);
    // A single active consumer leaves what is ready to the next one.
    dispatch();
    return was;
  }

  /**
   * Settles deliveries.
   *
   * @param consumer whose they were; null for messages taken singly
   */
  public void settle(
      @Nullable Consumer consumer, Settlement settlement, long[] positions, int count) {
    switch (settlement) {
      case REQUEUED, UNDELIVERED -> giveBack(settlement, positions, count);
      case ACKED, REJECTED -> {
        for (int i = 0; i < count; i++) {
          log.settle(positions[i]);
        }
        if (recorder != null) {
          recorder.record(new Outcome.Settle(Arrays.copyOf(positions, count), settlement));
        }
      }
    }
    if (consumer != null) {
      consumer.settled(count);
      if (!consumer.cancelled) {
        consumers.offer(consumer);
      }
    }
    dispatch();
  }

  private void giveBack(Settlement settlement, long[] positions, int count) {
    for (int i = 0; i < count; i++) {
      ready.giveBack(positions[i]);
      if (settlement == Settlement.REQUEUED) {
        log.returned(positions[i]);
      }
    }
    if (recorder != null && settlement == Settlement.REQUEUED) {
      recorder.record(new Outcome.Return(Arrays.copyOf(positions, count)));
    }
  }

  /** A consumer's delivery window opened. */
  public void written(Consumer consumer) {
    consumer.batchWritten();
    consumers.offer(consumer);
    dispatch();
  }

  /** A consumer comes under its channel's shared limit, or out from under it. */
  void limit(Consumer consumer, boolean limited) {
    consumers.limit(consumer, limited);
    dispatch();
  }

  /** A limited consumer may take some more; what it cannot use now goes back at once. */
  void grant(Consumer consumer, int count) {
    consumer.grant(count);
    consumers.offer(consumer);
    dispatch();
    consumer.returnGrants();
  }

  /** Position of the front message, taken from the ready ones; -1 when there is none. */
  public long take() {
    return ready.isEmpty(log.next()) ? -1 : ready.take();
  }

  /** Drops all ready messages; unsettled ones stay. */
  public long purge() {
    long purged = readyCount();
    long[] kept = unsettledCount() == 0 ? new long[0] : unsettledPositions();
    Outcome.Purge purge = new Outcome.Purge(log.next(), kept);
    log.apply(purge);
    ready.clear(log.next());
    if (recorder != null) {
      recorder.record(purge);
    }
    return purged;
  }

  /** Everything in the log that is not ready, ascending. */
  private long[] unsettledPositions() {
    long[] returned = ready.returnedSorted();
    return Arrays.stream(log.livePositions())
        .takeWhile(p -> p < ready.head())
        .filter(p -> Arrays.binarySearch(returned, p) < 0)
        .toArray();
  }

  /** The queue has ended: forgets its messages and consumers. */
  void close() {
    for (Consumer consumer : consumers.all()) {
      consumer.cancelled = true;
    }
    consumers.all().clear();
    log.clear();
    ready.clear(log.next());
  }

  /** Gives ready messages to consumers as long as one has room. */
  private void dispatch() {
    while (!ready.isEmpty(log.next())) {
      Consumer consumer = consumers.next();
      if (consumer == null) {
        consumers.askForGrants();
        return;
      }
      long position = ready.take();
      boolean redelivered = log.returns(position) > 0;
      Message message = consumer.noAck() ? settleAtDelivery(position) : messageAt(position);
      consumer.deliver(position, message, redelivered);
      consumers.offer(consumer);
    }
  }

  /** A message that needs no ack has left the queue when it leaves for the consumer. */
  Message settleAtDelivery(long position) {
    Message message = log.settle(position);
    if (recorder != null) {
      recorder.record(new Outcome.Settle(new long[] {position}, Settlement.ACKED));
    }
    return message;
  }

  Message messageAt(long position) {
    Message message = log.get(position);
    if (message == null) {
      throw new IllegalStateException("position " + position + " is ready but not in the log");
    }
    return message;
  }

  boolean redelivered(long position) {
    return log.returns(position) > 0;
  }
}
