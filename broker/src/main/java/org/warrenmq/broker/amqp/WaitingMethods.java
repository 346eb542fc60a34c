package org.warrenmq.broker.amqp;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.BasicMethod;
import org.warrenmq.codec.ChannelMethod;
import org.warrenmq.codec.Content;
import org.warrenmq.codec.ExchangeMethod;
import org.warrenmq.codec.Method;
import org.warrenmq.codec.QueueMethod;
import org.warrenmq.codec.TxMethod;

/**
 * A channel's methods that have to wait: while the channel is <em>parked</em>, since a part asked
 * another room (a declare, a get), all of them; during an alarm publishes, and what must see their
 * effect; and gets by a client that has not read what it got before. The read gate is charged with
 * what waits. Runs on the connection's loop.
 */
final class WaitingMethods {
  /** What a waiting method is charged with beside its arguments and its content. */
  private static final int COST = 256;

  /** The same for one with up to three names of 255 octets. */
  private static final int NAMED = 1024;

  /** Methods carried out between two looks at the clock; a power of two. */
  private static final int LOOK = 16;

  private final Session session;
  private final Executor channel;

  /** Null while there are none. */
  private @Nullable ArrayDeque<Waiting> waiting;

  private boolean parked;

  /** It is others' turn, before what waits is carried out. */
  private boolean yields;

  /** How many consumes and gets wait. */
  private int consumes;

  private int gets;

  private int carriedOut;

  /** How many of those that wait decide what a settlement behind them means. */
  private int settling;

  /** The client closes: publishes no longer wait for an alarm to end, none is lost by closing. */
  private boolean pressing;

  /** The channel, which carries methods out while it is open. */
  interface Executor {
    boolean isOpen();

    boolean isTransactional();

    void execute(Method method, @Nullable Content content);

    /** Goes on with what waits. */
    void proceed();
  }

  private record Waiting(Method method, @Nullable Content content) {
    long cost() {
      return WaitingMethods.cost(method) + (content == null ? 0 : content.sizeInMemory());
    }
  }

  WaitingMethods(Session session, Executor channel) {
    this.session = session;
    this.channel = channel;
  }

  /** What a method is charged with while it, or its answer, is waited for; without content. */
  static long cost(Method method) {
    return switch (method) {
      case QueueMethod.Declare declare -> NAMED + declare.arguments().sizeInMemory();
      case QueueMethod.Bind bind -> NAMED + bind.arguments().sizeInMemory();
      case QueueMethod.Unbind unbind -> NAMED + unbind.arguments().sizeInMemory();
      case ExchangeMethod.Declare declare -> NAMED + declare.arguments().sizeInMemory();
      case ExchangeMethod.Bind bind -> NAMED + bind.arguments().sizeInMemory();
      case ExchangeMethod.Unbind unbind -> NAMED + unbind.arguments().sizeInMemory();
      case BasicMethod.Consume consume -> NAMED + consume.arguments().sizeInMemory();
      default -> COST;
    };
  }

  /** A complete method: executed now, or after those that wait. */
  void take(Method method, @Nullable Content content) {
    if (method instanceof ChannelMethod.Close && !parked) {
      press();
    }
    if (parked || mustWait(method)) {
      Waiting later = new Waiting(method, content);
      queue().add(later);
      count(method, 1);
      settling += bindsSettlements(method) ? 1 : 0;
      session.gate().park(later.cost());
      pressing |= method instanceof ChannelMethod.Close;
    } else {
      channel.execute(method, content);
    }
  }

  /** The channel is parked, and a method is to be carried out again when it goes on. */
  void putBack(Method method, @Nullable Content content) {
    Waiting again = new Waiting(method, content);
    queue().addFirst(again);
    count(method, 1);
    settling += bindsSettlements(method) ? 1 : 0;
    session.gate().park(again.cost());
  }

  /**
   * Settlements pass an alarm: they are what makes it end. But not where they belong to a
   * transaction, or come after something that settles. Cancels pass, but for that of a consumer
   * that waits itself.
   */
  private boolean mustWait(Method method) {
    return switch (method) {
      case BasicMethod.Publish _ -> somethingWaits() || session.blocking().publishesWait();
      case BasicMethod.Get _ -> somethingWaits() || session.output().isFull();
      case BasicMethod.Ack(long tag, _) -> settlementWaits(tag);
      case BasicMethod.Nack(long tag, _, _) -> settlementWaits(tag);
      case BasicMethod.Reject(long tag, _) -> settlementWaits(tag);
      case BasicMethod.Cancel _ ->
          somethingWaits() && (consumes > 0 || !session.blocking().isAlarmed());
      default -> somethingWaits();
    };
  }

  private boolean somethingWaits() {
    return waiting != null && !waiting.isEmpty();
  }

  private ArrayDeque<Waiting> queue() {
    ArrayDeque<Waiting> queue = waiting;
    if (queue == null) {
      queue = new ArrayDeque<>(2);
      waiting = queue;
    }
    return queue;
  }

  private boolean settlementWaits(long tag) {
    if (!somethingWaits()) {
      return false;
    }
    return channel.isTransactional() || settling > 0 || (tag == 0 && gets > 0);
  }

  private static boolean bindsSettlements(Method method) {
    return switch (method) {
      case TxMethod _,
          BasicMethod.Recover _,
          BasicMethod.RecoverAsync _,
          BasicMethod.Ack _,
          BasicMethod.Nack _,
          BasicMethod.Reject _ ->
          true;
      default -> false;
    };
  }

  private void count(Method method, int more) {
    switch (method) {
      case BasicMethod.Consume _ -> consumes += more;
      case BasicMethod.Get _ -> gets += more;
      default -> {
        // Nobody asks for others.
      }
    }
  }

  /** Carries out what waits, alarm or not, as far as no other room has to be waited for. */
  void press() {
    pressing = true;
    if (!parked) {
      proceed();
    }
  }

  /** Holds back what arrives until {@link #unpark}. */
  void park() {
    parked = true;
  }

  /** The answer is there and was dealt with: what waited may go on. */
  void unpark() {
    parked = false;
  }

  /** Carries out what waited, until something has to wait again. */
  void proceed() {
    Waiting next;
    while (!parked && !yields && (next = next()) != null && !isHeldUp(next.method)) {
      queue().remove();
      count(next.method, -1);
      settling -= bindsSettlements(next.method) ? 1 : 0;
      session.gate().park(-next.cost());
      if (channel.isOpen() && !isPointless(next.method)) {
        channel.execute(next.method, next.content);
      } else {
        forget(next);
      }
      if (session.loop().isFull() || (++carriedOut & LOOK - 1) == 0 && isBehind()) {
        yieldToOthers();
      }
    }
    if (waiting != null && waiting.isEmpty()) {
      // It may have become long.
      waiting = null;
    }
  }

  private boolean isBehind() {
    return session.loop().isBehind(false);
  }

  /** What was carried out has set off much: the rest waits for a turn to do that. */
  private void yieldToOthers() {
    yields = true;
    session
        .loop()
        .whenCaughtUp(
            () -> {
              yields = false;
              channel.proceed();
            });
  }

  private @Nullable Waiting next() {
    return waiting == null ? null : waiting.peek();
  }

  private boolean isHeldUp(Method method) {
    return !pressing
        && switch (method) {
          case BasicMethod.Publish _ -> session.blocking().publishesWait();
          case BasicMethod.Get _ -> session.output().isFull();
          default -> false;
        };
  }

  /** The client closes, and does not read what it asks for. */
  private boolean isPointless(Method method) {
    return pressing && method instanceof BasicMethod.Get && session.output().isFull();
  }

  /** True when nothing waits, for an answer or an alarm. */
  boolean isIdle() {
    return !parked && !somethingWaits();
  }

  /**
   * The channel ends: nothing of it is carried out.
   *
   * @return whether the client's close was among it, which has to be answered all the same
   */
  boolean drop() {
    boolean closes = false;
    settling = 0;
    consumes = 0;
    gets = 0;
    Waiting dropped;
    while (waiting != null && (dropped = waiting.poll()) != null) {
      session.gate().park(-dropped.cost());
      closes |= dropped.method instanceof ChannelMethod.Close;
      forget(dropped);
    }
    waiting = null;
    return closes;
  }

  private void forget(Waiting dropped) {
    if (dropped.content != null) {
      session.store().bodies().release(dropped.content.body());
    }
  }
}
