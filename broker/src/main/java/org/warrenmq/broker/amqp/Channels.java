package org.warrenmq.broker.amqp;

import static org.warrenmq.codec.ReplyCode.CHANNEL_ERROR;
import static org.warrenmq.codec.ReplyCode.COMMAND_INVALID;
import static org.warrenmq.codec.ReplyCode.NOT_ALLOWED;
import static org.warrenmq.codec.ReplyCode.UNEXPECTED_FRAME;

import io.netty.util.collection.IntObjectHashMap;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.warrenmq.codec.ChannelMethod;
import org.warrenmq.codec.ConnectionError;
import org.warrenmq.codec.ConnectionMethod;
import org.warrenmq.codec.Method;

/** The channels of one connection, by number. Runs on the connection's loop. */
final class Channels {
  private final AmqpConnection connection;
  private final IntObjectHashMap<Channel> byNumber = new IntObjectHashMap<>(4);
  private int most;

  Channels(AmqpConnection connection) {
    this.connection = connection;
  }

  /**
   * Sets how many there may be: the negotiated channel_max. It bounds the count, not the numbers.
   */
  void atMost(int channelMax) {
    most = channelMax;
  }

  /** Takes a method to its channel, or opens one. */
  void method(int number, Method method) {
    Channel channel = byNumber.get(number);
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
    byNumber.put(number, new Channel(connection, number));
    connection.send(number, new ChannelMethod.OpenOk());
  }

  /** The channel whose content arrives. */
  Channel forContent(int number) {
    Channel channel = byNumber.get(number);
    if (channel == null) {
      throw new ConnectionError(
          UNEXPECTED_FRAME, "expected method frame, got non method frame instead");
    }
    return channel;
  }

  /** A channel is closed for good; its number is free. */
  void forget(Channel channel) {
    if (byNumber.remove(channel.number(), channel)) {
      channel.giveBackCost();
    }
  }

  /** Does something with each; channels may close meanwhile. */
  void forEach(Consumer<Channel> action) {
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
