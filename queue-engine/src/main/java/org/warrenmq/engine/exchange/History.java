package org.warrenmq.engine.exchange;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.home.MessageMemory;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.MessageStore.SchedulePage;
import org.warrenmq.engine.message.MessageStore.Scheduled;
import org.warrenmq.engine.message.MessageTraits;
import org.warrenmq.engine.queue.QueueAddress;
import org.warrenmq.engine.queue.Queues;
import org.warrenmq.store.ScheduleState;

/**
 * The room of the messages that came last to one exchange: gets a copy of each, beside the queues,
 * and sends them, oldest first, to who becomes bound. Lives on one loop.
 *
 * <p>Bounded by number and by octets, and by what the loop's {@link MessageMemory} has. All are in
 * memory; those that outlive a restart are in the store as well, as messages that are due since
 * 1970, and are read when the exchange comes back.
 */
public final class History implements ExchangeRoom {
  private static final long READ_BYTES = 256 * 1024;

  /** So much may stay however short memory is. */
  private static final long LEAST_BYTES = 64 * 1024;

  private final QueueAddress address;
  private final LoopStore home;
  private final boolean durable;
  private final HistoryRule rule;
  private final ScheduleReads reads;
  private final DelayJournal journal;
  private final ArrayDeque<Remembered> messages = new ArrayDeque<>();
  private long octets;
  private long charged;
  private long lastId;

  /** The last id of an earlier run. */
  private final long lastLeft;

  /** What waits until all that an earlier run left was read; null once it is. */
  private @Nullable List<Runnable> untilRead;

  private boolean ended;

  /** A message, with the place it has in the store if it lasts. */
  private record Remembered(Place place, Message message, boolean lasting) {
    long cost() {
      return MessageMemory.cost(message) + 96;
    }

    /** With a body that lies in the store. */
    long octets() {
      return cost() + (message.hasStoredBody() ? message.size() : 0);
    }
  }

  /** Where the history goes when somebody becomes bound; called in the room. */
  @FunctionalInterface
  public interface Receiver {
    /** Sends one of the messages. A large body comes with one hold, which is passed on. */
    void send(Message message);
  }

  private History(
      QueueAddress address, boolean durable, HistoryRule rule, @Nullable ScheduleState stored) {
    this.address = address;
    this.home = address.home();
    this.durable = durable;
    this.rule = rule;
    this.reads = new ScheduleReads(address.id(), home, () -> {});
    this.journal = reads.journal();
    this.lastLeft = stored == null ? 0 : stored.lastId();
    this.lastId = lastLeft;
    this.untilRead = stored == null || stored.count() == 0 ? null : new ArrayList<>(0);
  }

  /**
   * That of an exchange, new or as it comes back at a start, which {@link #start} follows then. Any
   * thread, before anybody has its address.
   *
   * @param id never used for a queue, or for something else that an exchange keeps
   * @param home where it lives, which has a store
   * @param durable whether persistent messages outlive a restart
   * @param stored null when nothing is stored of it
   */
  public static History open(
      long id, LoopStore home, boolean durable, HistoryRule rule, @Nullable ScheduleState stored) {
    return Queues.house(id, home, address -> new History(address, durable, rule, stored));
  }

  @Override
  public QueueAddress address() {
    return address;
  }

  @Override
  public void start() {
    if (untilRead != null) {
      home.loop().post(() -> readFrom(Place.FIRST, new ArrayList<>()));
    }
  }

  @Override
  public void publish(Message message, @Nullable Publisher publisher, long sequence, long cost) {
    boolean lasting = durable && message.persistent() && !ended;
    if (ended) {
      // Its end is on disk.
      home.bodies().release(message.content().body());
    } else {
      Remembered remembered = new Remembered(new Place(0, ++lastId), message, lasting);
      if (lasting) {
        journal.schedule(remembered.place, message, true);
      }
      add(remembered);
      forgetTooMany();
    }
    if (publisher != null) {
      home.accept(publisher, sequence, cost, lasting);
    }
  }

  private void add(Remembered remembered) {
    messages.add(remembered);
    octets += remembered.octets();
    charged += remembered.cost();
    home.memory().add(remembered.cost());
  }

  private void forgetTooMany() {
    while (messages.size() > 1 && isTooMuch()) {
      forget(messages.remove());
    }
  }

  private boolean isTooMuch() {
    return messages.size() > rule.length()
        || octets > rule.bytes()
        || charged > LEAST_BYTES && home.memory().isTooMuch(charged);
  }

  private void forget(Remembered oldest) {
    octets -= oldest.octets();
    charged -= oldest.cost();
    home.memory().add(-oldest.cost());
    if (oldest.lasting) {
      journal.unschedule(oldest.place, true);
    } else {
      home.bodies().release(oldest.message.content().body());
    }
  }

  /**
   * Somebody became bound: sends what there is.
   *
   * @param sent run when it is on its way
   */
  public void replay(Receiver receiver, Runnable sent) {
    if (untilRead != null) {
      untilRead.add(() -> replay(receiver, sent));
      return;
    }
    for (Remembered each : messages) {
      home.bodies().hold(each.message.content().body(), 1);
      receiver.send(each.message);
    }
    sent.run();
  }

  // What an earlier run left.

  private void readFrom(Place from, List<Remembered> found) {
    reads.read(
        new ScheduleReads.Read(from, () -> READ_BYTES, () -> false, page -> read(page, found)));
  }

  private void read(SchedulePage page, List<Remembered> found) {
    for (Scheduled each : page.messages()) {
      // What was published since may be among them.
      if (each.id() <= lastLeft) {
        found.add(new Remembered(new Place(each.due(), each.id()), read(each.message()), true));
      }
    }
    if (!page.atEnd()) {
      readFrom(new Place(page.last().due(), page.last().id()).next(), found);
      return;
    }
    List<Remembered> since = List.copyOf(messages);
    messages.clear();
    found.forEach(this::add);
    messages.addAll(since);
    forgetTooMany();
    List<Runnable> waiting = untilRead;
    untilRead = null;
    if (waiting != null) {
      waiting.forEach(Runnable::run);
    }
  }

  /** What it means to queues is read anew, as the store does not keep that. */
  private static Message read(Message message) {
    return new Message(
        message.exchange(),
        message.routingKey(),
        message.content(),
        MessageTraits.of(message.content().view(), message.traits().marks()));
  }

  @Override
  public void end() {
    if (!ended) {
      ended = true;
      reads.close();
      messages.stream()
          .filter(each -> !each.lasting)
          .forEach(each -> home.bodies().release(each.message.content().body()));
      messages.clear();
      home.memory().add(-charged);
      charged = 0;
      octets = 0;
      List<Runnable> waiting = untilRead;
      untilRead = null;
      journal.dropped();
      if (waiting != null) {
        waiting.forEach(Runnable::run);
      }
    }
  }
}
