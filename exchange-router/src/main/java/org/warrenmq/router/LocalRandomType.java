package org.warrenmq.router;

import static org.warrenmq.codec.ReplyCode.PRECONDITION_FAILED;

import org.warrenmq.codec.ChannelError;

/**
 * The {@code x-local-random} exchange type: chance chooses one of the classic queues bound to it on
 * the publisher's node, which is where all queues are; stateless.
 */
public final class LocalRandomType implements ExchangeType {
  @Override
  public String name() {
    return "x-local-random";
  }

  @Override
  public void validateBinding(Binding binding) throws ChannelError {
    if (!binding.routingKey().isEmpty()) {
      throw refused("Non empty binding '" + binding.routingKey() + "' key not permitted");
    }
    switch (binding.destination()) {
      case Exchange _ -> throw refused("Destination not found");
      case QueueDestination queue -> {
        if (!queue.type().equals("classic")) {
          throw refused(
              "Queue type rabbit_" + queue.type() + "_queue not valid for this exchange type");
        }
      }
    }
  }

  private static ChannelError refused(String why) {
    return new ChannelError(PRECONDITION_FAILED, why);
  }

  @Override
  public Matcher newMatcher(ExchangeSpec spec) {
    return new RandomMatcher();
  }
}
