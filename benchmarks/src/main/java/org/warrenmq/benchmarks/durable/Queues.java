package org.warrenmq.benchmarks.durable;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;

/** Questions and wishes about durable queues that several programs have; for any thread. */
final class Queues {
  private Queues() {}

  static void declare(Channel channel, String queue) throws IOException {
    channel.queueDeclare(queue, true, false, false, null);
  }

  /** Fails unless the queue exists and holds so many messages. */
  static void expectCount(Channel channel, String queue, long expected)
      throws IOException, BrokenPromise {
    long found;
    try {
      found = channel.queueDeclarePassive(queue).getMessageCount();
    } catch (IOException e) {
      if (isNotFound(e)) {
        throw new BrokenPromise(queue + " is gone; it had %,d messages".formatted(expected));
      }
      throw e;
    }
    if (found != expected) {
      throw new BrokenPromise(
          "%s has %,d messages instead of %,d".formatted(queue, found, expected));
    }
  }

  private static boolean isNotFound(IOException problem) {
    return problem.getCause() instanceof ShutdownSignalException signal
        && signal.getReason() instanceof AMQP.Channel.Close close
        && close.getReplyCode() == AMQP.NOT_FOUND;
  }
}
