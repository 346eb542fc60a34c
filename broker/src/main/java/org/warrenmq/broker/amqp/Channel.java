package org.warrenmq.broker.amqp;

import static org.warrenmq.codec.ReplyCode.CHANNEL_ERROR;
import static org.warrenmq.codec.ReplyCode.COMMAND_INVALID;
import static org.warrenmq.codec.ReplyCode.NOT_IMPLEMENTED;
import static org.warrenmq.codec.ReplyCode.PRECONDITION_FAILED;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
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
import org.warrenmq.engine.home.AcceptedBatch;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.queue.DeliveryBatch;
import org.warrenmq.engine.queue.Settlement;

/**
 * One channel of a connection: takes its methods in order and hands each to the part that knows it.
 * Runs on the connection's loop.
 *
 * <p>While a part waits for another room (a declare, a get) the channel is <em>parked</em>: what
 * arrives for it meanwhile waits, so replies keep the order of their requests and every method sees
 * the effects of those before it. After a close it takes no more work, and gives back what was
 * still on its way to it.
 */
final class Channel implements Publisher, WaitingMethods.Executor {
  /** What a plain channel is charged with, in bytes, about. */
  private static final int COST = 768;

  private enum State {
    OPEN,
    /** The client asked to close; consumers are being taken down. */
    RELEASING,
    /** We closed it and wait for close-ok; everything else is ignored. */
    CLOSING,
    CLOSED
  }

  private final AmqpConnection connection;
  private final int number;
  private final IncomingPublish incoming;
  private final PublishPath publishing;
  private final DeliveryTracker deliveries;
  private final Consumers consumers;
  private final Declarations declarations;
  private final WaitingMethods waiting;
  private @Nullable ConfirmTracker confirms;
  private @Nullable TxBuffer transaction;
  private State state = State.OPEN;

  /** What the gate knows of the channel itself, in bytes. */
  private int cost;

  private boolean counted = true;

  /** What to do when nothing waits any more; the connection closes. */
  private @Nullable Runnable whenIdle;

  /** What to do when everything held is back with the queues. */
  private Runnable whenReleased = () -> {};

  /** That was done. */
  private boolean released;

  /** The client has closed, too, before it was told of our close. */
  private boolean crossed;

  Channel(AmqpConnection connection, int number) {
    this.connection = connection;
    this.number = number;
    incoming = new IncomingPublish(connection);
    deliveries = new DeliveryTracker(connection.loop(), connection.gate());
    declarations = new Declarations(this, connection);
    consumers = new Consumers(this, connection, deliveries, declarations);
    publishing = new PublishPath(this, connection, consumers);
    waiting = new WaitingMethods(connection, this);
    grow(COST);
  }

  /** The channel takes so much more memory as long as it is there, or less when negative. */
  void grow(int bytes) {
    if (counted) {
      cost += bytes;
      connection.gate().keep(bytes);
    }
  }

  /** The channel is there no longer; what still changes in it is of no matter. */
  void giveBackCost() {
    counted = false;
    connection.gate().keep(-cost);
  }

  @Override
  public RoomLoop loop() {
    return connection.loop();
  }

  LoopStore store() {
    return connection.store();
  }

  int number() {
    return number;
  }

  ReadGate gate() {
    return connection.gate();
  }

  @Override
  public boolean isOpen() {
    return state == State.OPEN;
  }

  @Override
  public boolean isTransactional() {
    return transaction != null;
  }

  // What arrives.

  /** A method frame of this channel. */
  void method(Method method) {
    if (state != State.OPEN) {
      whileClosing(method);
      return;
    }
    incoming.checkMethod();
    if (method instanceof BasicMethod.Publish publish) {
      incoming.begin(publish);
    } else {
      waiting.take(method, null);
    }
  }

  private void whileClosing(Method method) {
    switch (method) {
      case ChannelMethod.Open _ -> throw named(secondOpen(), method);
      case ChannelMethod.CloseOk _ when state == State.CLOSING && released ->
          connection.forget(this);
      case ChannelMethod.Close _ when state == State.CLOSING -> {
        if (released) {
          connection.send(number, new ChannelMethod.CloseOk());
        } else {
          crossed = true;
        }
      }
      default -> {
        // Sent before the client saw our close, or after its own.
      }
    }
  }

  private static ConnectionError secondOpen() {
    return new ConnectionError(CHANNEL_ERROR, "second 'channel.open' seen");
  }

  /** A content header frame. */
  void header(int classId, int weight, long bodySize, ByteBuf properties) {
    if (state != State.OPEN) {
      return;
    }
    try {
      content(incoming.header(classId, weight, bodySize, properties));
    } catch (ChannelError error) {
      fail(error.at(BasicMethod.CLASS_ID, BasicMethod.Publish.ID));
    }
  }

  /** A body frame. */
  void body(ByteBuf payload) {
    if (state == State.OPEN) {
      content(incoming.body(payload));
    }
  }

  private void content(@Nullable Content whole) {
    if (whole != null) {
      waiting.take(incoming.take(), whole);
    }
  }

  /** Memory is short: where publishes went, and what their properties meant, is forgotten. */
  void forgetRemembered() {
    publishing.forgetRemembered();
  }

  /** Memory is short, and the client does not read. */
  void giveUpDeliveries() {
    consumers.giveUpUnwritten();
  }

  /**
   * The connection closes: carries out everything that came before, then does the given thing.
   * Answers are still sent meanwhile.
   */
  void finish(Runnable done) {
    whenIdle = done;
    waiting.press();
    noteIfIdle();
  }

  private void noteIfIdle() {
    Runnable done = whenIdle;
    if (done != null && (state != State.OPEN || waiting.isIdle())) {
      whenIdle = null;
      done.run();
    }
  }

  @Override
  public void execute(Method method, @Nullable Content content) {
    try {
      if (method instanceof BasicMethod.Publish publish && content != null) {
        publish(publish, content);
      } else {
        dispatch(method);
      }
    } catch (ChannelError error) {
      fail(named(error, method));
    } catch (ConnectionError error) {
      connection.fail(named(error, method));
    }
    connection.input().executed(isLight(method));
  }

  /** Whether it is one of those that come by the hundred thousand, and do little each. */
  private static boolean isLight(Method method) {
    return switch (method) {
      case BasicMethod.Publish _, BasicMethod.Reject _ -> true;
      case BasicMethod.Ack(_, boolean multiple) -> !multiple;
      case BasicMethod.Nack(_, boolean multiple, _) -> !multiple;
      default -> false;
    };
  }

  private void publish(BasicMethod.Publish publish, Content content) {
    try {
      publishing.publish(publish, content);
    } catch (AmqpError refusal) {
      connection.store().bodies().release(content.body());
      throw refusal;
    }
  }

  private static AmqpError named(AmqpError error, Method method) {
    return error.classId() == 0 ? error.at(method.classId(), method.methodId()) : error;
  }

  private void dispatch(Method method) {
    switch (method) {
      case BasicMethod basic -> basic(basic);
      case QueueMethod queue -> declarations.queue(queue);
      case ExchangeMethod exchange -> declarations.exchange(exchange);
      case ConfirmMethod confirm -> confirm(confirm);
      case TxMethod tx -> tx(tx);
      case ChannelMethod channel -> channel(channel);
      case AccessMethod.Request _ -> reply(new AccessMethod.RequestOk(1));
      case AccessMethod.RequestOk _, ConnectionMethod _ -> throw unexpected();
    }
  }

  private void channel(ChannelMethod method) {
    switch (method) {
      case ChannelMethod.Open _ -> throw secondOpen();
      case ChannelMethod.Close _ -> closedByClient();
      case ChannelMethod.Flow(boolean active) -> {
        if (!active) {
          throw new ConnectionError(NOT_IMPLEMENTED, "active=false");
        }
        reply(new ChannelMethod.FlowOk(true));
      }
      case ChannelMethod.FlowOk _, ChannelMethod.CloseOk _, ChannelMethod.OpenOk _ ->
          throw unexpected();
    }
  }

  private void confirm(ConfirmMethod method) {
    switch (method) {
      case ConfirmMethod.Select(boolean nowait) -> {
        if (transaction != null) {
          throw new ChannelError(PRECONDITION_FAILED, "cannot switch from tx to confirm mode");
        }
        if (confirms == null) {
          confirms = new ConfirmTracker(this::grow);
          publishing.confirm(confirms);
        }
        if (!nowait) {
          reply(new ConfirmMethod.SelectOk());
        }
      }
      case ConfirmMethod.SelectOk _ -> throw unexpected();
    }
  }

  private void tx(TxMethod method) {
    switch (method) {
      case TxMethod.Select _ -> {
        if (confirms != null) {
          throw new ChannelError(PRECONDITION_FAILED, "cannot switch from confirm to tx mode");
        }
        if (transaction == null) {
          transaction = new TxBuffer(this, publishing, deliveries);
          grow(TxBuffer.LEAST_COST);
          publishing.transact(transaction);
        }
        reply(new TxMethod.SelectOk());
      }
      case TxMethod.Commit _ -> {
        transaction().commit();
        consumers.settled();
      }
      case TxMethod.Rollback _ -> transaction().rollback();
      case TxMethod.SelectOk _, TxMethod.CommitOk _, TxMethod.RollbackOk _ -> throw unexpected();
    }
  }

  private TxBuffer transaction() {
    if (transaction == null) {
      throw new ChannelError(PRECONDITION_FAILED, "channel is not transactional");
    }
    return transaction;
  }

  private void basic(BasicMethod method) {
    switch (method) {
      case BasicMethod.Ack(long tag, boolean multiple) -> settle(tag, multiple, Settlement.ACKED);
      case BasicMethod.Nack(long tag, boolean multiple, boolean requeue) ->
          settle(tag, multiple, refusal(requeue));
      case BasicMethod.Reject(long tag, boolean requeue) -> settle(tag, false, refusal(requeue));
      case BasicMethod.Recover(boolean requeue) -> {
        recover(requeue);
        reply(new BasicMethod.RecoverOk());
      }
      case BasicMethod.RecoverAsync(boolean requeue) -> recover(requeue);
      case BasicMethod.Consume consume -> consumers.consume(consume);
      case BasicMethod.Cancel cancel -> consumers.cancel(cancel);
      case BasicMethod.Get get -> consumers.get(get);
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
          throw unexpected();
    }
  }

  private void settle(long tag, boolean multiple, Settlement settlement) {
    deliveries.settle(tag, multiple, settlement, transaction != null);
    consumers.settled();
  }

  private static Settlement refusal(boolean requeue) {
    return requeue ? Settlement.REQUEUED : Settlement.REJECTED;
  }

  private void recover(boolean requeue) {
    if (!requeue) {
      throw new ConnectionError(NOT_IMPLEMENTED, "requeue=false");
    }
    deliveries.recover();
    consumers.settled();
  }

  /** A method that only servers send, or that is not for channels. */
  static ConnectionError unexpected() {
    return new ConnectionError(COMMAND_INVALID, "unimplemented method");
  }

  // Waiting for other rooms.

  /** Parks for an operation that sets off deliveries or cancels: those come after its answer. */
  void parkBeforeDeliveries() {
    consumers.holdBack();
    park();
  }

  /** Holds back what arrives until {@link #resume()}. */
  void park() {
    waiting.park();
  }

  /** The answer is there and was dealt with: goes on with what waited. */
  void resume() {
    waiting.unpark();
    consumers.answered();
    waiting.proceed();
    noteIfIdle();
  }

  /** An alarm has ended, or something else that was waited for has happened. */
  @Override
  public void proceed() {
    waiting.proceed();
    noteIfIdle();
  }

  // Answers.

  void replyIfOpen(Method method) {
    if (isOpen()) {
      reply(method);
    }
  }

  void reply(Method method) {
    connection.send(number, method);
  }

  @Override
  public void accepted(AcceptedBatch batch) {
    connection.gate().release(batch.cost());
    if (transaction != null) {
      transaction.answered(batch);
    }
    ConfirmTracker tracker = confirms;
    if (tracker != null && state == State.OPEN) {
      for (int i = 0; i < batch.count(); i++) {
        if (batch.isRejected(i)) {
          tracker.rejected(batch.sequence(i));
        } else {
          tracker.accepted(batch.sequence(i));
        }
      }
      connection.output().confirmAtTurnEnd(this);
    }
  }

  /** Writes the confirms of this turn. */
  void writeConfirms(ByteBuf out) {
    if (confirms != null && state == State.OPEN) {
      confirms.writeAcks(out, number);
    }
  }

  SharedPrefetch sharedPrefetch() {
    return consumers.sharedPrefetch();
  }

  /** Deliveries for one of the consumers, from its queue. */
  void deliver(Subscription subscription, DeliveryBatch batch) {
    consumers.deliver(subscription, batch);
  }

  /** A queue went away under a consumer. */
  void cancelledByQueue(Subscription subscription) {
    consumers.cancelledByQueue(subscription);
  }

  // The end.

  private void closedByClient() {
    state = State.RELEASING;
    whenReleased =
        () -> {
          state = State.CLOSED;
          connection.send(number, new ChannelMethod.CloseOk());
          connection.forget(this);
        };
    release();
    noteIfIdle();
  }

  /**
   * Closes the channel for an error: everything it holds goes back to the queues, and then the
   * client is told.
   */
  void fail(AmqpError error) {
    if (state != State.OPEN) {
      return;
    }
    if (confirms != null) {
      // What was confirmed before the error is said before it.
      connection.output().writeConfirms(this);
    }
    state = State.CLOSING;
    connection.refused(number, error);
    whenReleased = () -> tell(error);
    release();
    noteIfIdle();
  }

  private void tell(AmqpError error) {
    connection.send(
        number,
        new ChannelMethod.Close(
            error.code().code(), error.text(), error.classId(), error.methodId()));
    if (crossed) {
      connection.send(number, new ChannelMethod.CloseOk());
    }
  }

  /** The connection ends: as a close, without answers to the client. */
  void end(Runnable done) {
    switch (state) {
      case OPEN -> {
        state = State.CLOSED;
        whenReleased = done;
        release();
      }
      case RELEASING, CLOSING, CLOSED -> {
        state = State.CLOSED;
        // What it held is on its way back already: that is waited for, but not told.
        if (released) {
          done.run();
        } else {
          whenReleased = done;
        }
      }
    }
  }

  private void release() {
    crossed |= waiting.drop();
    incoming.drop();
    if (transaction != null) {
      transaction.drop();
    }
    // They get nothing any more, and leave when all is back: who comes after them finds it in
    // order.
    consumers.stop();
    deliveries.returnAll(() -> consumers.release(this::released));
  }

  private void released() {
    released = true;
    whenReleased.run();
  }
}
