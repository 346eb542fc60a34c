package org.warrenmq.conformance.crash;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.warrenmq.conformance.crash.Tally.Count;
import org.warrenmq.conformance.crash.Terrain.Probe;
import org.warrenmq.conformance.crash.Terrain.View;

/**
 * The books of one {@link TopologyActor} over all broker processes: what the broker has
 * acknowledged, and the one change that may be under way. Written by the actor while it runs, read
 * and checked by the test thread after its end.
 */
final class TopologyBooks {
  private static final long LIMIT_MILLIS = 30_000;
  private static final int NAMES = 5;

  private final String prefix;
  private final Ledger ledger;
  private final History history;
  private volatile Terrain certain = Terrain.EMPTY;

  /** What the changes that were not answered lead to: one of them while the actor lives. */
  private volatile List<Terrain> underWay = List.of();

  TopologyBooks(String prefix, Ledger ledger, History history) {
    this.prefix = prefix;
    this.ledger = ledger;
    this.history = history;
  }

  List<String> exchanges() {
    return IntStream.range(0, NAMES).mapToObj(i -> prefix + ".x" + i).toList();
  }

  List<String> queues() {
    return IntStream.range(0, NAMES).mapToObj(i -> prefix + ".q" + i).toList();
  }

  /** A durable queue that belongs to the actor's connection. */
  String exclusiveQueue() {
    return prefix + ".exclusive";
  }

  Terrain certain() {
    return certain;
  }

  /** A change is about to be sent. */
  void begin(Terrain next) {
    history.asked((books, _) -> books.topology(prefix).begin(next));
    underWay = Stream.concat(underWay.stream(), Stream.of(next)).toList();
  }

  /** The broker has acknowledged it. */
  void done() {
    history.answered((books, _) -> books.topology(prefix).done());
    certain = underWay.getLast();
    underWay = List.of();
    ledger.tally.add(Count.TOPOLOGY);
  }

  /** From now on the books say what was found. */
  private void adopt(Terrain found) {
    history.answered((books, _) -> books.topology(prefix).adopt(found));
    certain = found;
    underWay = List.of();
  }

  // ---------------------------------------------------------------- after a restart

  /** Compares what is there with the books, and goes on from what is there. */
  void check(String uri) throws Exception {
    List<Terrain> possible =
        Stream.concat(Stream.of(certain), underWay.stream()).map(Terrain::afterRestart).toList();
    try (Connection connection = Stage.factory(uri).newConnection()) {
      View found = look(connection);
      Optional<Terrain> match =
          possible.stream().filter(terrain -> terrain.view().equals(found)).findFirst();
      if (match.isEmpty()) {
        ledger.violation(
            "topology %s is %s, and should be one of %s"
                .formatted(prefix, found, possible.stream().map(Terrain::view).toList()));
        return;
      }
      adopt(match.get());
      redeclare(connection);
      if (exists(connection, channel -> channel.queueDeclarePassive(exclusiveQueue()))) {
        ledger.violation("the exclusive queue " + exclusiveQueue() + " outlives its owner");
      }
      ledger.tally.add(Count.TOPOLOGIES_CHECKED);
    }
  }

  private View look(Connection connection) throws Exception {
    var exchanges = new TreeSet<String>();
    for (String name : exchanges()) {
      if (exists(connection, channel -> channel.exchangeDeclarePassive(name))) {
        exchanges.add(name);
      }
    }
    Channel holding = connection.createChannel();
    var content = new TreeMap<String, List<Long>>();
    for (String name : queues()) {
      if (exists(connection, channel -> channel.queueDeclarePassive(name))) {
        content.put(name, content(holding, name));
      }
    }
    // The content is held meanwhile, so the probes are at the head.
    var routes = new TreeMap<String, List<Set<String>>>();
    for (String exchange : exchanges) {
      routes.put(exchange, probe(connection, exchange, content.keySet()));
    }
    holding.close();
    return new View(exchanges, content, routes);
  }

  private static List<Long> content(Channel channel, String queue) throws IOException {
    var ids = new ArrayList<Long>();
    for (GetResponse response = channel.basicGet(queue, false);
        response != null;
        response = channel.basicGet(queue, false)) {
      ids.add(Ledger.id(response.getProps().getMessageId()));
    }
    return ids;
  }

  private static List<Set<String>> probe(Connection connection, String exchange, Set<String> queues)
      throws Exception {
    Channel channel = connection.createChannel();
    channel.confirmSelect();
    for (int i = 0; i < Terrain.PROBES.size(); i++) {
      Probe probe = Terrain.PROBES.get(i);
      AMQP.BasicProperties properties =
          new AMQP.BasicProperties.Builder()
              .messageId(Integer.toString(i))
              .headers(probe.headers())
              .build();
      channel.basicPublish(exchange, probe.key(), properties, new byte[0]);
    }
    channel.waitForConfirmsOrDie(LIMIT_MILLIS);
    List<Set<String>> reached = new ArrayList<>();
    Terrain.PROBES.forEach(_ -> reached.add(new TreeSet<>()));
    for (String queue : queues) {
      GetResponse response;
      while ((response = channel.basicGet(queue, true)) != null) {
        reached.get(Integer.parseInt(response.getProps().getMessageId())).add(queue);
      }
    }
    channel.close();
    return reached;
  }

  /** Everything is what it was: the broker compares. */
  private void redeclare(Connection connection) throws Exception {
    var refused = new LinkedHashMap<String, Throwable>();
    for (Map.Entry<String, Terrain.ExchangeSpec> entry : certain.exchanges().entrySet()) {
      var spec = entry.getValue();
      attempt(
          connection,
          entry.getKey(),
          refused,
          channel ->
              channel.exchangeDeclare(
                  entry.getKey(), spec.type(), spec.durable(), false, spec.arguments()));
    }
    for (Map.Entry<String, Terrain.QueueSpec> entry : certain.queues().entrySet()) {
      var spec = entry.getValue();
      attempt(
          connection,
          entry.getKey(),
          refused,
          channel ->
              channel.queueDeclare(entry.getKey(), spec.durable(), false, false, spec.arguments()));
    }
    if (!refused.isEmpty()) {
      ledger.violation("topology " + prefix + " has changed: " + refused);
    }
  }

  private static void attempt(
      Connection connection, String name, Map<String, Throwable> refused, Request request)
      throws IOException {
    Channel channel = connection.createChannel();
    try {
      request.on(channel);
      channel.close();
    } catch (Exception e) {
      refused.put(name, e.getCause() == null ? e : e.getCause());
    }
  }

  private static boolean exists(Connection connection, Request request) throws Exception {
    Channel channel = connection.createChannel();
    try {
      request.on(channel);
      channel.close();
      return true;
    } catch (IOException refused) {
      if (refused.getCause() instanceof ShutdownSignalException signal
          && signal.getReason() instanceof AMQP.Channel.Close close
          && close.getReplyCode() == AMQP.NOT_FOUND) {
        return false;
      }
      throw refused;
    }
  }

  @FunctionalInterface
  private interface Request {
    void on(Channel channel) throws IOException;
  }
}
