package org.warrenmq.engine.exchange;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.exchange.DelayCommand.Cancel;
import org.warrenmq.engine.exchange.DelayCommand.Count;
import org.warrenmq.engine.exchange.DelayCommand.ListSome;
import org.warrenmq.engine.exchange.DelayCommand.Page;
import org.warrenmq.engine.exchange.DelayCommand.Waiting;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.loop.TimerWheel;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.MessageStore.SchedulePage;
import org.warrenmq.engine.message.MessageStore.Scheduled;
import org.warrenmq.engine.queue.QueueAddress;
import org.warrenmq.engine.queue.Queues;
import org.warrenmq.store.ScheduleState;

/**
 * The room of the messages that one exchange keeps until their time: takes what is published to its
 * {@link QueueAddress} as a queue does, and sends it on when it is due, never before. Lives on one
 * loop.
 *
 * <p>All messages are in the store, those that need not last in the database that does not; in
 * memory are those that leave next ({@link Upcoming}). One that is due leaves the store when all
 * queues it went to have taken it: a crash may send it twice, and loses none.
 *
 * <p>Due times are those of the machine's clock. When it jumps ahead, messages leave within {@link
 * #LOOK_MILLIS}; when it goes back, they leave when it shows their time.
 */
public final class Delays implements ExchangeRoom {
  /** So many leave before others on the loop have their turn. */
  private static final int AT_ONCE = 256;

  /** The machine's clock is looked at so often at least while messages wait. */
  private static final long LOOK_MILLIS = 10_000;

  private static final int MOST_LISTED = 1000;
  private static final long LISTED_BYTES = 1 << 20;

  private final QueueAddress address;
  private final LoopStore home;
  private final boolean durable;
  private final DueTime dueTime;
  private final Forwarding forwarding;
  private final Upcoming upcoming;
  private final Departures departures;
  private final ScheduleReads reads;
  private final DelayJournal journal;

  /**
   * Messages that left though they stand behind the horizon, which went back below them: a read may
   * find them still. Those that were under way then, and no more.
   */
  private final Set<Place> leftBehind = new HashSet<>(0);

  private long count;
  private long lastId;

  /** When it is looked again what is due; null while nothing waits. */
  private TimerWheel.@Nullable Timer timer;

  private long timerAt = Long.MAX_VALUE;
  private boolean soon;
  private boolean waitsForRoom;

  /** The node stops: nothing leaves any more. */
  private boolean halted;

  private boolean ended;

  private Delays(
      QueueAddress address,
      boolean durable,
      DueTime dueTime,
      Forwarding forwarding,
      @Nullable ScheduleState stored) {
    this.address = address;
    this.home = address.home();
    this.durable = durable;
    this.dueTime = dueTime;
    this.forwarding = forwarding;
    this.upcoming = new Upcoming(home.memory());
    this.departures = new Departures(home.loop(), this::hasLeft, this::proceed);
    this.reads = new ScheduleReads(address.id(), home, leftBehind::clear);
    this.journal = reads.journal();
    if (stored != null) {
      count = stored.count();
      lastId = stored.lastId();
      if (count > 0) {
        upcoming.restored();
      }
    }
  }

  /**
   * Those of an exchange, new or as they come back at a start, which {@link #start} follows then.
   * Any thread, before anybody has their address.
   *
   * @param id never used for another queue or delays
   * @param home where they live, which has a store
   * @param durable whether persistent messages outlive a restart
   * @param stored null when nothing is stored of them
   */
  public static Delays open(
      long id,
      LoopStore home,
      boolean durable,
      DueTime dueTime,
      Forwarding forwarding,
      @Nullable ScheduleState stored) {
    return Queues.house(
        id, home, address -> new Delays(address, durable, dueTime, forwarding, stored));
  }

  /** Those that came back: where they lead is back, too. Any thread. */
  @Override
  public void start() {
    home.loop().post(this::proceed);
  }

  @Override
  public QueueAddress address() {
    return address;
  }

  @Override
  public void halt() {
    halted = true;
  }

  @Override
  public void publish(Message message, @Nullable Publisher publisher, long sequence, long cost) {
    boolean lasting = durable && message.persistent();
    if (ended) {
      // Its end is on disk.
      home.bodies().release(message.content().body());
    } else {
      long now = now();
      Place place = new Place(Math.max(0, dueTime.of(message, now)), ++lastId);
      count++;
      journal.schedule(place, message, lasting);
      upcoming.add(new Delayed(place, message, lasting), now);
      plan();
    }
    if (publisher != null) {
      home.accept(publisher, sequence, cost, lasting && !ended);
    }
  }

  void accept(DelayCommand command) {
    switch (command) {
      case Count(_, var reply) -> answer(reply, ended ? null : count);
      case ListSome(_, Place from, int limit, var reply) -> list(from, limit, reply);
      case Cancel(_, Place place, var reply) -> cancel(place, reply);
    }
  }

  private <T extends @Nullable Object> void answer(ReplyTo<T> reply, T answer) {
    home.loop().send(reply.room(), reply.with(answer));
  }

  private long now() {
    return home.loop().clock().millis();
  }

  // What is due.

  private void proceed() {
    if (ended) {
      return;
    }
    long now = now();
    Delayed next = upcoming.first();
    for (int i = 0; i < AT_ONCE && next != null && mayLeave(next, now); i++) {
      upcoming.take(next.place());
      send(next);
      next = upcoming.first();
    }
    if (next != null && mayLeave(next, now)) {
      proceedSoon();
    }
    plan();
  }

  private boolean mayLeave(Delayed message, long now) {
    return message.place().due() <= now && !halted && !departures.isFull() && hasRoom();
  }

  /** False while too much waits to be written; goes on when that is better. */
  private boolean hasRoom() {
    if (home.hasRoom()) {
      return true;
    }
    if (!waitsForRoom) {
      waitsForRoom = true;
      home.whenRoom(
          () -> {
            waitsForRoom = false;
            proceed();
          });
    }
    return false;
  }

  private void send(Delayed message) {
    // Its own claim on a large body ends with it, maybe before the queues have one.
    home.bodies().hold(message.message().content().body(), 1);
    int queues = forwarding.forward(message.message(), departures, message.place().id());
    if (queues == 0) {
      hasLeft(message);
    } else {
      departures.add(message, queues);
    }
  }

  private void hasLeft(Delayed message) {
    upcoming.left(message);
    forget(message.place(), message.lasting());
  }

  private void forget(Place place, boolean lasting) {
    count--;
    if (!upcoming.covers(place)) {
      leftBehind.add(place);
    }
    journal.unschedule(place, lasting);
  }

  /** Whether a message behind the horizon has left, and the store need not know. */
  private boolean isGone(Place place) {
    return departures.contains(place) || leftBehind.contains(place);
  }

  private void proceedSoon() {
    if (!soon) {
      soon = true;
      home.loop()
          .send(
              home.loop(),
              () -> {
                soon = false;
                proceed();
              });
    }
  }

  /** Sees to it that what comes next is read in time, and leaves in time. */
  private void plan() {
    long now = now();
    if (upcoming.readAt() <= now) {
      upcoming.readingBegins();
      reads.readFirst(
          new ScheduleReads.Read(
              upcoming.horizon(),
              () -> home.memory().readAhead(),
              () -> upcoming.takeChanged() | !leftBehind.isEmpty(),
              this::nextPage));
    }
    Delayed first = upcoming.first();
    // What cannot leave waits for something else than time.
    boolean stuck = soon || halted || waitsForRoom || departures.isFull();
    long due = first == null || stuck ? Long.MAX_VALUE : first.place().due();
    long next = Math.min(due, upcoming.readAt());
    long at = count == 0 ? Long.MAX_VALUE : Math.clamp(next, now + 1, now + LOOK_MILLIS);
    if (at < timerAt) {
      if (timer != null) {
        timer.cancel();
      }
      timerAt = at;
      timer = home.loop().timers().at(at, this::isTime);
    }
  }

  private void isTime() {
    timer = null;
    timerAt = Long.MAX_VALUE;
    proceed();
  }

  private void nextPage(SchedulePage page) {
    upcoming.read(page, now(), this::isGone);
    if (upcoming.isAll() && upcoming.size() + departures.size() != count) {
      home.messages()
          .broken(
              "of %d delayed messages of queue %d only %d are in the store"
                  .formatted(count, address.id(), upcoming.size() + departures.size()));
      return;
    }
    proceed();
  }

  // What management asks for.

  private void list(Place from, int limit, ReplyTo<@Nullable Page> reply) {
    if (ended) {
      answer(reply, null);
      return;
    }
    int most = Math.clamp(limit, 1, MOST_LISTED);
    reads.read(
        new ScheduleReads.Read(
            from, () -> LISTED_BYTES, page -> answer(reply, listed(page, most))));
  }

  private Page listed(SchedulePage page, int limit) {
    List<Waiting> waiting = new ArrayList<>();
    Place last = null;
    for (Scheduled each : page.messages()) {
      Place place = new Place(each.due(), each.id());
      if (waiting.size() == limit) {
        return new Page(waiting, place);
      }
      last = place;
      // What is in memory is known better than what was read: it may have left meanwhile.
      if (upcoming.covers(place) ? upcoming.contains(place) : !isGone(place)) {
        Message message = each.message();
        waiting.add(
            new Waiting(
                place, message.exchange(), message.routingKey(), message.size(), each.lasting()));
      }
    }
    return new Page(waiting, page.atEnd() || last == null ? null : last.next());
  }

  private void cancel(Place place, ReplyTo<@Nullable Boolean> reply) {
    if (ended) {
      answer(reply, null);
    } else if (!cancelledInMemory(place, reply)) {
      // A page that is read before this may bring it. What leaves from memory while this is read
      // would be found, and nobody would know: it must not be read then.
      reads.read(
          new ScheduleReads.Read(
              place,
              () -> 1,
              () -> !cancelledInMemory(place, reply),
              () -> true,
              page -> answer(reply, cancelled(place, page))));
    }
  }

  /** Whether memory tells all of it; that was answered then. */
  private boolean cancelledInMemory(Place place, ReplyTo<@Nullable Boolean> reply) {
    boolean known = upcoming.covers(place);
    if (known) {
      answer(reply, cancelled(place));
    }
    return known;
  }

  private boolean cancelled(Place place) {
    Delayed message = upcoming.take(place);
    if (message != null) {
      hasLeft(message);
    }
    return message != null;
  }

  /** It was behind the horizon when that was read, and is: no other page came meanwhile. */
  private boolean cancelled(Place place, SchedulePage page) {
    Scheduled found = page.messages().isEmpty() ? null : page.messages().getFirst();
    if (found == null || found.due() != place.due() || found.id() != place.id() || isGone(place)) {
      return false;
    }
    upcoming.cancelled(place);
    forget(place, found.lasting());
    return true;
  }

  @Override
  public void end() {
    if (!ended) {
      ended = true;
      if (timer != null) {
        timer.cancel();
      }
      reads.close();
      upcoming.clear();
      departures.clear();
      count = 0;
      journal.dropped();
    }
  }
}
