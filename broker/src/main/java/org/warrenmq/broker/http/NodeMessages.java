package org.warrenmq.broker.http;

import static org.warrenmq.codec.ReplyCode.PRECONDITION_FAILED;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.warrenmq.admin.node.Caller;
import org.warrenmq.admin.node.MessageAccess;
import org.warrenmq.broker.amqp.OperatorMessages;
import org.warrenmq.broker.amqp.OperatorMessages.Taken;
import org.warrenmq.broker.topology.QueueEntry;
import org.warrenmq.broker.topology.Refusal;
import org.warrenmq.broker.topology.Topology;
import org.warrenmq.broker.topology.VirtualHost;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.Content;
import org.warrenmq.codec.Properties;
import org.warrenmq.engine.queue.Settlement;

/** Messages that callers publish and get. Immutable; asked on threads that may wait. */
public final class NodeMessages implements MessageAccess {
  /** Octets of payloads in one answer: what is beyond is left where it is. */
  private static final long MOST_OCTETS = 16L << 20;

  private static final int MOST_MESSAGES = 10_000;

  /** Octets of properties: by AMQP they fit in one frame, to their consumers, too. */
  private static final int MOST_PROPERTIES = 131_072 - 22;

  /** After which nobody waits for queues any more. */
  private static final long SECONDS = 10;

  private final Topology topology;
  private final OperatorMessages messages;

  public NodeMessages(Topology topology, OperatorMessages messages) {
    this.topology = topology;
    this.messages = messages;
  }

  private VirtualHost vhost(String name) {
    VirtualHost vhost = topology.vhost(name);
    if (vhost == null) {
      throw Refusal.noVhost(name);
    }
    return vhost;
  }

  @Override
  public Outcome publish(
      Caller by,
      String vhostName,
      String exchange,
      String routingKey,
      Properties properties,
      byte[] payload) {
    VirtualHost vhost = vhost(vhostName);
    new CallerAccess(by, vhost).checkPublish(exchange, routingKey);
    byte[] encoded = properties.encode();
    if (encoded.length > MOST_PROPERTIES) {
      throw new ChannelError(
          PRECONDITION_FAILED,
          "the properties have more than %d octets".formatted(MOST_PROPERTIES));
    }
    CompletableFuture<Outcome> outcome =
        messages.publish(vhost, CallerAccess.user(by), exchange, routingKey, encoded, payload);
    return Answers.await(outcome.completeOnTimeout(Outcome.TOO_BUSY, SECONDS, TimeUnit.SECONDS));
  }

  @Override
  public List<Got> get(
      Caller by, String vhostName, String name, int count, AckMode mode, int truncate) {
    VirtualHost vhost = vhost(vhostName);
    new CallerAccess(by, vhost).checkReadQueue(name);
    QueueEntry queue = NodeChanges.open(vhost, name);
    boolean forGood = mode == AckMode.ACK_REQUEUE_FALSE;
    List<Got> got = new ArrayList<>();
    List<Long> positions = new ArrayList<>();
    long octets = 0;
    try {
      while (got.size() < Math.min(count, MOST_MESSAGES) && octets < MOST_OCTETS) {
        Taken taken = Answers.await(messages.get(queue, forGood, truncate));
        if (taken == null) {
          break;
        }
        positions.add(taken.got().position());
        octets += taken.head().length;
        got.add(shown(taken));
      }
    } finally {
      // The first must not come again as the second: all of them go back together.
      if (!forGood && !positions.isEmpty()) {
        messages.settle(
            queue, positions.stream().mapToLong(Long::longValue).toArray(), settlement(mode));
      }
    }
    return got;
  }

  private static Settlement settlement(AckMode mode) {
    return switch (mode) {
      case ACK_REQUEUE_TRUE, REJECT_REQUEUE_TRUE -> Settlement.REQUEUED;
      case REJECT_REQUEUE_FALSE -> Settlement.REJECTED;
      case ACK_REQUEUE_FALSE -> Settlement.ACKED;
    };
  }

  private static Got shown(Taken taken) {
    Content content = taken.got().message().shown();
    return new Got(
        taken.got().message().exchange(),
        taken.got().message().routingKey(),
        taken.got().redelivered(),
        taken.got().remaining(),
        Properties.decode(content.properties()),
        taken.head(),
        content.bodySize());
  }
}
