package org.warrenmq.conformance.pages;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import java.util.List;
import java.util.Map;

/** What {@code docs/exchange-types.md} shows of the types there are; runs on the main thread. */
final class ExchangeTypes implements Example {
  @Override
  public void run(Channel channel) throws Exception {
    channel.exchangeDeclare(
        "orders", "x-consistent-hash", true, false, Map.of("hash-header", "customer"));
    for (String queue : List.of("orders.1", "orders.2", "orders.3")) {
      channel.queueDeclare(queue, true, false, false, Map.of("x-single-active-consumer", true));
      channel.queueBind(queue, "orders", "1");
    }
    Map<String, Object> headers = Map.of("customer", "c-4711");
    var properties = new AMQP.BasicProperties.Builder().headers(headers).build();
    channel.basicPublish("orders", "created", properties, "an order".getBytes(UTF_8));

    channel.exchangeDeclare("shards", "x-modulus-hash", true);
    for (String queue : List.of("shard.1", "shard.2")) {
      channel.queueDeclare(queue, true, false, false, null);
      channel.queueBind(queue, "shards", "");
    }
    channel.basicPublish("shards", "c-4711", null, "an event".getBytes(UTF_8));

    channel.exchangeDeclare("jobs", "x-random", true);
    for (String queue : List.of("jobs.1", "jobs.2")) {
      channel.queueDeclare(queue, true, false, false, null);
      channel.queueBind(queue, "jobs", "");
    }
    channel.exchangeDeclare("requests", "x-local-random", true);
    channel.queueDeclare("requests.1", true, false, false, null);
    channel.queueBind("requests.1", "requests", "");
  }
}
