package org.warrenmq.engine;

import org.jspecify.annotations.Nullable;
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
import org.warrenmq.engine.QueueCommand.Subscribe;
import org.warrenmq.engine.QueueCommand.SubscribeReply;
import org.warrenmq.engine.QueueCommand.Unsubscribe;
import org.warrenmq.engine.QueueCommand.Written;

/**
 * A queue's room: takes its commands, lets the {@link Dispatcher} decide, and sends the answers.
 * Lives on one loop from creation to end; elsewhere it is only an address.
 *
 * <p>Once sealed it is gone for everyone: commands still under way are answered accordingly, and
 * messages are dropped and accepted, as RabbitMQ confirms what it routed to a queue that died.
 */
public final class Queue {
  private final long id;
  private final RoomLoop loop;
  private final QueuePolicy policy;
  private final QueueOwner owner;
  private final Dispatcher dispatcher;
  private boolean sealed;

  /**
   * @param id never used for another queue
   * @param loop the home loop
   * @param owner told when it ends by itself
   */
  public Queue(long id, RoomLoop loop, QueuePolicy policy, QueueOwner owner) {
    this.id = id;
    this.loop = loop;
    this.policy = policy;
    this.owner = owner;
    this.dispatcher = new Dispatcher(policy, new QueueLog(), null);
  }

  public long id() {
    return id;
  }

  public RoomLoop loop() {
    return loop;
  }

  void accept(QueueCommand command) {
    assert loop.inRoom();
    switch (command) {
      case Publish publish -> publish(publish);
      case SettleBatch batch -> {
        if (!sealed) {
          dispatcher.settle(batch.consumer(), batch.settlement(), batch.positions(), batch.count());
        }
      }
      case Written(Consumer consumer) -> {
        if (!sealed) {
          dispatcher.written(consumer);
        }
      }
      case QueueCommand.Control control -> control(control);
    }
  }

  private void publish(Publish publish) {
    if (!sealed) {
      dispatcher.publish(publish.message());
    }
    Publisher publisher = publish.publisher();
    if (publisher != null) {
      loop.accepted(publisher, publish.sequence(), Publish.cost(publish.message()));
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
      case Unsubscribe(Consumer consumer, var reply) -> unsubscribe(consumer, reply);
      case Limit(Consumer consumer, boolean limited) -> dispatcher.limit(consumer, limited);
      case Grant(Consumer consumer, int count) -> dispatcher.grant(consumer, count);
      case Get(_, boolean noAck, var reply) -> answer(reply, get(noAck));
      case Purge(_, var reply) -> answer(reply, sealed ? null : dispatcher.purge());
      case Inspect(_, var reply) ->
          answer(
              reply,
              sealed ? null : new QueueStatus(dispatcher.readyCount(), dispatcher.consumerCount()));
      case Seal(_, boolean ifUnused, boolean ifEmpty, var reply) ->
          answer(reply, seal(ifUnused, ifEmpty));
    }
  }

  private <T extends @Nullable Object> void answer(ReplyTo<T> reply, T answer) {
    loop.send(reply.room(), reply.with(answer));
  }

  private SubscribeReply admit(Consumer consumer) {
    if (sealed) {
      return SubscribeReply.GONE;
    }
    if (consumer.exclusive() && policy.singleActiveConsumer()) {
      return SubscribeReply.EXCLUSIVE_USE;
    }
    for (Consumer present : dispatcher.consumers().all()) {
      if (present.exclusive() || consumer.exclusive()) {
        return SubscribeReply.EXCLUSIVE_USE;
      }
    }
    return SubscribeReply.OK;
  }

  private void unsubscribe(Consumer consumer, ReplyTo<Boolean> reply) {
    boolean was = dispatcher.unsubscribe(consumer);
    if (was && policy.autoDelete() && dispatcher.consumerCount() == 0) {
      seal();
      loop.send(owner.room(), () -> owner.gone(this, reply, was));
    } else {
      answer(reply, was);
    }
  }

  private GetReply get(boolean noAck) {
    if (sealed) {
      return new GetReply.Gone();
    }
    long position = dispatcher.take();
    if (position < 0) {
      return new GetReply.Empty();
    }
    boolean redelivered = dispatcher.redelivered(position);
    Message message =
        noAck ? dispatcher.settleAtDelivery(position) : dispatcher.messageAt(position);
    return new GetReply.Got(message, position, redelivered, dispatcher.readyCount());
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
    dispatcher.close();
  }
}
