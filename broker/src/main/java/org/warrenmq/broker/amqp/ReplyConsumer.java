package org.warrenmq.broker.amqp;

import org.warrenmq.codec.WireString;
import org.warrenmq.engine.loop.NodeMemory.Level;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.message.Message;

/**
 * A channel's consumer of direct replies. Its name may be used anywhere; it delivers on its
 * connection's loop.
 */
final class ReplyConsumer implements ReplyRoutes.Recipient {
  /**
   * Bytes unread by the client from which on replies are dropped: they are delivered at most once,
   * and a client that reads nothing must not fill the broker.
   */
  private static final long MAX_UNREAD = 16L << 20;

  /** The same while memory is short. */
  private static final long LITTLE_UNREAD = 1L << 20;

  /** What it takes beside its tag, with its name's place among the routes, in bytes, about. */
  private static final int LEAST_COST = 512;

  private final Session session;
  private final Replies channel;
  private final DeliveryTracker deliveries;
  private final String name = ReplyRoutes.newName();
  private final String tag;
  private final byte[] encodedTag;

  ReplyConsumer(Session session, Replies channel, DeliveryTracker deliveries, String tag) {
    this.session = session;
    this.channel = channel;
    this.deliveries = deliveries;
    this.tag = tag;
    this.encodedTag = WireString.shortString(tag);
  }

  /** What the channel is charged with for it, in bytes, about. */
  int cost() {
    return LEAST_COST + 3 * encodedTag.length;
  }

  @Override
  public String name() {
    return name;
  }

  String tag() {
    return tag;
  }

  @Override
  public void send(RoomLoop from, Message message) {
    from.send(session.loop(), () -> deliver(message));
  }

  private boolean isUnread() {
    boolean isShort = session.loop().account().node().isAtLeast(Level.SLOWING);
    return session.output().unread() > (isShort ? LITTLE_UNREAD : MAX_UNREAD);
  }

  private void deliver(Message message) {
    if (!channel.isOpen() || isUnread()) {
      session.store().bodies().release(message.content().body());
      return;
    }
    session
        .messages()
        .deliver(channel.number(), encodedTag, deliveries.untracked(), false, message);
  }
}
