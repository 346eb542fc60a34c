package org.warrenmq.conformance.pages;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import java.util.Map;

/** What {@code docs/recent-history.md} shows; runs on the main thread. */
final class RecentHistory implements Example {
  @Override
  public void run(Channel channel) throws Exception {
    var lastTwo = Map.<String, Object>of("x-recent-history-length", 2);
    channel.exchangeDeclare("chat", "x-recent-history", true, false, lastTwo);
    channel.confirmSelect();
    for (String line : new String[] {"hello", "is anybody here?", "I am."}) {
      channel.basicPublish("chat", "", null, line.getBytes(UTF_8));
    }
    channel.waitForConfirmsOrDie();

    channel.queueDeclare("newcomer", false, true, true, null);
    channel.queueBind("newcomer", "chat", "");
    GetResponse line;
    while ((line = channel.basicGet("newcomer", true)) != null) {
      System.out.println(new String(line.getBody(), UTF_8));
    }
  }
}
