package org.warrenmq.engine.queue;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.MessageStore;
import org.warrenmq.engine.queue.QueueCommand.Abdicate;
import org.warrenmq.engine.queue.QueueCommand.Configure;
import org.warrenmq.engine.queue.QueueCommand.Count;
import org.warrenmq.engine.queue.QueueCommand.EndOnDisk;
import org.warrenmq.engine.queue.QueueCommand.FlushedToClient;
import org.warrenmq.engine.queue.QueueCommand.Get;
import org.warrenmq.engine.queue.QueueCommand.GetReply;
import org.warrenmq.engine.queue.QueueCommand.Grant;
import org.warrenmq.engine.queue.QueueCommand.Halt;
import org.warrenmq.engine.queue.QueueCommand.Inspect;
import org.warrenmq.engine.queue.QueueCommand.Limit;
import org.warrenmq.engine.queue.QueueCommand.Measure;
import org.warrenmq.engine.queue.QueueCommand.Publish;
import org.warrenmq.engine.queue.QueueCommand.Purge;
import org.warrenmq.engine.queue.QueueCommand.QueueLoad;
import org.warrenmq.engine.queue.QueueCommand.QueueStatus;
import org.warrenmq.engine.queue.QueueCommand.Seal;
import org.warrenmq.engine.queue.QueueCommand.SealReply;
import org.warrenmq.engine.queue.QueueCommand.Stop;
import org.warrenmq.engine.queue.QueueCommand.Subscribe;
import org.warrenmq.engine.queue.QueueCommand.SubscribeReply;
import org.warrenmq.engine.queue.QueueCommand.Unsubscribe;
import org.warrenmq.store.QueueState;
import org.warrenmq.store.WindowState.RememberedKey;

/**
 * A queue's room: takes its commands, lets the {@link Dispatcher} decide, and sends the answers.
 * Lives on one loop, at its {@link QueueAddress}, until it is sealed, when an {@link EndedQueue}
 * answers in its place, or abdicates, when an {@link AbdicatedQueue} stands there.
 */
final class Queue
    implements QueueAddress.Resident, Lane.Owner, DeadLetters.Owner, Dispatcher.Owner {
  private final QueueAddress address;
  private final QueueTraits traits;
  private final QueueOwner owner;
  private final DeadLetterRoute deadLetters;
  private final Dispatcher dispatcher;

  /** The keys of messages that came; null when duplicates are as welcome as others. */
  private final @Nullable KeyWindow window;

  /** Gets that wait for the front message to be read; null while there are none. */
  private @Nullable ArrayDeque<Get> waitingGets;

  /** Null as long as nobody asked how old messages are. */
  private @Nullable QueueGauge gauge;

  /** Ends the queue when nobody uses it; null when that is for ever. */
  private @Nullable Lease lease;

  /**
   * @param owner told when it ends by itself
   * @param deadLetters where its dead letters go
   * @param stored what it holds, lane by lane, when it comes back at a start
   * @param remembered the keys of messages that came before that
   */
  Queue(
      QueueAddress address,
      QueueTraits traits,
      QueueSettings settings,
      QueueOwner owner,
      DeadLetterRoute deadLetters,
      List<QueueState> stored,
      List<RememberedKey> remembered) {
    this.address = address;
    this.traits = traits;
    this.owner = owner;
    this.deadLetters = deadLetters;
    dispatcher = new Dispatcher(traits, settings, this, new LoopAgenda(address.loop(), this));
    DuplicateRule duplicates = traits.duplicates();
    window =
        duplicates == null
            ? null
            : new KeyWindow(address.id(), address.home(), duplicates, traits.durable(), remembered);
    stored.forEach(this::restore);
    dispatcher.restored(stored.stream().anyMatch(QueueState::expiring));
  }

  /**
   * The first thing that happens in its room: looks for what has to leave, and when the queue has
   * to end. Not called for one that has nothing of that.
   */
  void begin(QueueSettings settings) {
    lease(settings);
    proceed();
  }

  @Override
  public DeadLetters openDeadLetters(DeadLetterTarget target) {
    return new DeadLetters(address.home(), deadLetters, this, target);
  }

  @Override
  public Lane openLane(int number) {
    LoopStore home = address.home();
    QueueLog log = new QueueLog(home.memory());
    return new Lane(
        address.id(),
        number,
        this,
        log,
        lane ->
            home.isMemoryOnly()
                ? Ledger.Nowhere.NOWHERE
                : new StoredLedger(lane, traits, log, home));
  }

  private void restore(QueueState stored) {
    Lane lane = dispatcher.lanes().numbered(Lanes.number(stored.queueId()));
    long delivered = Math.min(stored.delivered(), stored.next());
    lane.log().restore(stored.floor(), stored.next(), stored.count(), stored.bytes());
    lane.restored(delivered);
    lane.ledger().restored(delivered, stored.bytes());
  }

  @Override
  public void swept(Lane lane, List<MessageStore.Loaded> messages, long from, long to) {
    if (address.resident() == this) {
      dispatcher.swept(lane, messages, from, to);
    }
  }

  /** What it holds. */
  Lanes lanes() {
    return dispatcher.lanes();
  }

  /** How many came and left since it is here. */
  QueueCounts counts() {
    return dispatcher.counts();
  }

  @Override
  public boolean keeps(Message message) {
    return traits.keeps(message);
  }

  @Override
  public void proceed() {
    if (address.resident() == this) {
      answerGets();
      dispatcher.proceed();
      if (gauge != null) {
        gauge.proceed();
      }
    }
  }

  @Override
  public void accept(QueueCommand command) {
    switch (command) {
      case Publish(_, Message message, Publisher publisher, long sequence) ->
          publish(message, publisher, sequence, Publish.cost(message));
      case SettleBatch batch -> settle(batch);
      case FlushedToClient(Consumer consumer) -> dispatcher.flushedToClient(consumer);
      case QueueCommand.Control control -> control(control);
    }
  }

  private void settle(SettleBatch batch) {
    Consumer consumer = batch.consumer();
    if (batch.settlement().givesBack()) {
      dispatcher.settleOnly(consumer, batch.settlement(), batch.positions(), batch.count());
      dispatcher.proceedSoon();
    } else {
      dispatcher.settle(consumer, batch.settlement(), batch.positions(), batch.count());
    }
    ReplyTo<Boolean> reply = dispatcher.comeBack(consumer);
    if (reply != null && consumer != null) {
      leave(consumer, reply);
    }
  }

  @Override
  public void publish(Message message, @Nullable Publisher publisher, long sequence, long cost) {
    if (window != null) {
      publish(window, message, publisher, sequence, cost);
    } else {
      append(message, publisher, sequence, cost);
    }
  }

  /** The same where duplicates are dropped: they are accepted, as the message is there. */
  private void publish(
      KeyWindow keys, Message message, @Nullable Publisher publisher, long sequence, long cost) {
    FieldValue key = keys.keyOf(message);
    if (key != null && keys.contains(key, traits.keeps(message))) {
      keys.drop(key, message, publisher, sequence, cost);
    } else if (append(message, publisher, sequence, cost) && key != null) {
      keys.remember(key, message, traits.keeps(message));
    }
  }

  /** False when the queue refuses it. */
  private boolean append(Message message, @Nullable Publisher publisher, long sequence, long cost) {
    if (!dispatcher.publish(message)) {
      if (message.hasStoredBody()) {
        address.home().bodies().release(message.content().body());
      }
      address.home().reject(publisher, sequence, cost);
      return false;
    }
    if (publisher != null) {
      address.home().accept(publisher, sequence, cost, traits.keeps(message));
    }
    return true;
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
        if (!dispatcher.waitsForDeliveries(consumer, reply)) {
          leave(consumer, reply);
        }
      }
      case Limit(Consumer consumer, boolean limited) -> dispatcher.limit(consumer, limited);
      case Grant(Consumer consumer, int count) -> dispatcher.grant(consumer, count);
      case Configure(_, QueueSettings settings) -> {
        lease(settings);
        dispatcher.configure(settings);
      }
      case Get get -> {
        use();
        get(get);
      }
      case Purge(_, var reply) -> {
        answer(reply, dispatcher.purge());
        // What was being read is of no use any more: who waited for that looks again.
        proceed();
      }
      case Inspect(_, var reply) -> {
        use();
        answer(reply, status());
      }
      case Count(_, var reply) -> answer(reply, load());
      case Measure measure -> {
        dispatcher.trimFront();
        gauge().measure(measure);
      }
      case Seal(_, boolean ifUnused, boolean ifEmpty, var reply) ->
          answer(reply, seal(ifUnused, ifEmpty));
      case Halt _ -> dispatcher.lanes().all().forEach(lane -> lane.ledger().stop());
      case Abdicate(_, QueueAddress.Resident next) -> abdicate(next);
      case EndOnDisk _ -> throw new IllegalStateException("the end of a queue that goes on");
    }
  }

  private QueueGauge gauge() {
    QueueGauge present = gauge;
    if (present == null) {
      present = new QueueGauge(address, dispatcher);
      gauge = present;
    }
    return present;
  }

  private QueueStatus status() {
    dispatcher.trimFront();
    return new QueueStatus(dispatcher.stayingCount(), dispatcher.consumerCount());
  }

  private QueueLoad load() {
    dispatcher.trimFront();
    return new QueueLoad(
        dispatcher.readyCount(), dispatcher.unsettledCount(), dispatcher.consumerCount());
  }

  private <T extends @Nullable Object> void answer(ReplyTo<T> reply, T answer) {
    address.loop().send(reply.room(), reply.with(answer));
  }

  private SubscribeReply admit(Consumer consumer) {
    if (consumer.exclusive() && traits.singleActiveConsumer()) {
      return SubscribeReply.EXCLUSIVE_USE;
    }
    SequencedSet<Consumer> present = dispatcher.consumers().all();
    // An exclusive one is the only one.
    boolean exclusive =
        !present.isEmpty() && (consumer.exclusive() || present.getFirst().exclusive());
    return exclusive ? SubscribeReply.EXCLUSIVE_USE : SubscribeReply.OK;
  }

  /** It was used: the time in which nobody does begins again. */
  private void use() {
    if (lease != null) {
      lease.renew();
    }
  }

  private void lease(QueueSettings settings) {
    if (lease != null) {
      lease.end();
    }
    lease =
        settings.idleTime() == QueueSettings.UNLIMITED
            ? null
            : new Lease(address.loop(), settings.idleTime(), this::isUsed, this::endUnused);
  }

  private boolean isUsed() {
    return dispatcher.consumerCount() > 0;
  }

  private void endUnused() {
    if (address.resident() == this) {
      seal();
      address
          .loop()
          .send(
              owner.room(),
              () -> owner.gone(address, new ReplyTo<>(address.loop(), _ -> {}), true));
    }
  }

  private void leave(Consumer consumer, ReplyTo<Boolean> reply) {
    boolean was = dispatcher.remove(consumer);
    use();
    if (was && traits.autoDelete() && dispatcher.consumerCount() == 0) {
      seal();
      address.loop().send(owner.room(), () -> owner.gone(address, reply, was));
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
    if (!dispatcher.trimFront()) {
      return null;
    }
    if (!dispatcher.hasFront()) {
      return new GetReply.Empty();
    }
    Front front = dispatcher.front();
    if (front == null) {
      // What there was may have been due.
      return dispatcher.hasFront() ? null : new GetReply.Empty();
    }
    Message taken = dispatcher.take(front, !noAck);
    long remaining = dispatcher.readyCount();
    // What is the front now may have to leave, and before the last one.
    dispatcher.trimFront();
    return new GetReply.Got(taken, front.position(), front.redelivered(), remaining);
  }

  private SealReply seal(boolean ifUnused, boolean ifEmpty) {
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
    RoomLoop loop = address.loop();
    List<Consumer> consumers = List.copyOf(dispatcher.consumers().all());
    for (Consumer consumer : consumers) {
      loop.send(consumer.subscriber().loop(), () -> consumer.subscriber().cancelled(consumer));
    }
    dispatcher.leaving().forEach((_, reply) -> answer(reply, false));
    ArrayDeque<Get> gets = waitingGets;
    List<Measure> measures = gauge == null ? List.of() : gauge.end();
    List<Lane> lanes = dispatcher.lanes().all();
    leaveTo(new EndedQueue(address.home(), traits));
    lanes.forEach(lane -> lane.ledger().close());
    if (gets != null) {
      gets.forEach(get -> answer(get.reply(), new GetReply.Gone()));
    }
    measures.forEach(measure -> answer(measure.reply(), null));
  }

  /**
   * The queue goes on somewhere else, from what was written of it ({@link LoopStore#discard}). So
   * nobody is told anything here: who waits for an answer gets it from there, deliveries that have
   * not left are as if they had not been decided, consumers are neither cancelled nor forgotten by
   * their channels.
   */
  private void abdicate(QueueAddress.Resident next) {
    for (Consumer consumer : dispatcher.consumers().all()) {
      consumer.returnGrants();
    }
    Map<Consumer, ReplyTo<Boolean>> leaving = dispatcher.leaving();
    ArrayDeque<Get> gets = waitingGets;
    List<Measure> measures = gauge == null ? List.of() : gauge.end();
    List<Lane> lanes = dispatcher.lanes().all();
    leaveTo(new AbdicatedQueue(address.home(), next));
    lanes.forEach(lane -> lane.ledger().abandon());
    leaving.forEach((consumer, reply) -> next.accept(new Unsubscribe(consumer, reply)));
    if (gets != null) {
      gets.forEach(next::accept);
    }
    measures.forEach(next::accept);
  }

  private void leaveTo(QueueAddress.Resident next) {
    waitingGets = null;
    gauge = null;
    if (lease != null) {
      lease.end();
      lease = null;
    }
    address.moveIn(next);
    dispatcher.close();
    if (window != null) {
      window.close();
    }
  }
}
