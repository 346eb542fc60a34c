package org.warrenmq.broker.amqp;

import static org.warrenmq.codec.ReplyCode.NOT_IMPLEMENTED;
import static org.warrenmq.codec.ReplyCode.PRECONDITION_FAILED;

import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.node.Facts;
import org.warrenmq.codec.AccessMethod;
import org.warrenmq.codec.AmqpError;
import org.warrenmq.codec.BasicMethod;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.ChannelMethod;
import org.warrenmq.codec.ConfirmMethod;
import org.warrenmq.codec.ConnectionError;
import org.warrenmq.codec.ConnectionMethod;
import org.warrenmq.codec.Content;
import org.warrenmq.codec.ExchangeMethod;
import org.warrenmq.codec.Method;
import org.warrenmq.codec.QueueMethod;
import org.warrenmq.codec.TxMethod;
import org.warrenmq.engine.queue.Settlement;

/**
 * The methods of a channel, each handed to the part that knows it; and what all the parts do when
 * the channel goes on or ends. Runs on the connection's loop.
 */
final class ChannelMethods {
  private final Session session;
  private final Replies channel;
  private final DeliveryTracker deliveries;
  private final Declarations declarations;
  private final Consumers consumers;
  private final Gets gets;
  private final PublishPath publishing;
  private @Nullable Confirms confirms;
  private @Nullable TxBuffer transaction;

  ChannelMethods(Session session, Replies channel) {
    this.session = session;
    this.channel = channel;
    deliveries = new DeliveryTracker(session.loop(), session.gate());
    declarations = new Declarations(session, channel);
    consumers = new Consumers(session, channel, deliveries, declarations);
    gets = new Gets(session, channel, deliveries, declarations, consumers);
    publishing = new PublishPath(session, channel, consumers);
  }

  boolean isTransactional() {
    return transaction != null;
  }

  /** What the administration shows of the channel. */
  Facts.Channel facts() {
    return new Facts.Channel(
        channel.number(),
        confirms != null,
        transaction != null,
        consumers.prefetch(),
        consumers.globalPrefetch(),
        deliveries.outstanding().size(),
        consumers.facts());
  }

  /** Carries out a publish. */
  void publish(BasicMethod.Publish publish, Content content) {
    try {
      publishing.publish(publish, content);
    } catch (AmqpError refusal) {
      session.store().bodies().release(content.body());
      throw refusal;
    }
  }

  /** Carries out another method. */
  void carryOut(Method method) {
    switch (method) {
      case BasicMethod basic -> basic(basic);
      case QueueMethod queue -> declarations.queue(queue);
      case ExchangeMethod exchange -> declarations.exchange(exchange);
      case ConfirmMethod confirm -> confirm(confirm);
      case TxMethod tx -> tx(tx);
      case AccessMethod.Request _ -> channel.reply(new AccessMethod.RequestOk(1));
      case AccessMethod.RequestOk _, ConnectionMethod _, ChannelMethod _ ->
          throw Faults.unexpectedMethod();
    }
  }

  private void basic(BasicMethod method) {
    switch (method) {
      case BasicMethod.Ack(long tag, boolean multiple) -> settle(tag, multiple, Settlement.ACKED);
      case BasicMethod.Nack(long tag, boolean multiple, boolean requeue) ->
          settle(tag, multiple, requeue ? Settlement.RETURNED : Settlement.REJECTED);
      case BasicMethod.Reject(long tag, boolean requeue) ->
          settle(tag, false, requeue ? Settlement.REQUEUED : Settlement.REJECTED);
      case BasicMethod.Recover(boolean requeue) -> {
        recover(requeue);
        channel.reply(new BasicMethod.RecoverOk());
      }
      case BasicMethod.RecoverAsync(boolean requeue) -> recover(requeue);
      case BasicMethod.Consume consume -> consumers.consume(consume);
      case BasicMethod.Cancel cancel -> consumers.cancel(cancel);
      case BasicMethod.Get get -> gets.get(get);
      case BasicMethod.Qos qos -> consumers.qos(qos);
      case BasicMethod.Publish _,
          BasicMethod.QosOk _,
          BasicMethod.CancelOk _,
          BasicMethod.ConsumeOk _,
          BasicMethod.Return _,
          BasicMethod.Deliver _,
          BasicMethod.GetOk _,
          BasicMethod.GetEmpty _,
          BasicMethod.RecoverOk _ ->
          throw Faults.unexpectedMethod();
    }
  }

  private void settle(long tag, boolean multiple, Settlement settlement) {
    deliveries.settle(tag, multiple, settlement, transaction != null);
    consumers.settled();
  }

  private void recover(boolean requeue) {
    if (!requeue) {
      throw new ConnectionError(NOT_IMPLEMENTED, "requeue=false");
    }
    deliveries.recover();
    consumers.settled();
  }

  private void confirm(ConfirmMethod method) {
    switch (method) {
      case ConfirmMethod.Select(boolean nowait) -> {
        if (transaction != null) {
          throw new ChannelError(PRECONDITION_FAILED, "cannot switch from tx to confirm mode");
        }
        if (confirms == null) {
          confirms = new Confirms(session, channel);
          publishing.confirm(confirms);
        }
        if (!nowait) {
          channel.reply(new ConfirmMethod.SelectOk());
        }
      }
      case ConfirmMethod.SelectOk _ -> throw Faults.unexpectedMethod();
    }
  }

  private void tx(TxMethod method) {
    switch (method) {
      case TxMethod.Select _ -> {
        if (confirms != null) {
          throw new ChannelError(PRECONDITION_FAILED, "cannot switch from confirm to tx mode");
        }
        if (transaction == null) {
          transaction = new TxBuffer(session, channel, deliveries, publishing::release);
          publishing.transact(transaction);
        }
        channel.reply(new TxMethod.SelectOk());
      }
      case TxMethod.Commit _ -> {
        transaction().commit();
        consumers.settled();
      }
      case TxMethod.Rollback _ -> transaction().rollback();
      case TxMethod.SelectOk _, TxMethod.CommitOk _, TxMethod.RollbackOk _ ->
          throw Faults.unexpectedMethod();
    }
  }

  private TxBuffer transaction() {
    if (transaction == null) {
      throw new ChannelError(PRECONDITION_FAILED, "channel is not transactional");
    }
    return transaction;
  }

  /** Lets no delivery and no cancel out until {@link #answered}. */
  void holdBackDeliveries() {
    consumers.holdBack();
  }

  /** What was parked for is answered. */
  void answered() {
    consumers.answered();
  }

  /** Memory is short: where publishes went, and what their properties meant, is forgotten. */
  void forgetRemembered() {
    publishing.forgetRemembered();
  }

  /** Memory is short, and the client does not read. */
  void giveUpDeliveries() {
    consumers.giveUpUnwritten();
  }

  /** What was confirmed so far is said before what comes next. */
  void writeConfirms() {
    if (confirms != null) {
      confirms.write();
    }
  }

  /** The channel ends; {@code done} runs when everything it held is back with the queues. */
  void release(Runnable done) {
    if (transaction != null) {
      transaction.drop();
    }
    // They get nothing any more, and leave when all is back: who comes after them finds it in
    // order.
    consumers.stop();
    deliveries.returnAll(() -> consumers.release(done));
  }
}
