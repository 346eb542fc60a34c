package org.warrenmq.conformance;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Which permission every method needs, as RabbitMQ's table has it: with all of them it is carried
 * out, with one of them missing it is refused, and the refusal names that one. On the test thread.
 */
class PermissionMatrixTest extends AccountTest {
  /** A method on a channel. */
  private interface Act {
    void on(Channel channel) throws IOException;
  }

  /** A permission that a method needs. */
  private record Need(String operation, String kind, String name) {
    String refusal(String vhost, String user) {
      return refused(
          "%s access to %s '%s' in vhost '%s'".formatted(operation, kind, name, vhost), user);
    }
  }

  private record Row(String method, Act act, Need... needs) {}

  private static Need configure(String kind, String name) {
    return new Need("configure", kind, name);
  }

  private static Need write(String kind, String name) {
    return new Need("write", kind, name);
  }

  private static Need read(String kind, String name) {
    return new Need("read", kind, name);
  }

  private static final String X = "exchange";
  private static final String Q = "queue";

  private static void queue(Channel channel, String name, Map<String, Object> arguments)
      throws IOException {
    channel.queueDeclare(name, false, false, false, arguments);
  }

  private static final List<Row> TABLE =
      List.of(
          new Row(
              "exchange.declare, new",
              channel -> channel.exchangeDeclare("new", "direct"),
              configure(X, "new")),
          new Row(
              "exchange.declare, there",
              channel -> channel.exchangeDeclare("x", "direct"),
              configure(X, "x")),
          new Row(
              "exchange.declare with an alternate exchange",
              channel ->
                  channel.exchangeDeclare(
                      "new", "direct", false, false, Map.of("alternate-exchange", "other")),
              configure(X, "new"),
              read(X, "new"),
              write(X, "other")),
          new Row("exchange.declare, passive", channel -> channel.exchangeDeclarePassive("x")),
          new Row("exchange.delete", channel -> channel.exchangeDelete("x"), configure(X, "x")),
          new Row(
              "queue.declare, new",
              channel -> queue(channel, "new", Map.of()),
              configure(Q, "new")),
          new Row(
              "queue.declare, there", channel -> queue(channel, "q", Map.of()), configure(Q, "q")),
          new Row(
              "queue.declare with a dead-letter exchange",
              channel -> queue(channel, "new", Map.of("x-dead-letter-exchange", "other")),
              configure(Q, "new"),
              read(Q, "new"),
              write(X, "other")),
          new Row(
              "queue.declare with the default exchange for dead letters",
              channel -> queue(channel, "new", Map.of("x-dead-letter-exchange", "")),
              configure(Q, "new"),
              read(Q, "new"),
              write(X, "amq.default")),
          new Row("queue.declare, passive", channel -> channel.queueDeclarePassive("q")),
          new Row("queue.delete", channel -> channel.queueDelete("q"), configure(Q, "q")),
          new Row("queue.purge", channel -> channel.queuePurge("q"), read(Q, "q")),
          new Row(
              "queue.bind",
              channel -> channel.queueBind("q", "x", "k"),
              write(Q, "q"),
              read(X, "x")),
          new Row(
              "queue.unbind",
              channel -> channel.queueUnbind("q", "x", "k"),
              write(Q, "q"),
              read(X, "x")),
          new Row(
              "exchange.bind",
              channel -> channel.exchangeBind("other", "x", "k"),
              write(X, "other"),
              read(X, "x")),
          new Row(
              "exchange.unbind",
              channel -> channel.exchangeUnbind("other", "x", "k"),
              write(X, "other"),
              read(X, "x")),
          new Row("basic.get", channel -> channel.basicGet("q", true), read(Q, "q")),
          new Row(
              "basic.consume",
              channel -> channel.basicConsume("q", true, (_, _) -> {}, _ -> {}),
              read(Q, "q")),
          new Row(
              "basic.publish",
              channel -> channel.basicPublish("x", "k", null, new byte[1]),
              write(X, "x")),
          new Row(
              "basic.publish to the default exchange",
              channel -> channel.basicPublish("", "q", null, new byte[1]),
              write(X, "amq.default")));

  private static void makeObjects(Channel channel) throws IOException {
    channel.exchangeDelete("new");
    channel.queueDelete("new");
    channel.exchangeDeclare("x", "direct");
    channel.exchangeDeclare("other", "fanout");
    queue(channel, "q", Map.of());
  }

  /** These permissions, and no others. */
  private void permit(String user, String vhost, List<Need> needs) throws Exception {
    permit(
        user, vhost, pattern("configure", needs), pattern("write", needs), pattern("read", needs));
  }

  private static String pattern(String operation, List<Need> needs) {
    return needs.stream()
        .filter(need -> need.operation().equals(operation))
        .map(need -> "^" + need.name().replace(".", "\\.") + "$")
        .collect(Collectors.joining("|"));
  }

  @Test
  @Behaviour({71, 170, 173, 175})
  void everyMethodNeedsWhatTheTableSays() throws Exception {
    String vhost = newVhost();
    String user = user();
    Channel owner = connect(broker.user(), vhost).createChannel();
    permit(user, vhost, List.of());
    Connection connection = connect(user, vhost);
    for (Row row : TABLE) {
      List<Need> needs = List.of(row.needs());
      makeObjects(owner);
      permit(user, vhost, needs);
      Channel channel = connection.createChannel();
      row.act().on(channel);
      // It answers when all before it was carried out.
      channel.basicQos(1);
      channel.abort();
      for (Need missing : needs) {
        List<Need> others = new ArrayList<>(needs);
        others.remove(missing);
        makeObjects(owner);
        permit(user, vhost, others);
        Channel refusing = connection.createChannel();
        try {
          expectChannelClose(
              refusing, 403, missing.refusal(vhost, user), () -> row.act().on(refusing));
        } catch (AssertionError e) {
          throw new AssertionError(row.method() + " without " + missing, e);
        }
      }
    }
  }
}
