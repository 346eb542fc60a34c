package org.warrenmq.conformance.chaos;

import com.rabbitmq.client.Channel;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Hostile clients, several at a time, each kind as often as any other: every lane is a virtual
 * thread that has one session after the other. What they leave behind it deletes.
 */
final class Crowd {
  private static final int LANES = 5;
  private static final int SHORTEST_MILLIS = 1_000;
  private static final int LONGEST_MILLIS = 2_500;

  /** Sessions that are remembered, to tell who was there when something went wrong. */
  private static final int LAST = 40;

  private final URI broker;
  private final List<Hostility> kinds;
  private final Channel janitor;
  private final Faults faults;
  private final SplittableRandom random;
  private final Deque<Hostility> deck = new ArrayDeque<>();
  private int dealt;
  private final List<Thread> lanes = new ArrayList<>();
  private final Map<Hostility, Integer> done = new EnumMap<>(Hostility.class);
  private final Deque<String> last = new ArrayDeque<>();
  private final Queue<String> leftovers = new ConcurrentLinkedQueue<>();
  private volatile boolean isOver;

  /**
   * @param janitor of an honest client; used for nothing else
   */
  Crowd(URI broker, Hostility[] kinds, long seed, Channel janitor, Faults faults) {
    this.random = new SplittableRandom(seed);
    this.broker = broker;
    this.kinds = List.of(kinds);
    this.janitor = janitor;
    this.faults = faults;
  }

  void start() {
    for (int i = 0; i < LANES; i++) {
      String lane = "hostile." + i;
      lanes.add(Thread.ofVirtual().name(lane).start(() -> faults.guard(this::run)));
    }
  }

  private void run() throws Exception {
    while (!isOver) {
      Turn turn = deal();
      int millis = turn.random.nextInt(SHORTEST_MILLIS, LONGEST_MILLIS);
      var session = Session.begin(broker, turn.name(), turn.kind, turn.random);
      session.end(millis);
      note(session);
      leftovers.addAll(session.leftovers());
      delete(session.leftovers());
    }
  }

  /** What the dice say of one session, whichever lane it is on. */
  private record Turn(int number, Hostility kind, SplittableRandom random) {
    String name() {
      return "hostile.%d.%s".formatted(number, kind);
    }
  }

  private Turn deal() {
    synchronized (deck) {
      if (deck.isEmpty()) {
        var shuffled = new ArrayList<>(kinds);
        Collections.shuffle(shuffled, new Random(random.nextLong()));
        deck.addAll(shuffled);
      }
      return new Turn(dealt++, deck.remove(), random.split());
    }
  }

  private void note(Session session) {
    synchronized (done) {
      done.merge(session.hostility(), 1, Integer::sum);
      last.addLast(session.toString());
      if (last.size() > LAST) {
        last.removeFirst();
      }
    }
  }

  private void delete(Iterable<String> queues) throws IOException {
    synchronized (janitor) {
      for (String queue : queues) {
        janitor.queueDelete(queue);
      }
    }
  }

  /** No more sessions; returns when the last has ended. */
  void stop() throws InterruptedException {
    isOver = true;
    for (Thread lane : lanes) {
      lane.join();
    }
  }

  /** Deletes all queues once more: some requests may have been carried out after their session. */
  void sweep() throws IOException {
    delete(leftovers);
  }

  /** How many sessions of each kind there were. */
  Map<Hostility, Integer> done() {
    synchronized (done) {
      return new EnumMap<>(done);
    }
  }

  /** The last sessions, the oldest first. */
  String last() {
    synchronized (done) {
      return String.join("\n", last);
    }
  }
}
