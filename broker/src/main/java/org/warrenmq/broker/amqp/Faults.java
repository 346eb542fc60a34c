package org.warrenmq.broker.amqp;

import static org.warrenmq.codec.ReplyCode.COMMAND_INVALID;

import org.warrenmq.codec.AmqpError;
import org.warrenmq.codec.ConnectionError;

/** Where a connection's faults are dealt with. On the connection's loop. */
interface Faults {
  /** A channel was closed for an error of the client's. */
  void refused(int channel, AmqpError error);

  /** A consumer was ended that had not acked a delivery within so many milliseconds. */
  void timedOut(int channel, String consumerTag, long millis);

  /** Closes the connection for an error. */
  void fail(AmqpError error);

  /** Closes the connection for a fault of the broker's own. */
  void failInside(RuntimeException fault);

  /** A method that only servers send, or that is not for channels. */
  static ConnectionError unexpectedMethod() {
    return new ConnectionError(COMMAND_INVALID, "unimplemented method");
  }
}
