import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.CancelCallback;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DeliverCallback;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.Return;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The shared client scenario, spoken by RabbitMQ's Java client; it runs on the main thread, the
 * client's own threads only put what arrives into concurrent queues.
 *
 * <p>Usage: {@code Scenario AMQP-URI basic|full|features}; prints the lines of {@code
 * ../expected-basic.txt} or one of its sisters. Java 17 or later; {@code ../run} compiles it.
 */
public final class Scenario {
  private static final List<String> SCOPES = List.of("basic", "full", "features");

  private final Run run;

  private Scenario(Run run) {
    this.run = run;
  }

  public static void main(String[] arguments) throws Exception {
    if (arguments.length != 2 || !SCOPES.contains(arguments[1])) {
      System.err.println("usage: Scenario AMQP-URI basic|full|features");
      System.exit(1);
    }
    Run run = new Run(arguments[0]);
    try {
      if (arguments[1].equals("features")) {
        new FeaturesPart(run).play();
      } else {
        new Scenario(run).play(arguments[1].equals("full"));
      }
      run.connection.close();
      run.other.close();
    } finally {
      run.end();
    }
  }

  private void play(boolean full) throws Exception {
    connect();
    declare();
    bindDirect();
    bindFanout();
    bindTopic();
    bindHeaders();
    confirms();
    returned();
    consume();
    requeue();
    gets();
    errors();
    prefetch();
    counts();
    cancelled();
    new PropertiesPart(run).play();
    bodies();
    if (full) {
      new FullPart(run).play();
    }
  }

  private void connect() {
    run.section("connect");
    Map<?, ?> held = (Map<?, ?>) run.connection.getServerProperties().get("capabilities");
    List<String> names = new ArrayList<>(List.of("basic.nack", "consumer_cancel_notify"));
    names.addAll(List.of("exchange_exchange_bindings", "publisher_confirms"));
    names.removeIf(name -> !Boolean.TRUE.equals(held.get(name)));
    run.say("capabilities: " + String.join(", ", names));
  }

  private void declare() throws Exception {
    run.section("declare");
    String queue = run.queue("work");
    run.say("new queue: " + run.count(queue));
    run.say("same declare again: " + run.count(run.queue("work")));
    Channel channel = run.connection.createChannel();
    String named = channel.queueDeclare().getQueue();
    run.say("server-named queue: " + named);
    run.say("passive declare of it: " + run.count(named));
    channel.exchangeDeclarePassive("amq.topic");
    run.say("passive declare of amq.topic: ok");
  }

  private void bindDirect() throws Exception {
    run.section("direct exchange");
    String exchange = run.exchange("direct");
    Channel channel = run.connection.createChannel();
    String one = run.queue("direct.one");
    String two = run.queue("direct.two");
    channel.queueBind(one, exchange, "red");
    channel.queueBind(two, exchange, "green");
    channel.queueBind(two, exchange, "blue");
    for (String key : List.of("red", "green", "grey", "blue", "red")) {
      run.publish(exchange, key, key);
    }
    run.say("key red: " + run.drain(one));
    run.say("keys green and blue: " + run.drain(two));
    channel.queueUnbind(one, exchange, "red");
    run.publish(exchange, "red", "red");
    run.say("after unbind: " + run.drain(one));
  }

  private void bindFanout() throws Exception {
    run.section("fanout exchange");
    String exchange = run.exchange("fanout");
    Channel channel = run.connection.createChannel();
    List<String> both = List.of(run.queue("fanout.one"), run.queue("fanout.two"));
    for (String queue : both) {
      channel.queueBind(queue, exchange, "ignored");
    }
    run.publish(exchange, "any", "f1");
    run.publish(exchange, "", "f2");
    for (String queue : both) {
      run.say(queue + ": " + run.drain(queue));
    }
  }

  private void bindTopic() throws Exception {
    run.section("topic exchange");
    String exchange = run.exchange("topic");
    Channel channel = run.connection.createChannel();
    Map<String, List<String>> bindings = new LinkedHashMap<>();
    bindings.put("topic.star", List.of("stock.*.nyse"));
    bindings.put("topic.hash", List.of("stock.#"));
    bindings.put("topic.all", List.of("#"));
    bindings.put("topic.both", List.of("stock.#", "#.nyse"));
    for (String suffix : bindings.keySet()) {
      String queue = run.queue(suffix);
      for (String pattern : bindings.get(suffix)) {
        channel.queueBind(queue, exchange, pattern);
      }
    }
    for (String key :
        List.of("stock.usd.nyse", "stock", "stock.a.b.nyse", "weather.nyse", "weather.today")) {
      run.publish(exchange, key, key);
    }
    for (String suffix : bindings.keySet()) {
      run.say(String.join(" and ", bindings.get(suffix)) + ": " + run.drain(run.name(suffix)));
    }
  }

  private void bindHeaders() throws Exception {
    run.section("headers exchange");
    String exchange = run.exchange("headers");
    Channel channel = run.connection.createChannel();
    for (String mode : List.of("all", "any")) {
      Map<String, Object> match = Map.of("x-match", mode, "format", "pdf", "pages", 3);
      channel.queueBind(run.queue("headers." + mode), exchange, "", match);
    }
    Map<String, Object> both = Map.of("format", "pdf", "pages", 3, "more", true);
    run.publish(exchange, "", Run.headed(both), "both".getBytes());
    run.publish(exchange, "", Run.headed(Map.of("format", "pdf", "pages", 4)), "one".getBytes());
    run.publish(exchange, "", Run.headed(Map.of("format", "zip")), "none".getBytes());
    run.publish(exchange, "", "bare");
    for (String mode : List.of("all", "any")) {
      run.say("x-match " + mode + ": " + run.drain(run.name("headers." + mode)));
    }
  }

  private void confirms() throws Exception {
    run.section("confirms");
    String queue = run.queue("confirms");
    AtomicInteger nacks = new AtomicInteger();
    run.confirms.addConfirmListener(
        (tag, multiple) -> {}, (tag, multiple) -> nacks.incrementAndGet());
    run.publishAll(queue, "c", 20);
    run.say("20 published: " + (20 - nacks.get()) + " confirmed, " + nacks.get() + " refused");
    run.say("in the queue: " + run.count(queue));
    run.say("unroutable: " + outcome(run.publish("", run.name("nowhere"), "lost")));
  }

  private static String outcome(boolean taken) {
    return taken ? "confirmed" : "refused";
  }

  private void returned() throws Exception {
    run.section("mandatory");
    BlockingQueue<Return> returns = new LinkedBlockingQueue<>();
    run.confirms.addReturnListener(returns::add);
    BasicProperties properties = Run.PERSISTENT.builder().messageId("m-1").build();
    for (String exchange : List.of(run.name("direct"), "")) {
      run.confirms.basicPublish(exchange, run.name("nowhere"), true, properties, "lost".getBytes());
      boolean taken = run.confirms.waitForConfirms(Run.DEADLINE);
      if (returns.isEmpty()) {
        run.say("no return before the confirm");
      }
      Return back = Inbox.taken(returns, "a return");
      String why = back.getReplyCode() + " " + back.getReplyText();
      String where = "exchange '" + back.getExchange() + "', key " + back.getRoutingKey();
      String what = back.getProperties().getMessageId() + ", body " + Run.text(back.getBody());
      run.say("return: " + why + ", " + where + ", message-id " + what);
      run.say(outcome(taken) + " after the return");
    }
    run.confirms.basicPublish("", run.name("work"), true, properties, "kept".getBytes());
    boolean clean = run.confirms.waitForConfirms(Run.DEADLINE) && returns.isEmpty();
    run.say("routable: " + (clean ? "confirmed without a return" : "not clean"));
    run.say("in the queue: " + run.drain(run.name("work")));
  }

  private void consume() throws Exception {
    run.section("consume with manual ack");
    String queue = run.queue("consume");
    Channel channel = run.connection.createChannel();
    run.publishAll(queue, "k", 5);
    BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    DeliverCallback show =
        (consumer, delivery) -> {
          Envelope envelope = delivery.getEnvelope();
          String to = "delivery " + envelope.getDeliveryTag() + " to " + consumer + ": ";
          String from = ", exchange '" + envelope.getExchange() + "', key ";
          lines.add(to + Run.shown(delivery.getBody(), envelope) + from + envelope.getRoutingKey());
        };
    channel.basicConsume(queue, false, "reader", show, consumer -> {});
    for (int number = 1; number <= 5; number++) {
      run.say(Inbox.taken(lines, "a delivery"));
    }
    run.say("while consuming: " + run.count(queue));
    channel.basicAck(1, false);
    channel.basicAck(3, true);
    channel.close();
    run.settle(queue, 2);
    run.say("1 to 3 acked, channel closed: " + run.drain(queue));
  }

  private void requeue() throws Exception {
    run.section("reject, nack, recover");
    String queue = run.queue("requeue");
    Channel channel = run.connection.createChannel();
    run.publishAll(queue, "q", 4);
    List<Long> held = List.of(get(channel, queue), get(channel, queue), get(channel, queue));
    for (int index : List.of(1, 2, 0)) {
      channel.basicNack(held.get(index), false, true);
    }
    for (int number = 1; number <= 3; number++) {
      get(channel, queue);
    }
    channel.basicNack(get(channel, queue), true, true);
    channel.basicReject(get(channel, queue), true);
    channel.basicReject(get(channel, queue), false);
    channel.basicNack(get(channel, queue), false, false);
    get(channel, queue);
    channel.basicRecover(true);
    channel.basicAck(get(channel, queue), false);
    channel.basicAck(get(channel, queue), false);
    channel.close();
    run.say("at the end: " + run.count(queue));
  }

  private long get(Channel channel, String queue) throws IOException {
    GetResponse got = channel.basicGet(queue, false);
    long tag = got.getEnvelope().getDeliveryTag();
    run.say("get " + tag + ": " + Run.shown(got.getBody(), got.getEnvelope()));
    return tag;
  }

  private void gets() throws Exception {
    run.section("get");
    String queue = run.queue("get");
    Channel channel = run.connection.createChannel();
    run.publishAll(queue, "g", 3);
    for (boolean autoAck : List.of(true, false, false)) {
      GetResponse got = channel.basicGet(queue, autoAck);
      String body = Run.shown(got.getBody(), got.getEnvelope());
      run.say("get: " + body + ", " + got.getMessageCount() + " left");
    }
    run.say(channel.basicGet(queue, false) == null ? "get: empty" : "get: one too many");
    run.say("with two unacked: " + run.count(queue));
    channel.close();
    run.settle(queue, 2);
    run.say("after the channel closed: " + run.drain(queue));
  }

  private void errors() throws Exception {
    run.section("channel errors");
    String queue = run.name("work");
    String missing = run.name("missing");
    DeliverCallback ignore = (consumer, delivery) -> {};
    CancelCallback never = consumer -> {};
    run.failure("passive queue", ch -> ch.queueDeclarePassive(missing));
    run.failure("passive exchange", ch -> ch.exchangeDeclarePassive(missing));
    run.failure("durable differs", ch -> ch.queueDeclare(queue, false, false, false, Run.LEASE));
    run.failure("type differs", ch -> ch.exchangeDeclare(run.name("direct"), "fanout"));
    run.failure("reserved name", ch -> ch.queueDeclare("amq.mine", false, false, false, null));
    Map<String, Object> negative = Map.of("x-message-ttl", -1);
    run.failure("invalid argument", ch -> ch.queueDeclare(missing, false, false, false, negative));
    run.failure("consume", ch -> ch.basicConsume(missing, ignore, never));
    run.failure("get", ch -> ch.basicGet(missing, true));
    run.failure("bind", ch -> ch.queueBind(queue, missing, "key"));
    run.failure("publish", ch -> ch.basicPublish(missing, "key", null, "lost".getBytes()));
    run.failure("ack", ch -> ch.basicAck(99, false));
    run.failure("delete predeclared", ch -> ch.exchangeDelete("amq.direct"));
    run.publish("", queue, "kept");
    run.failure("delete if empty", ch -> ch.queueDelete(queue, false, true));
    run.drain(queue);
    Channel reader = run.connection.createChannel();
    reader.basicConsume(queue, false, "reader", ignore, never);
    run.failure("delete if unused", ch -> ch.queueDelete(queue, true, false));
    run.failure(
        "exclusive consume",
        ch -> ch.basicConsume(queue, false, "", false, true, null, ignore, never));
    reader.basicCancel("reader");
    String owned = run.name("owned");
    try (Connection owner = run.factory.newConnection()) {
      owner.createChannel().queueDeclare(owned, false, true, false, null);
      run.failure("exclusive queue", ch -> ch.queueDeclarePassive(owned));
    }
    run.failure("after its owner left", ch -> ch.queueDeclarePassive(owned));
    run.say("the connection still works: " + run.count(queue));
  }

  private void prefetch() throws Exception {
    run.section("prefetch");
    String queue = run.queue("prefetch");
    Channel channel = run.connection.createChannel();
    run.publishAll(queue, "p", 6);
    channel.basicQos(2);
    Inbox inbox = new Inbox(channel, queue, "limited", false);
    take(inbox);
    take(inbox);
    run.say("two unacked: " + run.count(queue));
    channel.basicAck(1, false);
    take(inbox);
    run.say("one acked: " + run.count(queue));
    channel.basicAck(3, true);
    take(inbox);
    take(inbox);
    run.say("three acked: " + run.count(queue));
    channel.basicNack(4, false, true);
    take(inbox);
    channel.basicAck(6, true);
    take(inbox);
    run.say("one left: " + run.count(queue));
    channel.basicAck(7, false);
    channel.basicCancel("limited");
    run.say("cancelled: " + run.count(queue));
  }

  private void take(Inbox inbox) throws Exception {
    Delivery delivery = inbox.next();
    Envelope envelope = delivery.getEnvelope();
    run.say(
        "delivery " + envelope.getDeliveryTag() + ": " + Run.shown(delivery.getBody(), envelope));
  }

  private void counts() throws Exception {
    run.section("purge and delete");
    String queue = run.queue("counts");
    Channel channel = run.connection.createChannel();
    run.publishAll(queue, "n", 3);
    run.say("purged: " + channel.queuePurge(queue).getMessageCount());
    run.say("purged again: " + channel.queuePurge(queue).getMessageCount());
    run.publish("", queue, "n4");
    run.publish("", queue, "n5");
    run.say("deleted with: " + channel.queueDelete(queue).getMessageCount());
    run.say("deleted again with: " + channel.queueDelete(queue).getMessageCount());
  }

  private void cancelled() throws Exception {
    run.section("consumer cancel notification");
    String queue = run.queue("cancelled");
    Channel channel = run.connection.createChannel();
    Inbox inbox = new Inbox(channel, queue, "watcher", false);
    run.confirms.queueDelete(queue);
    run.say("queue deleted: " + Inbox.taken(inbox.cancels, "the cancel") + " cancelled");
    run.say("its channel still works: " + channel.queueDeclare().getQueue());
  }

  private void bodies() throws Exception {
    run.section("bodies");
    String queue = run.queue("bodies");
    byte[] large = new byte[1200 * 256];
    for (int index = 0; index < large.length; index++) {
      large[index] = (byte) index;
    }
    byte[] block = Arrays.copyOf(large, 256);
    byte[] umlaut = "gr\u00fcn \u2713".getBytes(StandardCharsets.UTF_8);
    for (byte[] body : List.of(new byte[0], "x".getBytes(), block, large, umlaut)) {
      run.publish("", queue, Run.PERSISTENT, body);
      byte[] got = run.confirms.basicGet(queue, true).getBody();
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(got);
      run.say(got.length + " bytes, sha256 " + HexFormat.of().formatHex(digest, 0, 8));
    }
  }
}
