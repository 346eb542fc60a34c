package org.warrenmq.conformance.crash;

import com.rabbitmq.client.Channel;
import java.util.List;
import org.warrenmq.conformance.BrokerProcess;

/**
 * What a broker has answered for: numbered messages in a queue, those and no others, in this order.
 * Immutable.
 */
public record Promise(String queue, List<Integer> numbers) {

  /** What a broker that has been started does not keep of it; empty when all is well. */
  public List<String> brokenBy(BrokerProcess broker) {
    try (Client client = Client.of(broker)) {
      Channel channel = client.channel();
      channel.queueDeclarePassive(queue);
      List<Integer> found = NumberedMessages.read(channel, queue);
      return found.equals(numbers)
          ? List.of()
          : List.of("%d messages, not %d: %s".formatted(found.size(), numbers.size(), found));
    } catch (Exception e) {
      return List.of("%s <- %s; the log says %s".formatted(e, e.getCause(), broker.errors()));
    }
  }
}
