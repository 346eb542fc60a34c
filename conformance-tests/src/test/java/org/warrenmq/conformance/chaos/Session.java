package org.warrenmq.conformance.chaos;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.warrenmq.conformance.chaos.Wire.Kind;

/**
 * A second or two of one kind of hostility: its sockets, its dice and what it may still send. It
 * acts on threads of its own until whoever began it ends it.
 */
final class Session {
  /** What all clients of a session may send together. */
  private static final long MOST_BYTES = 50_000_000;

  private static final long LEAVE_MILLIS = 50;

  /** What an act throws when it has sent all that it may. */
  private static final class Spent extends IOException {}

  private final URI broker;
  private final String name;
  private final Hostility hostility;
  private final AtomicLong sent = new AtomicLong();
  private final Queue<Intruder> intruders = new ConcurrentLinkedQueue<>();
  private final Queue<String> durables = new ConcurrentLinkedQueue<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private final Thread thread;
  private volatile String outcome = "done";

  /** For the thread of the act alone. */
  final SplittableRandom random;

  private final boolean endsAbruptly;
  private final boolean saysGoodbye;

  private Session(URI broker, String name, Hostility hostility, SplittableRandom random) {
    this.broker = broker;
    this.name = name;
    this.hostility = hostility;
    this.random = random;
    this.endsAbruptly = random.nextBoolean();
    this.saysGoodbye = random.nextBoolean();
    this.thread = Thread.ofVirtual().name(name).unstarted(this::run);
  }

  static Session begin(URI broker, String name, Hostility hostility, SplittableRandom random) {
    var session = new Session(broker, name, hostility, random);
    session.thread.start();
    return session;
  }

  /** Waits so long, or until nothing more comes of it, and closes its sockets. */
  void end(long millis) throws InterruptedException {
    thread.join(millis);
    over.countDown();
    // What only waits for this may take its leave; what is stuck in a write may not.
    thread.join(LEAVE_MILLIS);
    for (Intruder intruder : intruders) {
      close(intruder);
    }
    thread.join();
  }

  private void close(Intruder intruder) {
    try {
      if (endsAbruptly) {
        intruder.reset();
      } else {
        intruder.close();
      }
    } catch (IOException e) {
      // It has gone already.
    }
  }

  private void run() {
    try {
      attempt(hostility.act);
      if (saysGoodbye) {
        for (Intruder intruder : intruders) {
          intruder.sayGoodbye();
        }
      }
    } catch (IOException e) {
      // The broker had enough of it, or time is over.
      outcome = e.toString();
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts this thread", e);
    }
  }

  private void attempt(Act act) throws IOException, InterruptedException {
    try {
      act.run(this);
    } catch (Spent e) {
      linger();
    }
  }

  /** What one kind of hostile client does. */
  @FunctionalInterface
  interface Act {
    void run(Session session) throws IOException, InterruptedException;
  }

  /** What each of several does, on a thread of its own. */
  @FunctionalInterface
  interface Part {
    void run(int number) throws IOException, InterruptedException;
  }

  // ---------------------------------------------------------------- for the acts

  /** So many at once; returns when all have ended, each in its own way. */
  void inParallel(int count, Part part) throws InterruptedException {
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < count; i++) {
      int number = i;
      threads.add(beside(() -> part.run(number)));
    }
    for (Thread each : threads) {
      each.join();
    }
  }

  /** Something that goes on beside the act until the sockets are closed. */
  @FunctionalInterface
  interface Task {
    void run() throws IOException, InterruptedException;
  }

  Thread beside(Task task) {
    return Thread.ofVirtual().name(name).start(() -> attempt(task));
  }

  private void attempt(Task task) {
    try {
      attempt(_ -> task.run());
    } catch (IOException e) {
      // As in the act itself.
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts this thread", e);
    }
  }

  boolean isOver() {
    return over.getCount() == 0;
  }

  /** Holds what it has until the session ends. */
  void linger() throws InterruptedException {
    over.await();
  }

  /** A connection that has said nothing yet. */
  Intruder connect() throws IOException {
    return keep(Intruder.connect(this, broker, false));
  }

  /** A client with channel 1 open. */
  Intruder client() throws IOException {
    return client(false);
  }

  /** The same with buffers so small that what it does not read piles up at the broker. */
  Intruder narrowClient() throws IOException {
    return client(true);
  }

  private Intruder client(boolean isNarrow) throws IOException {
    Intruder intruder = keep(Intruder.connect(this, broker, isNarrow));
    intruder.login();
    intruder.ask(Wire.openChannel(1), 20, 11);
    return intruder;
  }

  private Intruder keep(Intruder intruder) throws IOException {
    intruders.add(intruder);
    if (isOver()) {
      intruder.close();
    }
    return intruder;
  }

  /** Octets are about to be sent. */
  void charge(int octets) throws IOException {
    if (sent.addAndGet(octets) > MOST_BYTES) {
      throw new Spent();
    }
  }

  /** A name that no other session has. */
  String name(String what) {
    return name + "." + what;
  }

  /** A queue that goes with its client. */
  String exclusive(Intruder client, String what) throws IOException {
    String queue = name(what);
    client.ask(Wire.declare(1, queue, Kind.EXCLUSIVE), 50, 11);
    return queue;
  }

  /** A queue that lasts, until somebody deletes it after the session. */
  String durable(Intruder client, String what) throws IOException {
    String queue = name(what);
    durables.add(queue);
    client.ask(Wire.declare(1, queue, Kind.DURABLE), 50, 11);
    return queue;
  }

  /** One of the two, by the dice. */
  String either(Intruder client, String what) throws IOException {
    return random.nextBoolean() ? durable(client, what) : exclusive(client, what);
  }

  // ---------------------------------------------------------------- for who began it

  /** Queues that it may have left behind. */
  List<String> leftovers() {
    return List.copyOf(durables);
  }

  Hostility hostility() {
    return hostility;
  }

  @Override
  public String toString() {
    return "%s: %d kB sent, %s; %s, %s"
        .formatted(
            name,
            sent.get() / 1000,
            saysGoodbye ? "with a goodbye" : "without a word",
            endsAbruptly ? "reset" : "closed",
            outcome);
  }
}
