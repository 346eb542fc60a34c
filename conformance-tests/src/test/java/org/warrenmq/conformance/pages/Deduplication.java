package org.warrenmq.conformance.pages;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import java.util.Map;

/** What {@code docs/deduplication.md} shows; runs on the main thread. */
final class Deduplication implements Example {
  @Override
  public void run(Channel channel) throws Exception {
    var once = Map.<String, Object>of("x-message-deduplication", true, "x-cache-size", 10_000);
    channel.exchangeDeclare("payments", "direct", true, false, once);
    channel.queueDeclare("bookings", true, false, false, null);
    channel.queueBind("bookings", "payments", "booked");

    channel.confirmSelect();
    for (String id : new String[] {"4711", "4712", "4711"}) {
      var key = Map.<String, Object>of("x-deduplication-header", id);
      var payment = new AMQP.BasicProperties.Builder().deliveryMode(2).headers(key).build();
      channel.basicPublish("payments", "booked", payment, id.getBytes(UTF_8));
    }
    channel.waitForConfirmsOrDie();

    GetResponse booking;
    while ((booking = channel.basicGet("bookings", true)) != null) {
      System.out.println(new String(booking.getBody(), UTF_8));
    }
  }
}
