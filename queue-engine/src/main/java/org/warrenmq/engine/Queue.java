package org.warrenmq.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.QueueCommand.Configure;
import org.warrenmq.engine.QueueCommand.Get;
import org.warrenmq.engine.QueueCommand.GetReply;
import org.warrenmq.engine.QueueCommand.Grant;
import org.warrenmq.engine.QueueCommand.Inspect;
import org.warrenmq.engine.QueueCommand.Limit;
import org.warrenmq.engine.QueueCommand.Publish;
import org.warrenmq.engine.QueueCommand.Purge;
import org.warrenmq.engine.QueueCommand.QueueStatus;
import org.warrenmq.engine.QueueCommand.Seal;
import org.warrenmq.engine.QueueCommand.SealReply;
import org.warrenmq.engine.QueueCommand.Stop;
import org.warrenmq.engine.QueueCommand.Subscribe;
import org.warrenmq.engine.QueueCommand.SubscribeReply;
import org.warrenmq.engine.QueueCommand.Unsubscribe;
import org.warrenmq.engine.QueueCommand.Written;
import org.warrenmq.store.QueueState;

/**
 * A queue's room: takes its commands, lets the {@link Dispatcher} decide, and sends the answers.
 * Lives on one loop from creation to end; elsewhere it is only an address.
 *
 * <p>Once sealed it is gone for everyone: commands still under way are answered accordingly, and
 * messages are dropped and accepted, as RabbitMQ confirms what it routed to a queue that died. Of a
 * durable one that is not told to anybody before its end is on disk: a crash could bring it back.
 */
public final class Queue implements StoredLedger.Owner, Journal.End, Agenda {
  /** That of all queues that have ended: it has no messages and gets no consumers. */
  private static final Dispatcher ENDED = Dispatcher.ended();

  private final long id;
  private final LoopStore home;
  private final RoomLoop loop;
  private final QueueTraits traits;
  private final QueueOwner owner;

  /** Both are given up at the end, as somebody may keep the address for long. */
  private Dispatcher dispatcher;

  private Ledger ledger;

  /** When the queue has to look again; null while nothing is due. */
  private TimerWheel.@Nullable Timer timer;

  /** When that is. */
  private long due = Stamps.NEVER;

  /** Gets that wait for the front message to be read; null while there are none. */
  private @Nullable ArrayDeque<Get> waitingGets;

  private boolean sealed;

  /** Something came back, or more has to leave, and that is seen to when others had their turn. */
  private boolean proceedsSoon;

  /** Sealed, and that is on disk: the queue will not be back after a crash. */
  private boolean ended;

  /** What waits for that; null while nothing does. */
  private @Nullable List<Runnable> atEnd;

  /**
   * @param id never used for another queue
   * @param home where it lives
   * @param owner told when it ends by itself
   */
  public Queue(
      long id, LoopStore home, QueueTraits traits, QueueSettings settings, QueueOwner owner) {
    this(id, home, traits, settings, owner, null);
  }

  /**
   * A queue that comes back at a start, with what it holds.
   *
   * @param stored null for a new queue
   */
  public Queue(
      long id,
      LoopStore home,
      QueueTraits traits,
      QueueSettings settings,
      QueueOwner owner,
      @Nullable QueueState stored) {
    this.id = id;
    this.home = home;
    this.loop = home.loop();
    this.traits = traits;
    this.owner = owner;
    QueueLog log = new QueueLog(home.memory());
    StoredLedger onDisk = home.isMemoryOnly() ? null : new StoredLedger(this, traits, log, home);
    ledger = onDisk == null ? Ledger.Nowhere.NOWHERE : onDisk;
    dispatcher = new Dispatcher(traits, settings, log, ledger, this);
    if (stored != null && onDisk != null) {
      long delivered = Math.min(stored.delivered(), stored.next());
      log.restore(stored.floor(), stored.next(), stored.count(), stored.bytes());
      dispatcher.restored(delivered);
      onDisk.restored(delivered, stored.bytes());
      if (!settings.equals(QueueSettings.NONE)) {
        // Some of it may have to leave.
        loop.post(this::proceed);
      }
    }
  }

  @Override
  public long id() {
    return id;
  }

  public RoomLoop loop() {
    return loop;
  }

  public LoopStore home() {
    return home;
  }

  @Override
  public long head() {
    return dispatcher.head();
  }

  @Override
  public long neverDelivered() {
    return dispatcher.neverDelivered();
  }

  @Override
  public void proceed() {
    if (!sealed) {
      answerGets();
      dispatcher.proceed();
    }
  }

  @Override
  public long now() {
    return loop.clock().millis();
  }

  @Override
  public void proceedAt(long millis) {
    if (millis != Stamps.NEVER && millis >= due) {
      // The one before comes early, and then sees.
      return;
    }
    due = millis;
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
    if (millis != Stamps.NEVER) {
      timer = loop.timers().at(millis, this::isDue);
    }
  }

  private void isDue() {
    timer = null;
    due = Stamps.NEVER;
    proceed();
  }

  /**
   * Before the turn ends, or in the next one: what a channel gives back with one method comes as
   * mail of its own for each of its consumers, all of which is opened before this.
   */
  @Override
  public void proceedSoon() {
    if (!proceedsSoon) {
      proceedsSoon = true;
      loop.send(
          loop,
          () -> {
            proceedsSoon = false;
            proceed();
          });
    }
  }

  /** The node stops: the last thing it hears. Returns mail for its loop. */
  public Mail stop() {
    return () -> {
      if (!sealed) {
        ledger.stop();
      }
    };
  }

  /** Mail for its loop: the end of a durable queue is on disk. */
  public Mail ended() {
    return () -> {
      ended = true;
      List<Runnable> waiting = atEnd;
      atEnd = null;
      if (waiting != null) {
        waiting.forEach(Runnable::run);
      }
    };
  }

  @Override
  public boolean isOnDisk() {
    return ended;
  }

  @Override
  public void whenOnDisk(Runnable action) {
    if (atEnd == null) {
      atEnd = new ArrayList<>(2);
    }
    atEnd.add(action);
  }

  /** Something came after the seal. Who waits for this turn must not hear of it too early. */
  private void dropped() {
    if (traits.durable() && !ended) {
      home.await(this);
    }
  }

  void accept(QueueCommand command) {
    assert loop.inRoom();
    switch (command) {
      case Publish(_, Message message, Publisher publisher, long sequence) ->
          publish(message, publisher, sequence, Publish.cost(message));
      case SettleBatch batch -> settle(batch);
      case Written(Consumer consumer) -> {
        if (!sealed) {
          dispatcher.written(consumer);
        }
      }
      case QueueCommand.Control control -> control(control);
    }
  }

  private void settle(SettleBatch batch) {
    if (sealed) {
      dropped();
      return;
    }
    Consumer consumer = batch.consumer();
    if (batch.settlement().givesBack()) {
      dispatcher.settleOnly(consumer, batch.settlement(), batch.positions(), batch.count());
      proceedSoon();
    } else {
      dispatcher.settle(consumer, batch.settlement(), batch.positions(), batch.count());
    }
    ReplyTo<Boolean> reply = dispatcher.comeBack(consumer);
    if (reply != null && consumer != null) {
      leave(consumer, reply);
    }
  }

  /**
   * @param cost what the publisher's gate is charged with until it is accepted
   */
  void publish(Message message, @Nullable Publisher publisher, long sequence, long cost) {
    boolean kept = traits.keeps(message);
    boolean admitted = sealed || dispatcher.publish(message);
    if (sealed || !admitted) {
      if (message.hasStoredBody()) {
        home.bodies().release(message.content().body());
      }
      if (sealed && kept) {
        dropped();
      }
    }
    if (!admitted) {
      home.reject(publisher, sequence, cost);
    } else if (publisher != null) {
      home.accept(publisher, sequence, cost, kept && !ended);
    }
  }

  private void control(QueueCommand.Control control) {
    switch (control) {
      case Subscribe(Consumer consumer, var reply) -> {
        SubscribeReply admission = admit(consumer);
        // The answer goes first: consume-ok precedes the first delivery.
        answer(reply, admission);
        if (admission == SubscribeReply.OK) {
          dispatcher.subscribe(consumer);
        }
      }
      case Stop(Consumer consumer) -> dispatcher.stop(consumer);
      case Unsubscribe(Consumer consumer, var reply) -> {
        if (sealed || !dispatcher.waitsForDeliveries(consumer, reply)) {
          leave(consumer, reply);
        }
      }
      case Limit(Consumer consumer, boolean limited) -> {
        if (!sealed) {
          dispatcher.limit(consumer, limited);
        }
      }
      case Grant(Consumer consumer, int count) -> {
        if (sealed) {
          consumer.grant(count);
          consumer.returnGrants();
        } else {
          dispatcher.grant(consumer, count);
        }
      }
      case Configure(_, QueueSettings settings) -> {
        if (!sealed) {
          dispatcher.configure(settings);
        }
      }
      case Get get -> get(get);
      case Purge(_, var reply) -> {
        answer(reply, sealed ? null : dispatcher.purge());
        // What they waited for is gone, and what is being read for them of no use any more.
        answerGets();
      }
      case Inspect(_, var reply) -> answer(reply, sealed ? null : status());
      case Seal(_, boolean ifUnused, boolean ifEmpty, var reply) ->
          answer(reply, seal(ifUnused, ifEmpty));
    }
  }

  private QueueStatus status() {
    dispatcher.trimFront();
    return new QueueStatus(dispatcher.readyCount(), dispatcher.consumerCount());
  }

  private <T extends @Nullable Object> void answer(ReplyTo<T> reply, T answer) {
    loop.send(reply.room(), reply.with(answer));
  }

  private SubscribeReply admit(Consumer consumer) {
    if (sealed) {
      return SubscribeReply.GONE;
    }
    if (consumer.exclusive() && traits.singleActiveConsumer()) {
      return SubscribeReply.EXCLUSIVE_USE;
    }
    SequencedSet<Consumer> present = dispatcher.consumers().all();
    // An exclusive one is the only one.
    boolean exclusive =
        !present.isEmpty() && (consumer.exclusive() || present.getFirst().exclusive());
    return exclusive ? SubscribeReply.EXCLUSIVE_USE : SubscribeReply.OK;
  }

  private void leave(Consumer consumer, ReplyTo<Boolean> reply) {
    boolean was = dispatcher.remove(consumer);
    if (was && traits.autoDelete() && dispatcher.consumerCount() == 0) {
      seal();
      loop.send(owner.room(), () -> owner.gone(this, reply, was));
    } else {
      // The answer goes first: cancel-ok precedes what another consumer of the channel gets now.
      answer(reply, was);
      dispatcher.proceed();
    }
  }

  private void get(Get get) {
    GetReply reply = waitingGets == null ? tryGet(get.noAck()) : null;
    if (reply != null) {
      answer(get.reply(), reply);
    } else {
      if (waitingGets == null) {
        waitingGets = new ArrayDeque<>(2);
      }
      waitingGets.add(get);
    }
  }

  /** In the order in which they came, as far as messages are there. */
  private void answerGets() {
    ArrayDeque<Get> waiting = waitingGets;
    while (waiting != null && !waiting.isEmpty()) {
      GetReply reply = tryGet(waiting.element().noAck());
      if (reply == null) {
        return;
      }
      answer(waiting.remove().reply(), reply);
    }
    waitingGets = null;
  }

  /** The answer, or null when the front message must be waited for. */
  private @Nullable GetReply tryGet(boolean noAck) {
    if (sealed) {
      return new GetReply.Gone();
    }
    if (!dispatcher.trimFront()) {
      return null;
    }
    if (dispatcher.readyCount() == 0) {
      return new GetReply.Empty();
    }
    Front front = dispatcher.front();
    if (front == null) {
      return null;
    }
    dispatcher.take(front, !noAck);
    long remaining = dispatcher.readyCount();
    // What is the front now may have to leave, and before the last one.
    dispatcher.trimFront();
    return new GetReply.Got(front.message(), front.position(), front.redelivered(), remaining);
  }

  private SealReply seal(boolean ifUnused, boolean ifEmpty) {
    if (sealed) {
      return new SealReply.Gone();
    }
    long ready = dispatcher.readyCount();
    if (ifUnused && dispatcher.consumerCount() > 0) {
      return new SealReply.InUse();
    }
    if (ifEmpty && ready > 0) {
      return new SealReply.NotEmpty();
    }
    seal();
    return new SealReply.Sealed(ready);
  }

  private void seal() {
    sealed = true;
    for (Consumer consumer : dispatcher.consumers().all()) {
      loop.send(consumer.subscriber().loop(), () -> consumer.subscriber().cancelled(consumer));
    }
    dispatcher.stopWaiting().forEach(reply -> answer(reply, false));
    dispatcher.close();
    ledger.close();
    dispatcher = ENDED;
    ledger = Ledger.Nowhere.NOWHERE;
    answerGets();
  }
}
