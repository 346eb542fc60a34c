package org.warrenmq.broker.amqp;

import static org.warrenmq.codec.ReplyCode.CHANNEL_ERROR;
import static org.warrenmq.codec.ReplyCode.COMMAND_INVALID;
import static org.warrenmq.codec.ReplyCode.NOT_ALLOWED;
import static org.warrenmq.codec.ReplyCode.UNEXPECTED_FRAME;

import io.netty.util.collection.IntObjectHashMap;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.node.Facts;
import org.warrenmq.broker.auth.User;
import org.warrenmq.broker.topology.VirtualHost;
import org.warrenmq.codec.ChannelMethod;
import org.warrenmq.codec.ConnectionError;
import org.warrenmq.codec.ConnectionMethod;
import org.warrenmq.codec.Method;

/** The channels of an open connection, by number. Runs on the connection's loop. */
final class Channels implements Channel.Numbers {
  private final Session session;
  private final int most;
  private final IntObjectHashMap<Channel> byNumber = new IntObjectHashMap<>(4);

  /** The one a frame came for last: mostly the next one is for it, too. */
  private @Nullable Channel latest;

  /**
   * @param channelMax how many there may be, as negotiated: it bounds the count, not the numbers
   */
  Channels(Session session, int channelMax) {
    this.session = session;
    this.most = channelMax;
  }

  private @Nullable Channel find(int number) {
    Channel known = latest;
    if (known == null || known.number() != number) {
      known = byNumber.get(number);
      latest = known;
    }
    return known;
  }

  /** What they work in. */
  VirtualHost vhost() {
    return session.vhost();
  }

  /** Who works there. */
  User user() {
    return session.user();
  }

  /** What that is. */
  Client client() {
    return session.client();
  }

  /** What the administration shows of them, by number. */
  List<Facts.Channel> facts() {
    return byNumber.values().stream()
        .map(Channel::facts)
        .sorted(Comparator.comparingInt(Facts.Channel::number))
        .toList();
  }

  /** Takes a method to its channel, or opens one. */
  void method(int number, Method method) {
    Channel channel = find(number);
    if (channel != null) {
      channel.method(method);
    } else if (method instanceof ChannelMethod.Open) {
      open(number);
    } else if (method instanceof ConnectionMethod) {
      throw new ConnectionError(
          COMMAND_INVALID, "unimplemented method", method.classId(), method.methodId());
    } else {
      throw new ConnectionError(
          CHANNEL_ERROR, "expected 'channel.open'", method.classId(), method.methodId());
    }
  }

  private void open(int number) {
    if (byNumber.size() >= most) {
      throw new ConnectionError(
          NOT_ALLOWED,
          "number of channels opened (%d) has reached the negotiated channel_max (%d)"
              .formatted(byNumber.size(), most));
    }
    session.presence().openChannel();
    byNumber.put(number, new Channel(session, number, this));
    session.output().send(number, new ChannelMethod.OpenOk());
  }

  /** The channel whose content arrives. */
  Channel forContent(int number) {
    Channel channel = find(number);
    if (channel == null) {
      throw new ConnectionError(
          UNEXPECTED_FRAME, "expected method frame, got non method frame instead");
    }
    return channel;
  }

  @Override
  public void free(Channel channel) {
    latest = null;
    if (byNumber.remove(channel.number(), channel)) {
      channel.giveBackCost();
      session.presence().closeChannel();
    }
  }

  /** The alarm has ended: publishes that waited go on. */
  void unblock() {
    if (session.blocking().end()) {
      session.gate().uploadWaits(false);
      proceed();
    }
  }

  /** Something that methods wait for may have happened. */
  void proceed() {
    forEach(Channel::proceed);
  }

  /** Forgets what is remembered for speed only. */
  void forgetRemembered() {
    session.access().forget();
    forEach(Channel::forgetRemembered);
  }

  /** What waits for a client that does not read goes back to its queues. */
  void giveUpDeliveries() {
    forEach(Channel::giveUpDeliveries);
  }

  /** Channels may close meanwhile. */
  private void forEach(Consumer<Channel> action) {
    new ArrayList<>(byNumber.values()).forEach(action);
  }

  /** Lets each finish what it was told before; {@code done} runs when all have. */
  void finish(Runnable done) {
    List<Channel> finishing = new ArrayList<>(byNumber.values());
    Runnable one = afterCalls(finishing.size() + 1, done);
    finishing.forEach(channel -> channel.finish(one));
    one.run();
  }

  /** Ends all of them; {@code done} runs when what they held is back with the queues. */
  void end(Runnable done) {
    List<Channel> ending = new ArrayList<>(byNumber.values());
    byNumber.clear();
    latest = null;
    session.presence().leave();
    ending.forEach(Channel::giveBackCost);
    Runnable one = afterCalls(ending.size() + 1, done);
    ending.forEach(channel -> channel.end(one));
    one.run();
  }

  private static Runnable afterCalls(int calls, Runnable done) {
    int[] remaining = {calls};
    return () -> {
      if (--remaining[0] == 0) {
        done.run();
      }
    };
  }
}
