package org.warrenmq.conformance.pages;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;

/** What {@code docs/consumers.md} shows; runs on the main thread. */
final class Consumers implements Example {
  @Override
  public void run(Channel channel) throws Exception {
    channel.queueDeclare("reports", true, false, false, Map.of("x-consumer-timeout", 600_000));
    channel.basicPublish("", "reports", null, "the year".getBytes(UTF_8));

    var cancelled = new CountDownLatch(1);
    channel.basicQos(1);
    channel.basicConsume(
        "reports",
        false, // acks by hand
        Map.of("x-consumer-timeout", 500), // a job of four hours has 4 * 3_600_000
        (tag, report) -> System.out.println("begun: " + new String(report.getBody(), UTF_8)),
        tag -> cancelled.countDown()); // took too long, or the queue has gone
    cancelled.await();
    System.out.println("cancelled");

    var again = new LinkedBlockingQueue<Delivery>();
    channel.basicConsume("reports", true, (tag, report) -> again.add(report), tag -> {});
    System.out.println("redelivered: " + again.take().getEnvelope().isRedeliver());
  }
}
