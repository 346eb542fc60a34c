package org.warrenmq.engine.queue;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.loop.Mail;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.queue.QueueCommand.Count;
import org.warrenmq.engine.queue.QueueCommand.Get;
import org.warrenmq.engine.queue.QueueCommand.Grant;
import org.warrenmq.engine.queue.QueueCommand.Inspect;
import org.warrenmq.engine.queue.QueueCommand.Measure;
import org.warrenmq.engine.queue.QueueCommand.Publish;
import org.warrenmq.engine.queue.QueueCommand.Purge;
import org.warrenmq.engine.queue.QueueCommand.Subscribe;
import org.warrenmq.engine.queue.QueueCommand.SubscribeReply;
import org.warrenmq.engine.queue.QueueCommand.Unsubscribe;

/**
 * Lives where a queue was that is led elsewhere: passes on what can be, as soon as somebody leads
 * it, and makes void what belongs to the deliveries of the old one. In the old queue's room.
 */
final class Successor implements QueueAddress.Resident {
  private final ReplicatedQueue queue;
  private final HandLoop home;

  /** Whether messages are passed on; otherwise they are dropped, and nobody hears of it. */
  private final boolean passesOn;

  private @Nullable List<Runnable> waiting = new ArrayList<>();

  Successor(ReplicatedQueue queue, HandLoop home, boolean passesOn) {
    this.queue = queue;
    this.home = home;
    this.passesOn = passesOn;
  }

  /** Somebody leads the queue. */
  void open() {
    List<Runnable> now = waiting;
    waiting = null;
    if (now != null) {
      now.forEach(Runnable::run);
    }
  }

  private void onceLed(Runnable action) {
    if (waiting == null) {
      action.run();
    } else {
      waiting.add(action);
    }
  }

  @Override
  public void accept(QueueCommand command) {
    switch (command) {
      case Publish(_, Message message, Publisher publisher, long sequence) ->
          publish(message, publisher, sequence, Publish.cost(message));
      case Grant(Consumer consumer, int count) -> {
        consumer.grant(count);
        consumer.returnGrants();
      }
      case Subscribe(_, var reply) -> answer(reply, SubscribeReply.GONE);
      case Unsubscribe(_, var reply) -> answer(reply, true);
      case Get(_, boolean noAck, var reply) ->
          onceLed(() -> send(new Get(queue.address(), noAck, queue.passedOn(reply))));
      case Purge(_, var reply) -> onceLed(() -> send(new Purge(queue.address(), reply)));
      case Inspect(_, var reply) -> onceLed(() -> send(new Inspect(queue.address(), reply)));
      case Count(_, var reply) -> onceLed(() -> send(new Count(queue.address(), reply)));
      case Measure(_, boolean sojourns, var reply) ->
          onceLed(() -> send(new Measure(queue.address(), sojourns, reply)));
      case SettleBatch _,
          QueueCommand.FlushedToClient _,
          QueueCommand.Stop _,
          QueueCommand.Limit _,
          QueueCommand.Configure _ -> {}
      case QueueCommand.Seal _,
          QueueCommand.Halt _,
          QueueCommand.EndOnDisk _,
          QueueCommand.Abdicate _ ->
          throw new AssertionError(command + " for a queue that has left");
    }
  }

  @Override
  public void publish(Message message, @Nullable Publisher publisher, long sequence, long cost) {
    SuccessionChannel channel = publisher instanceof SuccessionChannel one ? one : null;
    if (passesOn) {
      if (channel != null) {
        channel.passedOn(sequence);
      }
      onceLed(
          () -> {
            QueueAddress next = queue.address();
            Mail mail = () -> next.resident().publish(message, publisher, sequence, cost);
            home.rooms().send(next.loop(), mail);
          });
    } else {
      home.store().bodies().release(message.content().body());
      if (channel != null) {
        channel.dropped(sequence);
      }
    }
  }

  private void send(QueueCommand command) {
    home.rooms().send(command.queue().loop(), command);
  }

  private <T extends @Nullable Object> void answer(ReplyTo<T> reply, T answer) {
    home.rooms().send(reply.room(), reply.with(answer));
  }
}
