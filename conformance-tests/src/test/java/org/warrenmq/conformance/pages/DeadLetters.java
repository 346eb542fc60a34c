package org.warrenmq.conformance.pages;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.GetResponse;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;

/** What {@code docs/dead-letters.md} shows; runs on the main thread. */
final class DeadLetters implements Example {
  @Override
  public void run(Channel channel) throws Exception {
    channel.exchangeDeclare("dead", "direct", true);
    channel.queueDeclare("orders.dead", true, false, false, null);
    channel.queueBind("orders.dead", "dead", "orders");
    channel.queueDeclare("orders", true, false, false, Map.of("x-dead-letter-exchange", "dead"));
    channel.basicPublish("", "orders", null, "an order for nothing".getBytes(UTF_8));

    GetResponse order = channel.basicGet("orders", false);
    channel.basicReject(order.getEnvelope().getDeliveryTag(), false); // not requeued: it dies

    var letters = new LinkedBlockingQueue<Delivery>();
    channel.basicConsume("orders.dead", true, (tag, each) -> letters.add(each), tag -> {});
    Delivery letter = letters.take();
    var deaths = (List<?>) letter.getProperties().getHeaders().get("x-death");
    var death = (Map<?, ?>) deaths.get(0);
    System.out.println(new String(letter.getBody(), UTF_8));
    System.out.println(
        death.get("reason") + " in " + death.get("queue") + ": " + death.get("count"));
  }
}
