package org.warrenmq.conformance.pages;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;

/** What {@code docs/time-to-live.md} shows; runs on the main thread. */
final class TimeToLive implements Example {
  @Override
  public void run(Channel channel) throws Exception {
    channel.exchangeDeclare("late", "fanout", true);
    channel.queueDeclare("offers.late", true, false, false, null);
    channel.queueBind("offers.late", "late", "");
    channel.queueDeclare(
        "offers",
        true,
        false,
        false,
        Map.of("x-message-ttl", 60_000, "x-dead-letter-exchange", "late"));
    var brief = new AMQP.BasicProperties.Builder().expiration("100").build();
    channel.basicPublish("", "offers", null, "for a minute".getBytes(UTF_8));
    channel.basicPublish("", "offers", brief, "for a moment".getBytes(UTF_8));

    var late = new LinkedBlockingQueue<Delivery>();
    channel.basicConsume("offers.late", true, (tag, offer) -> late.add(offer), tag -> {});
    System.out.println("late: " + new String(late.take().getBody(), UTF_8));
    System.out.println("left: " + new String(channel.basicGet("offers", true).getBody(), UTF_8));

    channel.queueDeclare("sessions.4711", true, false, false, Map.of("x-expires", 1_800_000));
  }
}
