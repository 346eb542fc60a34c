package org.warrenmq.engine.queue;

import java.util.ArrayList;
import java.util.List;
import org.warrenmq.engine.message.Message;

/** A consumer, as a {@link QueueModel} sees it. On the test's thread. */
final class ModelConsumer {
  private static final int WINDOW = 2;

  record Delivery(long position, Message message, boolean redelivered) {}

  /** Deliveries that travel together because they were decided in one turn. */
  static final class Parcel {
    final List<Delivery> deliveries = new ArrayList<>();

    /** How many of them were granted by the channel. */
    int granted;

    private long bytes;

    void add(Delivery delivery, boolean wasGranted) {
      deliveries.add(delivery);
      bytes += delivery.message.size();
      granted += wasGranted ? 1 : 0;
    }

    boolean isFull() {
      return deliveries.size() >= 256 || bytes >= 128 * 1024;
    }
  }

  final boolean noAck;
  final int prefetch;
  final int priority;

  /** Whether its channel has to grant what it gets, and what was granted. */
  boolean limited;

  int grants;
  boolean asking;

  /** What its channel was told since the last turn. */
  int wants;

  int unused;

  int unsettled;
  int parcelsUnderWay;

  /** Decided since the last turn, not on its way yet. */
  private final List<Parcel> leaving = new ArrayList<>();

  boolean gone;

  ModelConsumer(boolean noAck, int prefetch, int priority, boolean limited) {
    this.limited = limited;
    this.noAck = noAck;
    this.prefetch = prefetch;
    this.priority = priority;
  }

  boolean hasRoom() {
    return hasRoomOfItsOwn() && (!limited || grants > 0);
  }

  boolean hasRoomOfItsOwn() {
    boolean credit = noAck || prefetch == 0 || unsettled < prefetch;
    boolean space = !leaving.isEmpty() && !leaving.getLast().isFull();
    return !gone && credit && (space || parcelsUnderWay < WINDOW);
  }

  void deliver(Delivery delivery) {
    if (leaving.isEmpty() || leaving.getLast().isFull()) {
      leaving.add(new Parcel());
      parcelsUnderWay++;
    }
    leaving.getLast().add(delivery, grants > 0);
    grants -= grants > 0 ? 1 : 0;
    unsettled += noAck ? 0 : 1;
  }

  /** Everything decided so far goes on its way; later deliveries travel separately. */
  List<Parcel> leave() {
    List<Parcel> left = List.copyOf(leaving);
    leaving.clear();
    return left;
  }
}
