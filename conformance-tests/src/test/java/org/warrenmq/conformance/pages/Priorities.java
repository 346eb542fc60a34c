package org.warrenmq.conformance.pages;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import java.util.Map;

/** What {@code docs/priorities.md} shows; runs on the main thread. */
final class Priorities implements Example {
  @Override
  public void run(Channel channel) throws Exception {
    channel.queueDeclare("calls", true, false, false, Map.of("x-max-priority", 9));
    for (int priority : new int[] {1, 9, 5}) {
      var properties = new AMQP.BasicProperties.Builder().priority(priority).build();
      channel.basicPublish("", "calls", properties, ("call " + priority).getBytes(UTF_8));
    }
    for (int i = 0; i < 3; i++) {
      System.out.println(new String(channel.basicGet("calls", true).getBody(), UTF_8));
    }
  }
}
