package org.warrenmq.broker.amqp;

import static org.warrenmq.codec.ReplyCode.CHANNEL_ERROR;
import static org.warrenmq.codec.ReplyCode.NOT_IMPLEMENTED;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.node.Facts;
import org.warrenmq.broker.auth.Verdict;
import org.warrenmq.broker.auth.Wish;
import org.warrenmq.codec.AmqpError;
import org.warrenmq.codec.BasicMethod;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.ChannelMethod;
import org.warrenmq.codec.ConnectionError;
import org.warrenmq.codec.Content;
import org.warrenmq.codec.Method;

/**
 * One channel of a connection: puts the frames of its contents together, has its methods carried
 * out in order, and is closed by either side. Runs on the connection's loop.
 *
 * <p>While a part waits for another room (a declare, a get) the channel is <em>parked</em>: what
 * arrives for it meanwhile waits, so replies keep the order of their requests and every method sees
 * the effects of those before it. After a close it takes no more work, and gives back what was
 * still on its way to it.
 */
final class Channel implements Replies, WaitingMethods.Executor {
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

  private final Session session;
  private final int number;
  private final Numbers numbers;
  private final WaitingMethods waiting;
  private final ChannelMethods methods;
  private State state = State.OPEN;

  /** Null until something is published. */
  private @Nullable IncomingPublish incoming;

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

  /** Who has the channels of a connection by number. */
  interface Numbers {
    /** A channel is closed for good; its number is free. */
    void free(Channel channel);
  }

  Channel(Session session, int number, Numbers numbers) {
    this.session = session;
    this.number = number;
    this.numbers = numbers;
    waiting = new WaitingMethods(session, this);
    methods = new ChannelMethods(session, this);
    grow(COST);
  }

  @Override
  public void grow(int bytes) {
    if (counted) {
      cost += bytes;
      session.gate().keep(bytes);
    }
  }

  /** The channel is there no longer; what still changes in it is of no matter. */
  void giveBackCost() {
    counted = false;
    session.gate().keep(-cost);
  }

  /** What the administration shows of it. */
  Facts.Channel facts() {
    return methods.facts();
  }

  @Override
  public int number() {
    return number;
  }

  @Override
  public boolean isOpen() {
    return state == State.OPEN;
  }

  @Override
  public boolean isTransactional() {
    return methods.isTransactional();
  }

  // What arrives.

  /** A method frame of this channel. */
  void method(Method method) {
    if (state != State.OPEN) {
      whileClosing(method);
      return;
    }
    if (incoming != null) {
      incoming.checkMethod();
    }
    if (method instanceof BasicMethod.Publish publish) {
      incoming().begin(publish);
    } else {
      waiting.take(method, null);
    }
  }

  private void whileClosing(Method method) {
    switch (method) {
      case ChannelMethod.Open _ -> throw named(secondOpen(), method);
      case ChannelMethod.CloseOk _ when state == State.CLOSING && released -> numbers.free(this);
      case ChannelMethod.Close _ when state == State.CLOSING -> {
        if (released) {
          session.output().send(number, new ChannelMethod.CloseOk());
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

  private IncomingPublish incoming() {
    IncomingPublish present = incoming;
    if (present == null) {
      present = new IncomingPublish(session);
      incoming = present;
    }
    return present;
  }

  /** A content header frame. */
  void header(int classId, int weight, long bodySize, ByteBuf properties) {
    if (state != State.OPEN) {
      return;
    }
    try {
      content(incoming().header(classId, weight, bodySize, properties));
    } catch (ChannelError error) {
      fail(error.at(BasicMethod.CLASS_ID, BasicMethod.Publish.ID));
    }
  }

  /** A body frame. */
  void body(ByteBuf payload) {
    if (state == State.OPEN) {
      content(incoming().body(payload));
    }
  }

  private void content(@Nullable Content whole) {
    if (whole != null) {
      waiting.take(incoming().take(), whole);
    }
  }

  /** Memory is short: where publishes went, and what their properties meant, is forgotten. */
  void forgetRemembered() {
    methods.forgetRemembered();
  }

  /** Memory is short, and the client does not read. */
  void giveUpDeliveries() {
    methods.giveUpDeliveries();
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
        methods.publish(publish, content);
      } else if (method instanceof ChannelMethod ofChannel) {
        carryOut(ofChannel);
      } else {
        methods.carryOut(method);
      }
    } catch (AmqpError error) {
      fail(named(error, method));
    } catch (Undecided open) {
      ask(open.wish(), method, content);
    }
    session.input().executed(isLight(method));
  }

  /** Parks until somebody else has said whether a method may be carried out. */
  private void ask(Wish wish, Method method, @Nullable Content content) {
    park();
    waiting.putBack(method, content);
    session
        .access()
        .ask(wish)
        .exceptionally(Channel::unknown)
        .thenAccept(verdict -> session.loop().post(() -> answered(wish, verdict, method)));
  }

  private static Verdict unknown(Throwable cause) {
    return new Verdict.Failed("of this user", cause.getClass().getSimpleName());
  }

  private void answered(Wish wish, Verdict verdict, Method method) {
    if (verdict instanceof Verdict.Allowed) {
      session.access().remember(wish);
    } else {
      fail(named(session.access().refusal(wish, verdict), method));
    }
    resume();
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

  private static AmqpError named(AmqpError error, Method method) {
    return error.classId() == 0 ? error.at(method.classId(), method.methodId()) : error;
  }

  private void carryOut(ChannelMethod method) {
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
          throw Faults.unexpectedMethod();
    }
  }

  // Waiting for other rooms.

  @Override
  public void parkBeforeDeliveries() {
    methods.holdBackDeliveries();
    park();
  }

  @Override
  public void park() {
    waiting.park();
  }

  @Override
  public void resume() {
    waiting.unpark();
    methods.answered();
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

  @Override
  public void replyIfOpen(Method method) {
    if (isOpen()) {
      reply(method);
    }
  }

  @Override
  public void reply(Method method) {
    session.output().send(number, method);
  }

  // The end.

  private void closedByClient() {
    methods.writeConfirms();
    state = State.RELEASING;
    whenReleased =
        () -> {
          state = State.CLOSED;
          session.output().send(number, new ChannelMethod.CloseOk());
          numbers.free(this);
        };
    release();
    noteIfIdle();
  }

  @Override
  public void fail(AmqpError error) {
    switch (error) {
      case ChannelError ofChannel -> close(ofChannel);
      case ConnectionError ofConnection -> session.faults().fail(ofConnection);
    }
  }

  /** Everything it holds goes back to the queues, and then the client is told. */
  private void close(ChannelError error) {
    if (state != State.OPEN) {
      return;
    }
    methods.writeConfirms();
    state = State.CLOSING;
    session.faults().refused(number, error);
    whenReleased = () -> tell(error);
    release();
    noteIfIdle();
  }

  private void tell(AmqpError error) {
    session
        .output()
        .send(
            number,
            new ChannelMethod.Close(
                error.code().code(), error.text(), error.classId(), error.methodId()));
    if (crossed) {
      session.output().send(number, new ChannelMethod.CloseOk());
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
    if (incoming != null) {
      incoming.drop();
    }
    methods.release(this::released);
  }

  private void released() {
    released = true;
    whenReleased.run();
  }
}
