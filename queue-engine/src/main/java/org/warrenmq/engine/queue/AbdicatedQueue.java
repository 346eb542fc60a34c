package org.warrenmq.engine.queue;

import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.message.Message;

/**
 * Stands where a queue lived that goes on elsewhere: passes on what still comes, and sees to it
 * that no transaction is confirmed from here of which something came too late. Lives in the queue's
 * room, as long as somebody keeps the address.
 *
 * @param next who acts on what comes
 */
record AbdicatedQueue(LoopStore home, QueueAddress.Resident next) implements QueueAddress.Resident {
  @Override
  public void accept(QueueCommand command) {
    switch (command) {
      case QueueCommand.Publish _, SettleBatch _ -> home.missed();
      case QueueCommand.FlushedToClient _, QueueCommand.Control _ -> {
        // A transaction is made of the others.
      }
    }
    next.accept(command);
  }

  @Override
  public void publish(Message message, @Nullable Publisher publisher, long sequence, long cost) {
    home.missed();
    next.publish(message, publisher, sequence, cost);
  }
}
