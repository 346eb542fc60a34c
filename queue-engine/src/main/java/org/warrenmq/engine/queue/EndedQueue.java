package org.warrenmq.engine.queue;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.home.Journal;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.queue.QueueCommand.Control;
import org.warrenmq.engine.queue.QueueCommand.FlushedToClient;
import org.warrenmq.engine.queue.QueueCommand.GetReply;
import org.warrenmq.engine.queue.QueueCommand.Publish;
import org.warrenmq.engine.queue.QueueCommand.SealReply;
import org.warrenmq.engine.queue.QueueCommand.SubscribeReply;

/**
 * Answers in place of a queue that was sealed: it is gone for everyone. Messages still under way
 * are dropped and accepted, as RabbitMQ confirms what it routed to a queue that died. Of a durable
 * one that is not told to anybody before its end is on disk: a crash could bring it back. Lives in
 * the queue's room, as long as somebody keeps the address.
 */
final class EndedQueue implements QueueAddress.Resident, Journal.End {
  private final LoopStore home;
  private final QueueTraits traits;

  /** Its end is on disk: the queue will not be back after a crash. */
  private boolean onDisk;

  /** What waits for that; null while nothing does. */
  private @Nullable List<Runnable> waiting;

  EndedQueue(LoopStore home, QueueTraits traits) {
    this.home = home;
    this.traits = traits;
  }

  @Override
  public void accept(QueueCommand command) {
    switch (command) {
      case Publish(_, Message message, Publisher publisher, long sequence) ->
          publish(message, publisher, sequence, Publish.cost(message));
      case SettleBatch _ -> dropped();
      case FlushedToClient _ -> {}
      case Control control -> answer(control);
    }
  }

  @Override
  public void publish(Message message, @Nullable Publisher publisher, long sequence, long cost) {
    boolean kept = traits.keeps(message);
    if (message.hasStoredBody()) {
      home.bodies().release(message.content().body());
    }
    if (kept) {
      dropped();
    }
    if (publisher != null) {
      home.accept(publisher, sequence, cost, kept && !onDisk);
    }
  }

  /** Who waits for this turn must not hear of it too early. */
  private void dropped() {
    if (traits.durable() && !onDisk) {
      home.await(this);
    }
  }

  private void answer(Control control) {
    switch (control) {
      case QueueCommand.Subscribe(_, var reply) -> answer(reply, SubscribeReply.GONE);
      case QueueCommand.Unsubscribe(_, var reply) -> answer(reply, false);
      case QueueCommand.Get(_, _, var reply) -> answer(reply, new GetReply.Gone());
      case QueueCommand.Purge(_, var reply) -> answer(reply, null);
      case QueueCommand.Inspect(_, var reply) -> answer(reply, null);
      case QueueCommand.Count(_, var reply) -> answer(reply, null);
      case QueueCommand.Measure(_, _, var reply) -> answer(reply, null);
      case QueueCommand.Seal(_, _, _, var reply) -> answer(reply, new SealReply.Gone());
      case QueueCommand.Grant(Consumer consumer, int count) -> {
        consumer.grant(count);
        consumer.returnGrants();
      }
      case QueueCommand.EndOnDisk _ -> endIsOnDisk();
      case QueueCommand.Stop _,
          QueueCommand.Limit _,
          QueueCommand.Configure _,
          QueueCommand.Halt _,
          QueueCommand.Abdicate _ -> {}
    }
  }

  private <T extends @Nullable Object> void answer(ReplyTo<T> reply, T answer) {
    home.loop().send(reply.room(), reply.with(answer));
  }

  private void endIsOnDisk() {
    onDisk = true;
    List<Runnable> now = waiting;
    waiting = null;
    if (now != null) {
      now.forEach(Runnable::run);
    }
  }

  @Override
  public boolean isOnDisk() {
    return onDisk;
  }

  @Override
  public void whenOnDisk(Runnable action) {
    if (waiting == null) {
      waiting = new ArrayList<>(2);
    }
    waiting.add(action);
  }
}
