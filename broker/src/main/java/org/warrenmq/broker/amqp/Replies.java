package org.warrenmq.broker.amqp;

import org.warrenmq.codec.AmqpError;
import org.warrenmq.codec.Method;

/**
 * A channel as its parts see it: they answer its client, close it for an error, and hold its
 * methods back while another room is asked. On the connection's loop.
 */
interface Replies {
  int number();

  /** False once either side closes it: then nothing is answered any more. */
  boolean isOpen();

  void reply(Method method);

  void replyIfOpen(Method method);

  /** Closes the channel for an error, or the connection if it is one of that kind. */
  void fail(AmqpError error);

  /** Holds back what arrives until {@link #resume()}. */
  void park();

  /** Parks for an operation that sets off deliveries or cancels: those come after its answer. */
  void parkBeforeDeliveries();

  /** The answer is there and was dealt with: goes on with what waited. */
  void resume();

  /** The channel takes so much more memory as long as it is there, or less when negative. */
  void grow(int bytes);
}
