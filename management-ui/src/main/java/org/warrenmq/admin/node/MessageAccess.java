package org.warrenmq.admin.node;

import java.util.List;
import org.warrenmq.codec.AmqpError;
import org.warrenmq.codec.Properties;

/**
 * Publishes single messages and takes some out of a queue, as the caller might by AMQP. Asked on
 * threads that may wait; refusals are {@link AmqpError}s.
 */
public interface MessageAccess {
  /** What became of a message. */
  enum Outcome {
    ROUTED,
    UNROUTABLE,
    /** A queue refused it. */
    REJECTED,
    /** Publishers have to wait just now, or no queue has answered in time. */
    TOO_BUSY
  }

  /** Publishes, and waits until all queues have said what they do with it. */
  Outcome publish(
      Caller by,
      String vhost,
      String exchange,
      String routingKey,
      Properties properties,
      byte[] payload);

  /** What happens to messages that were got. */
  enum AckMode {
    ACK_REQUEUE_TRUE,
    ACK_REQUEUE_FALSE,
    REJECT_REQUEUE_TRUE,
    REJECT_REQUEUE_FALSE
  }

  /**
   * A message that was got.
   *
   * @param payload its first octets
   * @param size how many it has
   * @param remaining ready messages behind it
   */
  record Got(
      String exchange,
      String routingKey,
      boolean redelivered,
      long remaining,
      Properties properties,
      byte[] payload,
      long size) {}

  /**
   * Gets messages from the front of a queue.
   *
   * @param count at most so many; fewer when they are large
   * @param truncate octets of each payload that are wanted
   */
  List<Got> get(Caller by, String vhost, String queue, int count, AckMode mode, int truncate);
}
