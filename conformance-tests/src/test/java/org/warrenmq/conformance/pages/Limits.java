package org.warrenmq.conformance.pages;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.rabbitmq.client.Channel;
import java.util.List;
import java.util.Map;

/** What {@code docs/limits.md} shows; runs on the main thread. */
final class Limits implements Example {
  @Override
  public void run(Channel channel) throws Exception {
    channel.queueDeclare("prices", true, false, false, Map.of("x-max-length", 2));
    for (String price : List.of("1.10", "1.12", "1.15")) {
      channel.basicPublish("", "prices", null, price.getBytes(UTF_8));
    }
    System.out.println("oldest: " + new String(channel.basicGet("prices", true).getBody(), UTF_8));

    channel.queueDeclare(
        "tasks", true, false, false, Map.of("x-max-length", 2, "x-overflow", "reject-publish"));
    channel.confirmSelect();
    for (String task : List.of("one", "two", "three")) {
      channel.basicPublish("", "tasks", null, task.getBytes(UTF_8));
      System.out.println(task + (channel.waitForConfirms(5000) ? " taken" : " refused"));
    }
  }
}
