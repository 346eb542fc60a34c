package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.queue.ModelConsumer.Delivery;
import org.warrenmq.engine.queue.ModelConsumer.Parcel;

/**
 * A consumer on both sides: the real one with its channel, and the model's. On the test's thread.
 */
final class QueuePeer implements Subscriber {
  final String name;
  final Consumer consumer;
  final ModelConsumer model;
  final List<Long> outstanding = new ArrayList<>();
  int unwritten;
  private final HandLoop home;
  private final List<DeliveryBatch> arrived = new ArrayList<>();
  private int wants;
  private int unused;

  QueuePeer(String name, QueueAddress queue, HandLoop home, ModelConsumer model) {
    this.name = name;
    this.home = home;
    this.model = model;
    this.consumer =
        new Consumer(
            queue, this, model.noAck, false, model.prefetch, model.priority, model.limited);
  }

  @Override
  public RoomLoop loop() {
    return home.rooms();
  }

  @Override
  public void deliver(DeliveryBatch batch) {
    arrived.add(batch);
  }

  @Override
  public void wants(Consumer asking) {
    wants++;
  }

  @Override
  public void unused(Consumer returning, int grants) {
    unused += grants;
  }

  @Override
  public void cancelled(Consumer ended) {
    throw new AssertionError("cancelled without reason");
  }

  /** What left has arrived, and is what left the model's queue. */
  void arrive() {
    List<Parcel> expected = model.leave();
    if (expected.size() != arrived.size()) {
      throw new AssertionError(
          "%d batches for %s, not %d".formatted(arrived.size(), name, expected.size()));
    }
    for (int i = 0; i < expected.size(); i++) {
      DeliveryBatch batch = arrived.get(i);
      assertThat(deliveries(batch))
          .as("deliveries to %s", name)
          .isEqualTo(expected.get(i).deliveries);
      assertThat(batch.granted()).as("grants of %s", name).isEqualTo(expected.get(i).granted);
    }
    if (wants != model.wants || unused != model.unused) {
      throw new AssertionError(
          "%s was asked %d times and got back %d, not %d and %d"
              .formatted(name, wants, unused, model.wants, model.unused));
    }
    arrived.clear();
    keep(expected);
  }

  private void keep(List<Parcel> parcels) {
    unwritten += parcels.size();
    if (unwritten > 2) {
      throw new AssertionError("window of " + name);
    }
    if (!model.noAck) {
      for (Parcel parcel : parcels) {
        parcel.deliveries.forEach(delivery -> outstanding.add(delivery.position()));
      }
      if (model.prefetch > 0 && outstanding.size() > model.prefetch) {
        throw new AssertionError("prefetch of " + name);
      }
    }
  }

  private static List<Delivery> deliveries(DeliveryBatch batch) {
    List<Delivery> deliveries = new ArrayList<>();
    for (int i = 0; i < batch.count(); i++) {
      deliveries.add(new Delivery(batch.position(i), batch.message(i), batch.redelivered(i)));
    }
    return deliveries;
  }

  /** Nothing of it matters any more. */
  boolean isOver() {
    return model.gone && outstanding.isEmpty() && unwritten == 0;
  }
}
