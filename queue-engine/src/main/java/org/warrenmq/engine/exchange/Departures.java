package org.warrenmq.engine.exchange;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.warrenmq.engine.home.AcceptedBatch;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.loop.RoomLoop;

/**
 * The delayed messages that are on their way to queues: each stays in the store until all of these
 * have accepted it. The publisher that the queues tell. Runs in the room of its {@link Delays}.
 */
final class Departures implements Publisher {
  private static final int MOST = 4096;
  private static final long MOST_BYTES = 4 << 20;

  private final RoomLoop loop;
  private final Consumer<Delayed> accepted;
  private final Runnable eased;
  private final Map<Long, UnderWay> underWay = new HashMap<>();
  private long bytes;

  /** A message, and how many queues have to say that they took it. */
  private static final class UnderWay {
    final Delayed message;
    int queues;

    UnderWay(Delayed message, int queues) {
      this.message = message;
      this.queues = queues;
    }
  }

  /**
   * @param accepted told of each message that is in all its queues
   * @param eased told after some of them were
   */
  Departures(RoomLoop loop, Consumer<Delayed> accepted, Runnable eased) {
    this.loop = loop;
    this.accepted = accepted;
    this.eased = eased;
  }

  boolean isFull() {
    return underWay.size() >= MOST || bytes >= MOST_BYTES;
  }

  boolean contains(Place place) {
    return underWay.containsKey(place.id());
  }

  int size() {
    return underWay.size();
  }

  /** It was sent to so many queues, with its id as the sequence. */
  void add(Delayed message, int queues) {
    underWay.put(message.place().id(), new UnderWay(message, queues));
    bytes += message.cost();
  }

  @Override
  public RoomLoop loop() {
    return loop;
  }

  /** A queue that refuses it (it is full) has decided as well: it is not sent again. */
  @Override
  public void accepted(AcceptedBatch batch) {
    for (int i = 0; i < batch.count(); i++) {
      UnderWay one = underWay.get(batch.sequence(i));
      if (one != null && --one.queues == 0) {
        underWay.remove(batch.sequence(i));
        bytes -= one.message.cost();
        accepted.accept(one.message);
      }
    }
    eased.run();
  }

  /** Nobody needs to know any more. */
  void clear() {
    underWay.clear();
    bytes = 0;
  }
}
