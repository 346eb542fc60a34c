package org.warrenmq.conformance.pages;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.GetResponse;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;

/** What {@code docs/retry.md} shows; runs on the main thread. */
final class Retry implements Example {
  @Override
  public void run(Channel channel) throws Exception {
    channel.queueDeclare("jobs.failed", true, false, false, null);
    channel.queueDeclare(
        "jobs",
        true,
        false,
        false,
        Map.of(
            "x-delayed-retry-type", "failed",
            "x-delayed-retry-min", 1_000,
            "x-delayed-retry-max", 60_000,
            "x-delayed-retry-multiplier", 2, // 1 s, 2 s, 4 s, … at most a minute
            "x-delivery-limit", 5,
            "x-dead-letter-exchange", "",
            "x-dead-letter-routing-key", "jobs.failed"));
    channel.basicPublish("", "jobs", null, "a job".getBytes(UTF_8));

    GetResponse job = channel.basicGet("jobs", false);
    channel.basicReject(job.getEnvelope().getDeliveryTag(), true); // again, later
    System.out.println(channel.basicGet("jobs", false) == null ? "it waits" : "at once");

    var again = new LinkedBlockingQueue<Delivery>();
    channel.basicConsume("jobs", true, (tag, delivery) -> again.add(delivery), tag -> {});
    var headers = again.take().getProperties().getHeaders();
    System.out.println("it comes again: " + headers.get("x-delivery-count"));
  }
}
