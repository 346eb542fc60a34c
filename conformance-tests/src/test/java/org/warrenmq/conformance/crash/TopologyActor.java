package org.warrenmq.conformance.crash;

import com.rabbitmq.client.Channel;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.warrenmq.conformance.crash.Terrain.Binding;
import org.warrenmq.conformance.crash.Terrain.ExchangeSpec;
import org.warrenmq.conformance.crash.Terrain.QueueSpec;

/**
 * Declares, binds, fills, unbinds and deletes queues and exchanges of its own, one change after the
 * other, most of them durable. Its books outlive it.
 */
final class TopologyActor implements Actor {
  private static final List<String> TYPES = List.of("direct", "fanout", "topic", "headers");
  private static final List<String> KEYS = List.of("k1", "k2", "a.*", "#.b", "#");
  private static final List<Map<String, Object>> CONDITIONS =
      List.of(Map.of(), Map.of("h", 1), Map.of("x-match", "any", "h", 1, "g", 3));
  private static final List<Map<String, Object>> QUEUE_ARGUMENTS =
      List.of(Map.of(), Map.of("x-max-length", 100_000), Map.of("x-odd", "thing"));
  private static final int MOST_CONTENT = 30;
  private static final long LIMIT_MILLIS = 60_000;

  private final TopologyBooks books;
  private final SplittableRandom random;

  TopologyActor(TopologyBooks books, long seed) {
    this.books = books;
    this.random = new SplittableRandom(seed);
  }

  @Override
  public void run(Stage stage) throws Exception {
    Channel channel = stage.connect().createChannel();
    channel.confirmSelect();
    channel.queueDeclare(books.exclusiveQueue(), true, true, false, null);
    Stage.send(channel, Landscape.toQueue(books.exclusiveQueue()), 0, new byte[10]);
    long id = stage.ledger.newPublisher();
    while (!stage.isOver()) {
      switch (random.nextInt(10)) {
        case 0, 1 -> changeExchange(channel);
        case 2, 3 -> changeQueue(stage, channel);
        case 4, 5 -> bind(channel);
        case 6 -> unbind(channel);
        default -> publish(channel, ++id);
      }
      stage.pause(random.nextInt(5));
      Stage.requireOpen(channel);
    }
  }

  private <T> T oneOf(List<T> things) {
    return things.get(random.nextInt(things.size()));
  }

  private void changeExchange(Channel channel) throws Exception {
    Terrain now = books.certain();
    String name = oneOf(books.exchanges());
    if (now.exchanges().containsKey(name)) {
      books.begin(now.withoutExchange(name));
      channel.exchangeDelete(name);
    } else {
      String alternate = random.nextInt(3) == 0 ? oneOf(books.exchanges()) : "";
      var spec = new ExchangeSpec(oneOf(TYPES), random.nextInt(6) > 0, alternate);
      books.begin(now.withExchange(name, spec));
      channel.exchangeDeclare(name, spec.type(), spec.durable(), false, spec.arguments());
    }
    books.done();
  }

  private void changeQueue(Stage stage, Channel channel) throws Exception {
    Terrain now = books.certain();
    String name = oneOf(books.queues());
    QueueSpec present = now.queues().get(name);
    if (present == null) {
      var spec = new QueueSpec(random.nextInt(6) > 0, oneOf(QUEUE_ARGUMENTS), List.of());
      books.begin(now.withQueue(name, spec));
      channel.queueDeclare(name, spec.durable(), false, false, spec.arguments());
    } else {
      books.begin(now.withoutQueue(name));
      int count = channel.queueDelete(name).getMessageCount();
      if (count != present.content().size()) {
        stage.ledger.violation(
            "the end of %s counts %d messages instead of %s"
                .formatted(name, count, present.content()));
      }
    }
    books.done();
  }

  private void bind(Channel channel) throws Exception {
    Terrain now = books.certain();
    String source = oneOf(books.exchanges());
    boolean toQueue = random.nextInt(3) > 0;
    String destination = oneOf(toQueue ? books.queues() : books.exchanges());
    boolean there =
        toQueue ? now.queues().containsKey(destination) : now.exchanges().containsKey(destination);
    if (!there || !now.exchanges().containsKey(source)) {
      return;
    }
    var binding = new Binding(source, destination, toQueue, oneOf(KEYS), oneOf(CONDITIONS));
    books.begin(now.with(binding));
    if (toQueue) {
      channel.queueBind(destination, source, binding.key(), binding.arguments());
    } else {
      channel.exchangeBind(destination, source, binding.key(), binding.arguments());
    }
    books.done();
  }

  private void unbind(Channel channel) throws Exception {
    Terrain now = books.certain();
    if (now.bindings().isEmpty()) {
      return;
    }
    Binding binding = oneOf(List.copyOf(now.bindings()));
    books.begin(now.without(binding));
    if (binding.toQueue()) {
      channel.queueUnbind(
          binding.destination(), binding.source(), binding.key(), binding.arguments());
    } else {
      channel.exchangeUnbind(
          binding.destination(), binding.source(), binding.key(), binding.arguments());
    }
    books.done();
  }

  private void publish(Channel channel, long id) throws Exception {
    Terrain now = books.certain();
    String queue = oneOf(books.queues());
    QueueSpec present = now.queues().get(queue);
    if (present == null || present.content().size() >= MOST_CONTENT) {
      return;
    }
    books.begin(now.withMessage(queue, id));
    Stage.send(channel, Landscape.toQueue(queue), id, new byte[20]);
    channel.waitForConfirmsOrDie(LIMIT_MILLIS);
    books.done();
  }
}
