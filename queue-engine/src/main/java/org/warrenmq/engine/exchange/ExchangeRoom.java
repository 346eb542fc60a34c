package org.warrenmq.engine.exchange;

import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.queue.QueueAddress;
import org.warrenmq.engine.queue.QueueCommand;

/** What an exchange keeps, in a room of its own: published to as a queue is, and no queue. */
public sealed interface ExchangeRoom extends QueueAddress.Resident
    permits Delays, Deduplication, History {
  QueueAddress address();

  /** It came back at a start, and where it leads is back, too. Any thread. */
  void start();

  /** A hidden queue: nobody can consume from it. */
  @Override
  default void accept(QueueCommand command) {
    switch (command) {
      case QueueCommand.Publish(_, Message message, Publisher publisher, long sequence) ->
          publish(message, publisher, sequence, QueueCommand.Publish.cost(message));
      case QueueCommand.Halt _ -> halt();
      default -> throw new IllegalStateException(command + " to what an exchange keeps");
    }
  }

  /** The node stops: nothing is to be begun any more. In its room. */
  default void halt() {}

  /** The exchange is gone, and no start will find it: drops everything. In its room. */
  void end();
}
