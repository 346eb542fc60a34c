package org.warrenmq.conformance.pages;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;

/** What {@code docs/delayed-messages.md} shows; runs on the main thread. */
final class DelayedMessages implements Example {
  @Override
  public void run(Channel channel) throws Exception {
    var routing = Map.<String, Object>of("x-delayed-type", "topic");
    channel.exchangeDeclare("later", "x-delayed-message", true, false, routing);
    channel.queueDeclare("reminders", true, false, false, null);
    channel.queueBind("reminders", "later", "reminder.#");

    var delay = Map.<String, Object>of("x-delay", 1_000);
    var inASecond = new AMQP.BasicProperties.Builder().deliveryMode(2).headers(delay).build();
    channel.basicPublish("later", "reminder.call", inASecond, "call back".getBytes(UTF_8));
    channel.basicPublish("later", "reminder.mail", null, "read this".getBytes(UTF_8));

    var got = new LinkedBlockingQueue<Delivery>();
    channel.basicConsume("reminders", true, (tag, reminder) -> got.add(reminder), tag -> {});
    System.out.println(new String(got.take().getBody(), UTF_8));
    System.out.println(new String(got.take().getBody(), UTF_8));
  }
}
