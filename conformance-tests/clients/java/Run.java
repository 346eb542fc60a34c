import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One run's two connections, and the queues and exchanges it declares under names of its own; what
 * it prints does not show those names. Used by the main thread.
 */
final class Run {
  static final long DEADLINE = 10_000; // milliseconds that any single wait may take

  /** The broker removes what a killed run leaves behind. */
  static final Map<String, Object> LEASE = Map.of("x-expires", 300_000);

  static final BasicProperties PERSISTENT = new BasicProperties.Builder().deliveryMode(2).build();

  interface Action {
    void on(Channel channel) throws IOException;
  }

  private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
  private final String prefix = "java-" + HexFormat.of().toHexDigits(new SecureRandom().nextInt());
  final ConnectionFactory factory = new ConnectionFactory();
  final Connection connection;
  final Connection other;
  final Channel confirms;
  private final List<String> queues = new ArrayList<>();
  final List<String> exchanges = new ArrayList<>();

  /** Connects twice. */
  Run(String uri) throws Exception {
    factory.setUri(uri);
    factory.setAutomaticRecoveryEnabled(false);
    connection = factory.newConnection();
    other = factory.newConnection();
    confirms = connection.createChannel();
    confirms.confirmSelect();
  }

  void section(String title) {
    out.println("== " + title);
  }

  void say(String text) {
    out.println(
        text.replace(prefix, "RUN")
            .replaceAll("amq\\.gen-[A-Za-z0-9_-]{22}", "amq.gen-*")
            .replaceAll("amq\\.rabbitmq\\.reply-to\\.[^\\s',]+", "amq.rabbitmq.reply-to.*"));
  }

  String name(String suffix) {
    return prefix + "." + suffix;
  }

  String queue(String suffix) throws IOException {
    return queue(suffix, Map.of());
  }

  /** Declares a durable queue with more x-arguments and returns its name. */
  String queue(String suffix, Map<String, Object> more) throws IOException {
    Map<String, Object> table = new HashMap<>(LEASE);
    table.putAll(more);
    queues.add(name(suffix));
    confirms.queueDeclare(name(suffix), true, false, false, table);
    return name(suffix);
  }

  String exchange(String kind) throws IOException {
    exchanges.add(name(kind));
    confirms.exchangeDeclare(name(kind), kind);
    return name(kind);
  }

  boolean publish(String exchange, String key, String body) throws Exception {
    return publish(exchange, key, PERSISTENT, body.getBytes(StandardCharsets.UTF_8));
  }

  /** Returns after the broker's ack (true) or nack (false). */
  boolean publish(String exchange, String key, BasicProperties properties, byte[] body)
      throws Exception {
    confirms.basicPublish(exchange, key, properties, body);
    return confirms.waitForConfirms(DEADLINE);
  }

  void publishAll(String queue, String letter, int last) throws Exception {
    for (int number = 1; number <= last; number++) {
      confirms.basicPublish("", queue, PERSISTENT, (letter + number).getBytes());
    }
    confirms.waitForConfirms(DEADLINE);
  }

  String count(String queue) throws IOException {
    AMQP.Queue.DeclareOk ok = confirms.queueDeclarePassive(queue);
    return ok.getMessageCount() + " messages, " + ok.getConsumerCount() + " consumers";
  }

  /** Waits for a closed channel's messages: RabbitMQ may return them after its close-ok. */
  void settle(String queue, int ready) throws Exception {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DEADLINE);
    while (confirms.queueDeclarePassive(queue).getMessageCount() != ready) {
      if (System.nanoTime() - end > 0) {
        throw new TimeoutException("waited " + DEADLINE + " ms for " + ready + " in " + queue);
      }
    }
  }

  /** Empties a queue and returns the bodies, with a mark on the redelivered ones. */
  String drain(String queue) throws IOException {
    List<String> bodies = new ArrayList<>();
    GetResponse got;
    while ((got = confirms.basicGet(queue, true)) != null) {
      bodies.add(text(got.getBody()) + (got.getEnvelope().isRedeliver() ? "(again)" : ""));
    }
    return bodies.isEmpty() ? "nothing" : String.join(" ", bodies);
  }

  /** Runs an action on a channel of its own and prints the broker's channel.close. */
  void failure(String label, Action action) throws Exception {
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

  /** Cleans up and leaves nothing open that would keep a failed run alive. */
  void end() throws Exception {
    clean();
    connection.abort();
    other.abort();
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

  static String text(byte[] body) {
    return new String(body, StandardCharsets.UTF_8);
  }

  static String shown(byte[] body, Envelope envelope) {
    return text(body) + (envelope.isRedeliver() ? ", redelivered" : ", new");
  }

  static BasicProperties headed(Map<String, Object> headers) {
    return PERSISTENT.builder().headers(headers).build();
  }
}
