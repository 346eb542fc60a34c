package org.warrenmq.engine.queue;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.loop.Room;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.MessageStore;
import org.warrenmq.engine.message.Stamps;

/**
 * One life of the queue of a {@link QueueSimulation}: a {@link Dispatcher} over logs restored from
 * what was written, with its consumers; all that a crash takes away. On the test's thread.
 */
final class QueueLife implements Dispatcher.Owner, Lane.Owner, DeadLetters.Owner {
  private static final QueueTraits KEEPING = new QueueTraits(true, false, false);

  final HandLoop home = new HandLoop();
  final HandLoop elsewhere = new HandLoop();
  final List<QueuePeer> peers = new ArrayList<>();

  /** What somebody got, and holds. */
  final List<Long> got = new ArrayList<>();

  final NavigableMap<Integer, QueueLog> logs = new TreeMap<>();
  final NavigableMap<Integer, QueueJournal> journals = new TreeMap<>();
  final LetterBox letters;

  /** Names the home loop for consumers; its own dispatcher is not used. */
  final QueueAddress address;

  final Dispatcher dispatcher;

  /** How many messages came back at its start. */
  final long restored;

  /** Whether somebody asks how long messages are here. */
  boolean watched;

  /** Takes what is written, and never turns. */
  private final HandLoop disk = new HandLoop(new PatientStore(), Long.MAX_VALUE);

  private final HandAgenda agenda;

  /** By level. */
  private final NavigableMap<Integer, WrittenQueue> written;

  /** Does what is asked for when the simulation says so. */
  private static final class HandAgenda implements Agenda {
    private final QueueModel model;
    private long due = Stamps.NEVER;
    private boolean soon;

    HandAgenda(QueueModel model) {
      this.model = model;
    }

    @Override
    public long now() {
      return model.now;
    }

    @Override
    public long turnTime() {
      return model.now;
    }

    @Override
    public void proceedAt(long millis) {
      due = millis;
    }

    @Override
    public void proceedSoon() {
      soon = true;
    }

    /** Whether something is to be done now, which is done then. */
    boolean takeDue() {
      boolean is = soon || due <= now();
      if (is) {
        soon = false;
        due = Stamps.NEVER;
      }
      return is;
    }
  }

  private record NoOwner(Room room) implements QueueOwner {
    @Override
    public <T> void gone(QueueAddress queue, ReplyTo<T> reply, T answer) {
      throw new AssertionError("gone without reason");
    }
  }

  /**
   * @param model which knows the time and the settings
   * @param written what earlier lives wrote, and this one will
   */
  QueueLife(
      SplittableRandom random,
      QueueTraits traits,
      QueueModel model,
      NavigableMap<Integer, WrittenQueue> written) {
    this.written = written;
    this.agenda = new HandAgenda(model);
    this.letters = new LetterBox(random, home.store());
    pass(model.now - disk.rooms().clock().millis());
    this.address =
        Queues.open(1, home.store(), traits, QueueSettings.NONE, new NoOwner(home.rooms()));
    this.dispatcher = new Dispatcher(traits, model.settings, this, agenda);
    written.keySet().forEach(level -> dispatcher.lanes().numbered(level));
    if (model.settings.retry() != null) {
      dispatcher.lanes().all().forEach(lane -> lane.sortOutBelow(lane.log().next()));
    }
    this.restored = present();
  }

  /** Time passes: what is written now is of then. */
  void pass(long millis) {
    disk.turnClock(millis);
  }

  /** How many messages are in it. */
  long present() {
    return dispatcher.readyCount() + dispatcher.unsettledCount();
  }

  /** What was left for later is done, and time comes for what is due. */
  void proceedAsAgreed() {
    while (agenda.takeDue()) {
      dispatcher.proceed();
    }
  }

  @Override
  public Lane openLane(int level) {
    QueueLog log = written.computeIfAbsent(level, _ -> new WrittenQueue()).restore();
    QueueJournal journal = new QueueJournal(1, KEEPING, log, disk.store().journal(), _ -> {});
    journal.restore(0, log.bytes());
    logs.put(level, log);
    journals.put(level, journal);
    return new Lane(1, level, this, log, _ -> new JournalledInMemory(journal));
  }

  @Override
  public DeadLetters openDeadLetters(DeadLetterTarget target) {
    return new DeadLetters(home.store(), letters, this, target);
  }

  @Override
  public void swept(Lane lane, List<MessageStore.Loaded> messages, long from, long to) {
    throw new AssertionError("nothing is cold");
  }

  @Override
  public boolean keeps(Message message) {
    return KEEPING.keeps(message);
  }

  @Override
  public void proceed() {
    dispatcher.proceed();
  }
}
