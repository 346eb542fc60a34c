package org.warrenmq.engine.queue;

import java.util.ArrayList;
import java.util.List;
import org.warrenmq.engine.loop.RoomLoop;

/** A channel that keeps what it is given, in the order of arrival; on the test's thread. */
final class TestSubscriber implements Subscriber {
  /** A delivery as the client would see it. */
  record Delivery(long position, String key, boolean redelivered) {}

  private final RoomLoop loop;
  final List<DeliveryBatch> batches = new ArrayList<>();
  final List<Delivery> deliveries = new ArrayList<>();
  final List<Object> events = new ArrayList<>();

  TestSubscriber(RoomLoop loop) {
    this.loop = loop;
  }

  @Override
  public RoomLoop loop() {
    return loop;
  }

  @Override
  public void deliver(DeliveryBatch batch) {
    batches.add(batch);
    events.add(batch);
    for (int i = 0; i < batch.count(); i++) {
      deliveries.add(
          new Delivery(batch.position(i), batch.message(i).routingKey(), batch.redelivered(i)));
    }
  }

  @Override
  public void wants(Consumer consumer) {
    events.add("wants");
  }

  @Override
  public void unused(Consumer consumer, int grants) {
    events.add(grants + " unused");
  }

  @Override
  public void cancelled(Consumer consumer) {
    events.add("cancelled");
  }

  List<Long> positions() {
    return deliveries.stream().map(Delivery::position).toList();
  }

  /** A consumer of this channel. */
  Consumer consumer(QueueAddress queue, int prefetch, int priority) {
    return new Consumer(queue, this, false, false, prefetch, priority, false);
  }
}
