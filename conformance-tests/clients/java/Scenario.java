import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.CancelCallback;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DeliverCallback;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.Return;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * The shared client scenario, spoken by RabbitMQ's Java client; it runs on the main thread, the
 * client's own threads only put what arrives into concurrent queues.
 *
 * <p>Usage: {@code java -cp 'target/lib/*' Scenario.java AMQP-URI basic|full}; prints the lines of
 * {@code ../expected-basic.txt} or {@code ../expected-full.txt}. Java 17 or later.
 */
public final class Scenario {
  private static final long DEADLINE = 10_000; // milliseconds that any single wait may take
  private static final String REPLY_TO = "amq.rabbitmq.reply-to";

  /** The broker removes what a killed run leaves behind. */
  private static final Map<String, Object> LEASE = Map.of("x-expires", 300_000);

  private static final BasicProperties PERSISTENT =
      new BasicProperties.Builder().deliveryMode(2).build();

  private interface Action {
    void on(Channel channel) throws IOException;
  }

  private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
  private final String prefix = "java-" + HexFormat.of().toHexDigits(new SecureRandom().nextInt());
  private final ConnectionFactory factory = new ConnectionFactory();
  private final Connection connection;
  private final Connection other;
  private final Channel confirms;
  private final List<String> queues = new ArrayList<>();
  private final List<String> exchanges = new ArrayList<>();

  private Scenario(String uri) throws Exception {
    factory.setUri(uri);
    factory.setAutomaticRecoveryEnabled(false);
    connection = factory.newConnection();
    other = factory.newConnection();
    confirms = connection.createChannel();
    confirms.confirmSelect();
  }

  public static void main(String[] arguments) throws Exception {
    if (arguments.length != 2 || !List.of("basic", "full").contains(arguments[1])) {
      System.err.println("usage: Scenario.java AMQP-URI basic|full");
      System.exit(1);
    }
    Scenario scenario = new Scenario(arguments[0]);
    try {
      scenario.run(arguments[1].equals("full"));
    } finally {
      scenario.clean();
      scenario.connection.abort(); // or its threads would keep a failed run alive
      scenario.other.abort();
    }
  }

  private void run(boolean full) throws Exception {
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
    properties();
    bodies();
    if (full) {
      transactions();
      exchangeBindings();
      rpc();
    }
    connection.close();
    other.close();
  }

  private void section(String title) {
    out.println("== " + title);
  }

  private void say(String text) {
    out.println(
        text.replace(prefix, "RUN")
            .replaceAll("amq\\.gen-[A-Za-z0-9_-]{22}", "amq.gen-*")
            .replaceAll("amq\\.rabbitmq\\.reply-to\\.[^\\s',]+", "amq.rabbitmq.reply-to.*"));
  }

  private String name(String suffix) {
    return prefix + "." + suffix;
  }

  private String queue(String suffix) throws IOException {
    return queue(suffix, Map.of());
  }

  /** Declares a durable queue with more x-arguments and returns its name. */
  private String queue(String suffix, Map<String, Object> more) throws IOException {
    Map<String, Object> table = new HashMap<>(LEASE);
    table.putAll(more);
    queues.add(name(suffix));
    confirms.queueDeclare(name(suffix), true, false, false, table);
    return name(suffix);
  }

  private String exchange(String kind) throws IOException {
    exchanges.add(name(kind));
    confirms.exchangeDeclare(name(kind), kind);
    return name(kind);
  }

  private boolean publish(String exchange, String key, String body) throws Exception {
    return publish(exchange, key, PERSISTENT, body.getBytes(StandardCharsets.UTF_8));
  }

  /** Returns after the broker's ack (true) or nack (false). */
  private boolean publish(String exchange, String key, BasicProperties properties, byte[] body)
      throws Exception {
    confirms.basicPublish(exchange, key, properties, body);
    return confirms.waitForConfirms(DEADLINE);
  }

  private void publishAll(String queue, String letter, int last) throws Exception {
    for (int number = 1; number <= last; number++) {
      confirms.basicPublish("", queue, PERSISTENT, (letter + number).getBytes());
    }
    confirms.waitForConfirms(DEADLINE);
  }

  private String count(String queue) throws IOException {
    AMQP.Queue.DeclareOk ok = confirms.queueDeclarePassive(queue);
    return ok.getMessageCount() + " messages, " + ok.getConsumerCount() + " consumers";
  }

  /** Waits for a closed channel's messages: RabbitMQ may return them after its close-ok. */
  private void settle(String queue, int ready) throws Exception {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DEADLINE);
    while (confirms.queueDeclarePassive(queue).getMessageCount() != ready) {
      if (System.nanoTime() - end > 0) {
        throw new TimeoutException("waited " + DEADLINE + " ms for " + ready + " in " + queue);
      }
    }
  }

  /** Empties a queue and returns the bodies, with a mark on the redelivered ones. */
  private String drain(String queue) throws IOException {
    List<String> bodies = new ArrayList<>();
    GetResponse got;
    while ((got = confirms.basicGet(queue, true)) != null) {
      bodies.add(text(got.getBody()) + (got.getEnvelope().isRedeliver() ? "(again)" : ""));
    }
    return bodies.isEmpty() ? "nothing" : String.join(" ", bodies);
  }

  /** Runs an action on a channel of its own and prints the broker's channel.close. */
  private void failure(String label, Action action) throws Exception {
    Channel channel = connection.createChannel();
    CompletableFuture<ShutdownSignalException> closed = new CompletableFuture<>();
    channel.addShutdownListener(closed::complete);
    try {
      action.on(channel);
    } catch (IOException refused) {
      // Its cause is the signal that the listener gets, for asynchronous errors as well.
    }
    ShutdownSignalException signal = closed.get(DEADLINE, TimeUnit.MILLISECONDS);
    AMQP.Channel.Close close = (AMQP.Channel.Close) signal.getReason();
    say(label + ": " + close.getReplyCode() + " " + close.getReplyText());
  }

  /** Removes what the run declared, over a fresh connection, whatever state it ended in. */
  private void clean() throws Exception {
    try (Connection fresh = factory.newConnection()) {
      Channel channel = fresh.createChannel();
      for (String queue : queues) {
        channel.queueDelete(queue);
      }
      for (String exchange : exchanges) {
        channel.exchangeDelete(exchange);
      }
    }
  }

  /** A consumer that keeps its deliveries until the scenario asks for them. */
  private static final class Inbox {
    private final BlockingQueue<Delivery> arrived = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> cancels = new LinkedBlockingQueue<>();

    Inbox(Channel channel, String queue, String tag, boolean autoAck) throws IOException {
      DeliverCallback keep = (consumer, delivery) -> arrived.add(delivery);
      CancelCallback note = cancels::add;
      channel.basicConsume(queue, autoAck, tag, keep, note);
    }

    Delivery next() throws Exception {
      return taken(arrived, "a delivery");
    }
  }

  private static <T> T taken(BlockingQueue<T> arrivals, String what) throws Exception {
    T arrival = arrivals.poll(DEADLINE, TimeUnit.MILLISECONDS);
    if (arrival == null) {
      throw new TimeoutException("waited " + DEADLINE + " ms for " + what);
    }
    return arrival;
  }

  private static String text(byte[] body) {
    return new String(body, StandardCharsets.UTF_8);
  }

  private static String shown(byte[] body, Envelope envelope) {
    return text(body) + (envelope.isRedeliver() ? ", redelivered" : ", new");
  }

  private void connect() {
    section("connect");
    Map<?, ?> held = (Map<?, ?>) connection.getServerProperties().get("capabilities");
    List<String> names = new ArrayList<>(List.of("basic.nack", "consumer_cancel_notify"));
    names.addAll(List.of("exchange_exchange_bindings", "publisher_confirms"));
    names.removeIf(name -> !Boolean.TRUE.equals(held.get(name)));
    say("capabilities: " + String.join(", ", names));
  }

  private void declare() throws Exception {
    section("declare");
    String queue = queue("work");
    say("new queue: " + count(queue));
    say("same declare again: " + count(queue("work")));
    Channel channel = connection.createChannel();
    String named = channel.queueDeclare().getQueue();
    say("server-named queue: " + named);
    say("passive declare of it: " + count(named));
    channel.exchangeDeclarePassive("amq.topic");
    say("passive declare of amq.topic: ok");
  }

  private void bindDirect() throws Exception {
    section("direct exchange");
    String exchange = exchange("direct");
    Channel channel = connection.createChannel();
    String one = queue("direct.one");
    String two = queue("direct.two");
    channel.queueBind(one, exchange, "red");
    channel.queueBind(two, exchange, "green");
    channel.queueBind(two, exchange, "blue");
    for (String key : List.of("red", "green", "grey", "blue", "red")) {
      publish(exchange, key, key);
    }
    say("key red: " + drain(one));
    say("keys green and blue: " + drain(two));
    channel.queueUnbind(one, exchange, "red");
    publish(exchange, "red", "red");
    say("after unbind: " + drain(one));
  }

  private void bindFanout() throws Exception {
    section("fanout exchange");
    String exchange = exchange("fanout");
    Channel channel = connection.createChannel();
    List<String> both = List.of(queue("fanout.one"), queue("fanout.two"));
    for (String queue : both) {
      channel.queueBind(queue, exchange, "ignored");
    }
    publish(exchange, "any", "f1");
    publish(exchange, "", "f2");
    for (String queue : both) {
      say(queue + ": " + drain(queue));
    }
  }

  private void bindTopic() throws Exception {
    section("topic exchange");
    String exchange = exchange("topic");
    Channel channel = connection.createChannel();
    Map<String, List<String>> bindings = new LinkedHashMap<>();
    bindings.put("topic.star", List.of("stock.*.nyse"));
    bindings.put("topic.hash", List.of("stock.#"));
    bindings.put("topic.all", List.of("#"));
    bindings.put("topic.both", List.of("stock.#", "#.nyse"));
    for (String suffix : bindings.keySet()) {
      String queue = queue(suffix);
      for (String pattern : bindings.get(suffix)) {
        channel.queueBind(queue, exchange, pattern);
      }
    }
    for (String key :
        List.of("stock.usd.nyse", "stock", "stock.a.b.nyse", "weather.nyse", "weather.today")) {
      publish(exchange, key, key);
    }
    for (String suffix : bindings.keySet()) {
      say(String.join(" and ", bindings.get(suffix)) + ": " + drain(name(suffix)));
    }
  }

  private void bindHeaders() throws Exception {
    section("headers exchange");
    String exchange = exchange("headers");
    Channel channel = connection.createChannel();
    for (String mode : List.of("all", "any")) {
      Map<String, Object> match = Map.of("x-match", mode, "format", "pdf", "pages", 3);
      channel.queueBind(queue("headers." + mode), exchange, "", match);
    }
    Map<String, Object> both = Map.of("format", "pdf", "pages", 3, "more", true);
    publish(exchange, "", headed(both), "both".getBytes());
    publish(exchange, "", headed(Map.of("format", "pdf", "pages", 4)), "one".getBytes());
    publish(exchange, "", headed(Map.of("format", "zip")), "none".getBytes());
    publish(exchange, "", "bare");
    for (String mode : List.of("all", "any")) {
      say("x-match " + mode + ": " + drain(name("headers." + mode)));
    }
  }

  private static BasicProperties headed(Map<String, Object> headers) {
    return PERSISTENT.builder().headers(headers).build();
  }

  private void confirms() throws Exception {
    section("confirms");
    String queue = queue("confirms");
    AtomicInteger nacks = new AtomicInteger();
    confirms.addConfirmListener((tag, multiple) -> {}, (tag, multiple) -> nacks.incrementAndGet());
    publishAll(queue, "c", 20);
    say("20 published: " + (20 - nacks.get()) + " confirmed, " + nacks.get() + " refused");
    say("in the queue: " + count(queue));
    say("unroutable: " + outcome(publish("", name("nowhere"), "lost")));
  }

  private static String outcome(boolean taken) {
    return taken ? "confirmed" : "refused";
  }

  private void returned() throws Exception {
    section("mandatory");
    BlockingQueue<Return> returns = new LinkedBlockingQueue<>();
    confirms.addReturnListener(returns::add);
    BasicProperties properties = PERSISTENT.builder().messageId("m-1").build();
    for (String exchange : List.of(name("direct"), "")) {
      confirms.basicPublish(exchange, name("nowhere"), true, properties, "lost".getBytes());
      boolean taken = confirms.waitForConfirms(DEADLINE);
      if (returns.isEmpty()) {
        say("no return before the confirm");
      }
      Return back = taken(returns, "a return");
      String why = back.getReplyCode() + " " + back.getReplyText();
      String where = "exchange '" + back.getExchange() + "', key " + back.getRoutingKey();
      String what = back.getProperties().getMessageId() + ", body " + text(back.getBody());
      say("return: " + why + ", " + where + ", message-id " + what);
      say(outcome(taken) + " after the return");
    }
    confirms.basicPublish("", name("work"), true, properties, "kept".getBytes());
    boolean clean = confirms.waitForConfirms(DEADLINE) && returns.isEmpty();
    say("routable: " + (clean ? "confirmed without a return" : "not clean"));
    say("in the queue: " + drain(name("work")));
  }

  private void consume() throws Exception {
    section("consume with manual ack");
    String queue = queue("consume");
    Channel channel = connection.createChannel();
    publishAll(queue, "k", 5);
    BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    DeliverCallback show =
        (consumer, delivery) -> {
          Envelope envelope = delivery.getEnvelope();
          String to = "delivery " + envelope.getDeliveryTag() + " to " + consumer + ": ";
          String from = ", exchange '" + envelope.getExchange() + "', key ";
          lines.add(to + shown(delivery.getBody(), envelope) + from + envelope.getRoutingKey());
        };
    channel.basicConsume(queue, false, "reader", show, consumer -> {});
    for (int number = 1; number <= 5; number++) {
      say(taken(lines, "a delivery"));
    }
    say("while consuming: " + count(queue));
    channel.basicAck(1, false);
    channel.basicAck(3, true);
    channel.close();
    settle(queue, 2);
    say("1 to 3 acked, channel closed: " + drain(queue));
  }

  private void requeue() throws Exception {
    section("reject, nack, recover");
    String queue = queue("requeue");
    Channel channel = connection.createChannel();
    publishAll(queue, "q", 4);
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
    say("at the end: " + count(queue));
  }

  private long get(Channel channel, String queue) throws IOException {
    GetResponse got = channel.basicGet(queue, false);
    long tag = got.getEnvelope().getDeliveryTag();
    say("get " + tag + ": " + shown(got.getBody(), got.getEnvelope()));
    return tag;
  }

  private void gets() throws Exception {
    section("get");
    String queue = queue("get");
    Channel channel = connection.createChannel();
    publishAll(queue, "g", 3);
    for (boolean autoAck : List.of(true, false, false)) {
      GetResponse got = channel.basicGet(queue, autoAck);
      String body = shown(got.getBody(), got.getEnvelope());
      say("get: " + body + ", " + got.getMessageCount() + " left");
    }
    say(channel.basicGet(queue, false) == null ? "get: empty" : "get: one too many");
    say("with two unacked: " + count(queue));
    channel.close();
    settle(queue, 2);
    say("after the channel closed: " + drain(queue));
  }

  private void errors() throws Exception {
    section("channel errors");
    String queue = name("work");
    String missing = name("missing");
    DeliverCallback ignore = (consumer, delivery) -> {};
    CancelCallback never = consumer -> {};
    failure("passive queue", ch -> ch.queueDeclarePassive(missing));
    failure("passive exchange", ch -> ch.exchangeDeclarePassive(missing));
    failure("durable differs", ch -> ch.queueDeclare(queue, false, false, false, LEASE));
    failure("type differs", ch -> ch.exchangeDeclare(name("direct"), "fanout"));
    failure("reserved name", ch -> ch.queueDeclare("amq.mine", false, false, false, null));
    Map<String, Object> negative = Map.of("x-message-ttl", -1);
    failure("invalid argument", ch -> ch.queueDeclare(missing, false, false, false, negative));
    failure("consume", ch -> ch.basicConsume(missing, ignore, never));
    failure("get", ch -> ch.basicGet(missing, true));
    failure("bind", ch -> ch.queueBind(queue, missing, "key"));
    failure("publish", ch -> ch.basicPublish(missing, "key", null, "lost".getBytes()));
    failure("ack", ch -> ch.basicAck(99, false));
    failure("delete predeclared", ch -> ch.exchangeDelete("amq.direct"));
    publish("", queue, "kept");
    failure("delete if empty", ch -> ch.queueDelete(queue, false, true));
    drain(queue);
    Channel reader = connection.createChannel();
    reader.basicConsume(queue, false, "reader", ignore, never);
    failure("delete if unused", ch -> ch.queueDelete(queue, true, false));
    failure(
        "exclusive consume",
        ch -> ch.basicConsume(queue, false, "", false, true, null, ignore, never));
    reader.basicCancel("reader");
    String owned = name("owned");
    try (Connection owner = factory.newConnection()) {
      owner.createChannel().queueDeclare(owned, false, true, false, null);
      failure("exclusive queue", ch -> ch.queueDeclarePassive(owned));
    }
    failure("after its owner left", ch -> ch.queueDeclarePassive(owned));
    say("the connection still works: " + count(queue));
  }

  private void prefetch() throws Exception {
    section("prefetch");
    String queue = queue("prefetch");
    Channel channel = connection.createChannel();
    publishAll(queue, "p", 6);
    channel.basicQos(2);
    Inbox inbox = new Inbox(channel, queue, "limited", false);
    take(inbox);
    take(inbox);
    say("two unacked: " + count(queue));
    channel.basicAck(1, false);
    take(inbox);
    say("one acked: " + count(queue));
    channel.basicAck(3, true);
    take(inbox);
    take(inbox);
    say("three acked: " + count(queue));
    channel.basicNack(4, false, true);
    take(inbox);
    channel.basicAck(6, true);
    take(inbox);
    say("one left: " + count(queue));
    channel.basicAck(7, false);
    channel.basicCancel("limited");
    say("cancelled: " + count(queue));
  }

  private void take(Inbox inbox) throws Exception {
    Delivery delivery = inbox.next();
    Envelope envelope = delivery.getEnvelope();
    say("delivery " + envelope.getDeliveryTag() + ": " + shown(delivery.getBody(), envelope));
  }

  private void counts() throws Exception {
    section("purge and delete");
    String queue = queue("counts");
    Channel channel = connection.createChannel();
    publishAll(queue, "n", 3);
    say("purged: " + channel.queuePurge(queue).getMessageCount());
    say("purged again: " + channel.queuePurge(queue).getMessageCount());
    publish("", queue, "n4");
    publish("", queue, "n5");
    say("deleted with: " + channel.queueDelete(queue).getMessageCount());
    say("deleted again with: " + channel.queueDelete(queue).getMessageCount());
  }

  private void cancelled() throws Exception {
    section("consumer cancel notification");
    String queue = queue("cancelled");
    Channel channel = connection.createChannel();
    Inbox inbox = new Inbox(channel, queue, "watcher", false);
    confirms.queueDelete(queue);
    say("queue deleted: " + taken(inbox.cancels, "the cancel") + " cancelled");
    say("its channel still works: " + channel.queueDeclare().getQueue());
  }

  /** A header value by its logical type, which all languages tell apart. */
  private static String describe(Object value) {
    if (value == null) {
      return "void";
    } else if (value instanceof Boolean flag) {
      return "boolean " + flag;
    } else if (value instanceof Number number) {
      return "integer " + number;
    } else if (value instanceof Date date) {
      return "timestamp " + date.getTime() / 1000;
    } else if (value instanceof Collection<?> items) {
      return items.stream().map(Scenario::describe).collect(Collectors.joining(", ", "[", "]"));
    } else if (value instanceof Map<?, ?> table) {
      return new TreeMap<>(table)
          .entrySet().stream()
              .map(entry -> entry.getKey() + ": " + describe(entry.getValue()))
              .collect(Collectors.joining(", ", "{", "}"));
    }
    return "string " + value; // a LongString, whose text is UTF-8
  }

  private void properties() throws Exception {
    section("properties and headers");
    String queue = queue("properties");
    Map<String, Object> headers = new TreeMap<>();
    headers.put("flag", true);
    headers.put("small", -5);
    headers.put("large", 1_099_511_627_776L);
    headers.put("text", "gr\u00fcn");
    headers.put("when", new Date(1_767_323_045_000L));
    headers.put("list", List.of(1, false, "two"));
    headers.put("table", Map.of("inner", "value", "deep", Map.of("answer", 42)));
    headers.put("nothing", null);
    headers.put("empty", Map.of());
    BasicProperties sent =
        new BasicProperties.Builder()
            .contentType("text/plain")
            .contentEncoding("utf-8")
            .deliveryMode(2)
            .priority(4)
            .correlationId("c-1")
            .replyTo("answers")
            .expiration("60000")
            .messageId("m-1")
            .timestamp(new Date(1_767_323_045_000L))
            .type("greeting")
            .appId("scenario")
            .userId(factory.getUsername())
            .headers(headers)
            .build();
    BasicProperties got = exchanged(queue, sent);
    fields(got).forEach((field, value) -> say(field + ": " + value));
    for (String key : headers.keySet()) {
      say("header " + key + ": " + describe(got.getHeaders().get(key)));
    }
    String absent =
        fields(exchanged(queue, PERSISTENT)).entrySet().stream()
            .skip(4) // the first four have defaults in some clients
            .filter(field -> field.getValue() == null)
            .map(Map.Entry::getKey)
            .collect(Collectors.joining(", "));
    say("absent when not sent: " + absent);
    ownTypes(queue);
  }

  private BasicProperties exchanged(String queue, BasicProperties properties) throws Exception {
    publish("", queue, properties, "body".getBytes());
    return confirms.basicGet(queue, true).getProps();
  }

  private Map<String, Object> fields(BasicProperties got) {
    boolean mine = factory.getUsername().equals(got.getUserId());
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("content-type", got.getContentType());
    fields.put("content-encoding", got.getContentEncoding());
    fields.put("delivery-mode", got.getDeliveryMode());
    fields.put("priority", got.getPriority());
    fields.put("correlation-id", got.getCorrelationId());
    fields.put("reply-to", got.getReplyTo());
    fields.put("expiration", got.getExpiration());
    fields.put("message-id", got.getMessageId());
    Date timestamp = got.getTimestamp();
    fields.put("timestamp", timestamp == null ? null : timestamp.getTime() / 1000);
    fields.put("type", got.getType());
    fields.put("app-id", got.getAppId());
    fields.put("user-id", mine ? "the login user" : got.getUserId());
    return fields;
  }

  /** Every type the Java client can send must come back with its own type, not only its value. */
  private void ownTypes(String queue) throws Exception {
    Map<String, Object> own = new TreeMap<>();
    own.put("byte", (byte) -7);
    own.put("short", (short) 300);
    own.put("int", 70_000);
    own.put("long", 5L);
    own.put("float", 0.25f);
    own.put("double", 2.5);
    own.put("decimal", new BigDecimal("12.34"));
    own.put("list", Arrays.asList(List.of(), Arrays.asList(null, -1)));
    byte[] octets = {0, (byte) 0xff};
    Map<String, Object> sent = new TreeMap<>(own);
    sent.put("bytes", octets);
    Map<String, Object> got = new TreeMap<>(exchanged(queue, headed(sent)).getHeaders());
    boolean same = got.remove("bytes") instanceof byte[] back && Arrays.equals(octets, back);
    say("header types of this client: " + (same && got.equals(own) ? "equal" : got));
  }

  private void bodies() throws Exception {
    section("bodies");
    String queue = queue("bodies");
    byte[] large = new byte[1200 * 256];
    for (int index = 0; index < large.length; index++) {
      large[index] = (byte) index;
    }
    byte[] block = Arrays.copyOf(large, 256);
    byte[] umlaut = "gr\u00fcn \u2713".getBytes(StandardCharsets.UTF_8);
    for (byte[] body : List.of(new byte[0], "x".getBytes(), block, large, umlaut)) {
      publish("", queue, PERSISTENT, body);
      byte[] got = confirms.basicGet(queue, true).getBody();
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(got);
      say(got.length + " bytes, sha256 " + HexFormat.of().formatHex(digest, 0, 8));
    }
  }

  private void transactions() throws Exception {
    section("transactions");
    String queue = queue("tx");
    Channel channel = connection.createChannel();
    channel.txSelect();
    channel.basicPublish("", queue, null, "t1".getBytes());
    channel.basicPublish("", queue, null, "t2".getBytes());
    say("published: " + count(queue));
    channel.txCommit();
    say("committed: " + count(queue));
    channel.basicPublish("", queue, null, "t3".getBytes());
    channel.txRollback();
    say("rolled back: " + count(queue));
    transactedAck(queue, "rolled back", Channel::txRollback);
    settle(queue, 2);
    transactedAck(queue, "committed", Channel::txCommit);
    settle(queue, 1);
    say("left: " + drain(queue));
    failure("commit without select", Channel::txCommit);
    failure(
        "select on a confirm channel",
        ch -> {
          ch.confirmSelect();
          ch.txSelect();
        });
  }

  private void transactedAck(String queue, String label, Action ending) throws Exception {
    Channel channel = connection.createChannel();
    channel.txSelect();
    GetResponse got = channel.basicGet(queue, false);
    Envelope envelope = got.getEnvelope();
    say("get: " + shown(got.getBody(), envelope) + ", ack " + label + ", channel closed");
    channel.basicAck(envelope.getDeliveryTag(), false);
    ending.on(channel);
    channel.close();
  }

  private void exchangeBindings() throws Exception {
    section("exchange to exchange");
    Channel channel = connection.createChannel();
    String queue = queue("e2e");
    String source = name("source");
    String target = name("target");
    exchanges.addAll(List.of(source, target)); // clean() deletes them
    channel.exchangeDeclare(source, "topic");
    channel.exchangeDeclare(target, "fanout", false, false, true, null);
    channel.queueBind(queue, target, "");
    channel.exchangeBind(target, source, "log.#");
    publish(source, "log.info", "e1");
    publish(source, "other", "e2");
    say("bound: " + drain(queue));
    failure("publish to internal", ch -> ch.basicPublish(target, "", null, "lost".getBytes()));
    failure("bind to missing", ch -> ch.exchangeBind(name("missing"), source, ""));
    channel.exchangeUnbind(target, source, "log.#");
    publish(source, "log.info", "e3");
    say("unbound: " + drain(queue));
    channel.exchangeBind(target, source, "log.#");
    channel.exchangeDelete(target);
    publish(source, "log.info", "e4");
    say("target deleted: " + drain(queue));
  }

  private void rpc() throws Exception {
    section("direct reply-to");
    String requests = queue("rpc");
    Channel client = connection.createChannel();
    Channel server = other.createChannel();
    Inbox answers = new Inbox(client, REPLY_TO, "answers", true);
    Inbox inbox = new Inbox(server, requests, "server", false);
    BasicProperties ask = PERSISTENT.builder().replyTo(REPLY_TO).build();
    String address = "";
    for (int number = 2; number <= 4; number++) {
      BasicProperties numbered = ask.builder().correlationId("ask-" + number).build();
      client.basicPublish("", requests, numbered, String.valueOf(number).getBytes());
      address = answer(server, inbox.next());
      Delivery got = answers.next();
      String id = got.getProperties().getCorrelationId();
      String exchange = got.getEnvelope().getExchange();
      say("answer " + text(got.getBody()) + ": " + id + ", exchange '" + exchange + "'");
    }
    String last = address;
    AMQP.Queue.DeclareOk ok = server.queueDeclarePassive(last);
    String held = ok.getMessageCount() + " messages, " + ok.getConsumerCount() + " consumers";
    say("passive declare of the address: " + held);
    client.basicCancel("answers");
    failure("gone after cancel", ch -> ch.queueDeclarePassive(last));
    failure("consume with acks", ch -> ch.basicConsume(REPLY_TO, false, (c, d) -> {}, c -> {}));
    failure("ask without consumer", ch -> ch.basicPublish("", requests, ask, "5".getBytes()));
  }

  /** Answers one request with its square and returns the address the answer went to. */
  private String answer(Channel server, Delivery request) throws IOException {
    BasicProperties asked = request.getProperties();
    String body = text(request.getBody());
    String address = asked.getReplyTo();
    say("request " + body + ": reply-to " + address + ", " + asked.getCorrelationId());
    int number = Integer.parseInt(body);
    BasicProperties properties =
        new BasicProperties.Builder().correlationId(asked.getCorrelationId()).build();
    server.basicPublish("", address, properties, String.valueOf(number * number).getBytes());
    server.basicAck(request.getEnvelope().getDeliveryTag(), false);
    return address;
  }
}
