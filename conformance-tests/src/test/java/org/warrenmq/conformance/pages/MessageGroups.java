package org.warrenmq.conformance.pages;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import java.util.Map;

/** What {@code docs/message-groups.md} shows; runs on the main thread. */
final class MessageGroups implements Example {
  @Override
  public void run(Channel channel) throws Exception {
    channel.queueDeclare("orders", true, false, false, Map.of("x-group-header", "order"));
    for (String step : new String[] {"4711 paid", "4711 packed", "4712 paid"}) {
      var order = Map.<String, Object>of("order", step.substring(0, 4));
      var properties = new AMQP.BasicProperties.Builder().headers(order).build();
      channel.basicPublish("", "orders", properties, step.getBytes(UTF_8));
    }

    GetResponse first = channel.basicGet("orders", false);
    System.out.println(new String(first.getBody(), UTF_8));
    // Nobody gets more of order 4711 now.
    System.out.println(new String(channel.basicGet("orders", false).getBody(), UTF_8));
    channel.basicAck(first.getEnvelope().getDeliveryTag(), false);
    System.out.println(new String(channel.basicGet("orders", false).getBody(), UTF_8));
  }
}
