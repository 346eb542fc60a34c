import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.GetResponse;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/**
 * The scenario of its own about what queues do with messages beside keeping them: times, limits,
 * dead letters, priorities.
 */
final class FeaturesPart {
  private final Run run;

  FeaturesPart(Run run) {
    this.run = run;
  }

  void play() throws Exception {
    messageTtl();
    queueTtl();
    lengths();
    deadLetters();
    priorities();
    lease();
    deliveryLimit();
  }

  private void messageTtl() throws Exception {
    run.section("message ttl");
    String queue = run.queue("ttl.message");
    publish("", queue, expiring("100"), "brief");
    publish("", queue, expiring("60000"), "lasting");
    run.settle(queue, 1);
    run.say("left after a time: " + run.drain(queue));
    run.say("expiration 0: " + outcome(publish("", queue, expiring("0"), "none")));
    run.publish("", queue, "next");
    run.say("after it: " + run.drain(queue));
    Channel channel = run.connection.createChannel();
    Inbox inbox = new Inbox(channel, queue, "waiting", false);
    publish("", queue, expiring("0"), "taken");
    Delivery first = inbox.next();
    String given = Run.shown(first.getBody(), first.getEnvelope());
    run.say("expiration " + first.getProperties().getExpiration() + " for a consumer: " + given);
    channel.basicReject(first.getEnvelope().getDeliveryTag(), true);
    run.publish("", queue, "other");
    Delivery next = inbox.next();
    run.say("requeued when it was due: " + Run.shown(next.getBody(), next.getEnvelope()));
    channel.close();
    run.failure(
        "invalid expiration",
        ch -> ch.basicPublish("", queue, expiring("soon"), "lost".getBytes()));
  }

  private void queueTtl() throws Exception {
    run.section("queue ttl");
    String queue = run.queue("ttl.queue", Map.of("x-message-ttl", 100));
    run.publish("", queue, "one");
    publish("", queue, expiring("60000"), "two");
    run.settle(queue, 0);
    run.say("after a time: " + run.count(queue));
  }

  private void lengths() throws Exception {
    run.section("max-length");
    String few = run.queue("length", Map.of("x-max-length", 2));
    String small = run.queue("octets", Map.of("x-max-length-bytes", 10));
    for (String body : List.of("1111", "2222", "3333", "44", "55")) {
      run.publish("", few, body);
      run.publish("", small, body);
    }
    run.say("two messages: " + run.drain(few));
    run.say("ten octets: " + run.drain(small));
    String full = run.queue("full", Map.of("x-max-length", 2, "x-overflow", "reject-publish"));
    List<String> outcomes = new ArrayList<>();
    for (int number = 1; number <= 4; number++) {
      outcomes.add(outcome(run.publish("", full, "r" + number)));
    }
    run.say("reject-publish: " + String.join(", ", outcomes));
    run.say("in the queue: " + run.drain(full));
  }

  private void deadLetters() throws Exception {
    run.section("dead letters");
    String dead = run.exchange("fanout");
    String grave = run.queue("grave");
    Channel channel = run.connection.createChannel();
    channel.queueBind(grave, dead, "");
    String source = run.queue("source", Map.of("x-dead-letter-exchange", dead));
    String entry = run.exchange("direct");
    channel.queueBind(source, entry, "key");
    publish(entry, "key", Run.headed(Map.of("own", 1)), "rejected");
    channel.basicReject(channel.basicGet(source, false).getEnvelope().getDeliveryTag(), false);
    showDeaths("rejected", grave);
    publish(entry, "key", expiring("50"), "expired");
    showDeaths("expired", grave);
    Map<String, Object> limited =
        Map.of(
            "x-dead-letter-exchange", dead, "x-dead-letter-routing-key", "new", "x-max-length", 1);
    String full = run.queue("source.full", limited);
    run.publish("", full, "oldest");
    run.publish("", full, "newest");
    showDeaths("too many", grave);
    Map<String, Object> waiting = new TreeMap<>(to(run.name("work")));
    waiting.put("x-message-ttl", 50);
    String work = run.queue("work", to(run.queue("retry", waiting)));
    run.publish("", work, "again");
    for (int round = 1; round <= 2; round++) {
      run.settle(work, 1);
      long tag = channel.basicGet(work, false).getEnvelope().getDeliveryTag();
      channel.basicNack(tag, false, false);
    }
    showDeaths("twice rejected", work);
  }

  /** Arguments of a queue whose dead letters go to another queue. */
  private static Map<String, Object> to(String queue) {
    return Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", queue);
  }

  /** Takes one message and prints what its headers say of where it died, but for the times. */
  private void showDeaths(String label, String queue) throws Exception {
    run.settle(queue, 1);
    GetResponse got = run.confirms.basicGet(queue, true);
    Envelope envelope = got.getEnvelope();
    String expiration = got.getProps().getExpiration();
    run.say(
        label
            + ": "
            + Run.shown(got.getBody(), envelope)
            + ", exchange '"
            + envelope.getExchange()
            + "', key "
            + envelope.getRoutingKey()
            + ", expiration "
            + (expiration == null ? "none" : expiration));
    Map<String, Object> headers = new TreeMap<>(got.getProps().getHeaders());
    for (Object entry : (List<?>) headers.remove("x-death")) {
      showDeath((Map<?, ?>) entry);
    }
    for (String end : List.of("first", "last")) {
      String prefix = "x-" + end + "-death-";
      run.say(
          "  "
              + end
              + " death: "
              + headers.remove(prefix + "reason")
              + " in "
              + headers.remove(prefix + "queue")
              + ", exchange '"
              + headers.remove(prefix + "exchange")
              + "'");
    }
    String others = headers.isEmpty() ? "none" : String.join(" ", headers.keySet());
    run.say("  other headers: " + others);
  }

  private void showDeath(Map<?, ?> death) {
    String keys =
        ((List<?>) death.get("routing-keys"))
            .stream().map(Object::toString).collect(Collectors.joining(" "));
    Object had = death.get("original-expiration");
    run.say(
        "  x-death: "
            + death.get("reason")
            + " in "
            + death.get("queue")
            + ", count "
            + death.get("count")
            + ", exchange '"
            + death.get("exchange")
            + "', keys "
            + keys
            + (had == null ? "" : ", expiration " + had)
            + (death.get("time") instanceof Date ? ", with a time" : ", without a time"));
  }

  private void priorities() throws Exception {
    run.section("priorities");
    String queue = run.queue("priorities", Map.of("x-max-priority", 5));
    Integer[] priorities = {1, 5, 3, null, 9, 3, 0};
    for (int index = 0; index < priorities.length; index++) {
      Integer priority = priorities[index];
      String body = "m" + (index + 1) + "-" + (priority == null ? 0 : priority);
      publish("", queue, Run.PERSISTENT.builder().priority(priority).build(), body);
    }
    Channel channel = run.connection.createChannel();
    GetResponse got = channel.basicGet(queue, false);
    String highest = Run.text(got.getBody()) + ", priority " + got.getProps().getPriority();
    run.say("highest: " + highest + ", " + got.getMessageCount() + " left");
    channel.basicNack(got.getEnvelope().getDeliveryTag(), false, true);
    channel.close();
    run.settle(queue, 7);
    run.say("in order: " + run.drain(queue));
  }

  private void lease() throws Exception {
    run.section("x-expires");
    Channel channel = run.connection.createChannel();
    String exchange = run.name("leasing");
    String grave = run.name("grave");
    // What has no queue any more goes to the dead letters.
    Map<String, Object> table = Map.of("alternate-exchange", run.name("fanout"));
    run.exchanges.add(exchange);
    channel.exchangeDeclare(exchange, "direct", false, false, table);
    String queue = run.queue("leased", Map.of("x-expires", 1000));
    channel.queueBind(queue, exchange, "key");
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(Run.DEADLINE);
    do {
      if (System.nanoTime() - end > 0) {
        throw new TimeoutException("waited " + Run.DEADLINE + " ms for the end of " + queue);
      }
      run.publish(exchange, "key", "probe");
    } while (run.count(grave).startsWith("0 "));
    run.say("unused for a time: " + run.drain(grave));
    run.failure("passive declare", ch -> ch.queueDeclarePassive(queue));
  }

  private void deliveryLimit() throws Exception {
    run.section("delivery limit");
    Map<String, Object> quorum =
        Map.of(
            "x-queue-type",
            "quorum",
            "x-delivery-limit",
            2,
            "x-dead-letter-exchange",
            run.name("fanout"));
    String queue = run.queue("quorum", quorum);
    Channel channel = run.connection.createChannel();
    Inbox inbox = new Inbox(channel, queue, "poisoned", false);
    run.publish("", queue, "poison");
    for (int number = 1; number <= 3; number++) {
      Delivery delivery = inbox.next();
      Envelope envelope = delivery.getEnvelope();
      Map<String, Object> headers = delivery.getProperties().getHeaders();
      Object count = headers == null ? null : headers.get("x-delivery-count");
      run.say(
          "delivery "
              + envelope.getDeliveryTag()
              + ": "
              + Run.shown(delivery.getBody(), envelope)
              + ", x-delivery-count "
              + (count == null ? "none" : count));
      channel.basicReject(envelope.getDeliveryTag(), true);
    }
    showDeaths("the third time", run.name("grave"));
    run.say("left: " + run.count(queue));
  }

  private boolean publish(String exchange, String key, BasicProperties properties, String body)
      throws Exception {
    return run.publish(exchange, key, properties, body.getBytes());
  }

  private static BasicProperties expiring(String millis) {
    return Run.PERSISTENT.builder().expiration(millis).build();
  }

  private static String outcome(boolean taken) {
    return taken ? "confirmed" : "refused";
  }
}
