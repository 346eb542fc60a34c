package org.warrenmq.broker.amqp;

import static org.warrenmq.codec.ReplyCode.PRECONDITION_FAILED;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.config.BrokerConfig.ConsumerTimeout;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.loop.TimerWheel;

/**
 * A channel's acknowledgement timeout: finds the deliveries that were not acked in time, gives them
 * back to their queues and has their consumers ended, or closes the channel. Runs on the
 * connection's loop.
 *
 * <p>No delivery has a time of its own. While something awaits an ack that may come too late, a
 * timer looks every sixteenth of the shortest timeout, and marks up to which tag deliveries were
 * made by then ({@link DeliveryMarks}). So a timeout is late by two looks at most, but for long
 * ones beside short ones, and never early; a delivery costs nothing. What a transaction has settled
 * and not committed counts as not acked.
 */
final class AckTimeout {
  /** What a channel is charged with for it, in bytes, about. */
  static final int COST = 160;

  /** Of a source of deliveries that may be acked at any time. */
  static final long NONE = 0;

  /** Looks in the time of the shortest timeout. */
  private static final int LOOKS = 16;

  /** Milliseconds between two looks. */
  private static final long LEAST = 100;

  private static final long MOST = 60_000;

  /**
   * Deliveries for which looks are a millisecond further apart: they take some ten microseconds,
   * and looking must stay cheap.
   */
  private static final int CROWD = 1000;

  /** Deliveries looked at in one go. */
  private static final int SLICE = 4096;

  private final RoomLoop loop;
  private final ReadGate gate;
  private final Replies channel;
  private final DeliveryTracker deliveries;
  private final Owner owner;
  private final boolean closesChannel;
  private final DeliveryMarks marks = new DeliveryMarks();

  /** Of all that has been delivered since nothing awaited an ack, in milliseconds. */
  private long shortest = Long.MAX_VALUE;

  private TimerWheel.@Nullable Timer timer;

  /** When that is to be, on the loop's clock. */
  private long due;

  /** A look goes on with the next turn. */
  private boolean looking;

  private boolean stopped;

  /** What the gate knows of. */
  private int counted;

  /** Who is told that deliveries follow. */
  interface Watch {
    /** They have to be acked within so many milliseconds, or {@link #NONE}. */
    void watch(long millis);
  }

  /** Who has the consumers. */
  interface Owner {
    /** A consumer has not acked in time: it gets nothing any more. */
    void timedOut(Subscription subscription);

    /** Of all consumers, in milliseconds at present; {@link Long#MAX_VALUE} where none has any. */
    long shortestTimeout();

    /** Deliveries were given back. */
    void settled();
  }

  AckTimeout(Session session, Replies channel, DeliveryTracker deliveries, Owner owner) {
    this.loop = session.loop();
    this.gate = session.gate();
    this.channel = channel;
    this.deliveries = deliveries;
    this.owner = owner;
    // Who cannot be told that its consumer has ended would wait for ever.
    closesChannel =
        session.limits().consumerTimeout().action() == ConsumerTimeout.Action.CLOSE_CHANNEL
            || !session.client().wantsCancelNotifications();
  }

  /** Deliveries follow that have to be acked within so many milliseconds. */
  void watch(long millis) {
    if (millis >= shortest && (timer != null || looking)) {
      return;
    }
    shortest = Math.min(shortest, millis);
    if (!looking && !stopped) {
      lookLater();
    }
  }

  private void lookLater() {
    long crowd = deliveries.outstanding().size() / CROWD;
    long next = loop.clock().millis() + Math.clamp(shortest / LOOKS, LEAST, MOST) + crowd;
    if (timer != null) {
      if (due <= next) {
        return;
      }
      timer.cancel();
    }
    due = next;
    timer = loop.timers().at(next, this::look);
  }

  private void look() {
    timer = null;
    looking = true;
    long now = TimeUnit.NANOSECONDS.toMillis(loop.clock().nanos());
    marks.add(now, deliveries.lastTag());
    // A policy may have made one shorter since.
    shortest = Math.min(shortest, owner.shortestTimeout());
    count();
    lookAfter(0, now);
  }

  /** Looks at the deliveries after a tag, oldest first; at many of them in several turns. */
  private void lookAfter(long tag, long now) {
    if (stopped) {
      return;
    }
    DeliveryRing ring = deliveries.outstanding();
    int entry = ring.upTo(tag);
    int end = Math.min(ring.size(), entry + SLICE);
    boolean more = end < ring.size();
    boolean gaveBack = false;
    long last = tag;
    marks.rewind();
    for (; entry < end; entry++) {
      last = ring.tag(entry);
      long age = now - marks.givenBy(last);
      if (age < shortest) {
        // As all after it.
        more = false;
        break;
      }
      long timeout = timeout(ring.source(entry));
      if (timeout != NONE && age >= timeout) {
        if (closesChannel) {
          channel.fail(tooLate(timeout));
          return;
        }
        giveBack(entry);
        gaveBack = true;
      }
    }
    if (gaveBack) {
      deliveries.tidy();
      owner.settled();
    }
    long looked = last;
    if (more) {
      loop.send(loop, () -> lookAfter(looked, now));
    } else {
      looking = false;
      looked();
    }
  }

  private static long timeout(@Nullable Object source) {
    return switch (source) {
      case Subscription subscription -> subscription.ackTimeout();
      case DeliveryTracker.Taken taken -> taken.ackTimeout();
      case null, default -> NONE;
    };
  }

  private ChannelError tooLate(long timeout) {
    return new ChannelError(
        PRECONDITION_FAILED,
        ("delivery acknowledgement on channel %d timed out. Timeout value used: %d ms. "
                + "This timeout value can be configured, see consumers doc guide to learn more")
            .formatted(channel.number(), timeout));
  }

  private void giveBack(int entry) {
    if (deliveries.outstanding().source(entry) instanceof Subscription subscription) {
      // First, or its queue would deliver to it once more.
      owner.timedOut(subscription);
    }
    deliveries.giveBack(entry);
  }

  private void looked() {
    DeliveryRing ring = deliveries.outstanding();
    if (ring.size() == 0) {
      shortest = Long.MAX_VALUE;
      marks.clear();
    } else {
      marks.forgetBefore(ring.tag(0));
      lookLater();
    }
    count();
  }

  private void count() {
    int cost = marks.cost();
    if (cost != counted) {
      gate.keep(cost - counted);
      counted = cost;
    }
  }

  /** The channel ends: everything goes back anyway. */
  void stop() {
    stopped = true;
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
    marks.clear();
    count();
  }
}
