package org.warrenmq.codec;

/**
 * A method of AMQP 0-9-1 with RabbitMQ's additions. Immutable, any thread.
 *
 * <p>Component names are those of the specification; reserved fields (tickets and the like) are
 * written as zero and ignored when read.
 */
public sealed interface Method
    permits BasicMethod,
        ConnectionMethod,
        ChannelMethod,
        AccessMethod,
        ExchangeMethod,
        QueueMethod,
        ConfirmMethod,
        TxMethod {

  /** Id of the method's class. */
  int classId();

  /** Id of the method within its class. */
  int methodId();

  /** Whether a content header and body follow. */
  default boolean hasContent() {
    return false;
  }
}
