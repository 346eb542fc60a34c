package org.warrenmq.broker.routing;

import java.util.List;
import org.warrenmq.engine.message.Message;

/**
 * A message that has died in a queue, as it goes on: addressed to the dead letter exchange, with
 * its deaths in its headers. Immutable.
 *
 * @param furtherKeys by which it is routed beside its routing key
 * @param deaths what its x-death header says, newest first
 */
public record DeadLetter(Message message, List<String> furtherKeys, List<Death> deaths) {

  /**
   * Whether it must not go to this queue: it has died there before, and since then, that time
   * included, nobody has rejected it. It would go round for ever without any client.
   */
  public boolean isCycleAt(String queue) {
    for (Death death : deaths) {
      if (death.isRejection()) {
        return false;
      }
      if (death.queue().equals(queue)) {
        return true;
      }
    }
    return false;
  }
}
