package org.warrenmq.conformance.pages;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.GetResponse;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;

/** What {@code docs/delivery-limit.md} shows; runs on the main thread. */
final class DeliveryLimit implements Example {
  @Override
  public void run(Channel channel) throws Exception {
    channel.exchangeDeclare("failed", "fanout", true);
    channel.queueDeclare("jobs.failed", true, false, false, null);
    channel.queueBind("jobs.failed", "failed", "");
    channel.queueDeclare(
        "jobs",
        true,
        false,
        false,
        Map.of("x-delivery-limit", 2, "x-dead-letter-exchange", "failed"));
    channel.basicPublish("", "jobs", null, "a job for nobody".getBytes(UTF_8));

    for (int i = 0; i < 3; i++) {
      GetResponse job = channel.basicGet("jobs", false);
      var headers = job.getProps().getHeaders(); // none at first
      System.out.println("returned: " + (headers == null ? 0 : headers.get("x-delivery-count")));
      channel.basicReject(job.getEnvelope().getDeliveryTag(), true); // back to its queue
    }

    var failed = new LinkedBlockingQueue<Delivery>();
    channel.basicConsume("jobs.failed", true, (tag, job) -> failed.add(job), tag -> {});
    System.out.println(failed.take().getProperties().getHeaders().get("x-first-death-reason"));
  }
}
