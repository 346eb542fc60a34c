package org.warrenmq.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * One writer churns while readers route through exchanges that choose: every message goes one way,
 * since two bindings stay, and a consistent hash lets a key go to its own of the two or to one that
 * comes and goes, never to the other. In the end all is as it was.
 */
class ConcurrentChoiceTest {
  private static final int READERS = 3;
  private static final int KEYS = 50;
  private static final int CHURNING = 20;
  private static final long NANOS = TimeUnit.MILLISECONDS.toNanos(600);

  private final TestVhost vhost = new TestVhost();
  private final AtomicBoolean done = new AtomicBoolean();
  private final List<Exchange> exchanges = new ArrayList<>();
  private final Exchange consistent = exchange("x-consistent-hash");
  private final Map<String, List<String>> home = new HashMap<>();

  ConcurrentChoiceTest() {
    exchange("x-modulus-hash");
    exchange("x-random");
    for (int i = 0; i < KEYS; i++) {
      home.put("k" + i, vhost.route(consistent, "k" + i));
    }
  }

  private Exchange exchange(String type) {
    Exchange exchange = vhost.exchange(type, type);
    vhost.bind(exchange, vhost.queue("steady1"), "1");
    vhost.bind(exchange, vhost.queue("steady2"), "1");
    exchanges.add(exchange);
    return exchange;
  }

  @Test
  void everyMessageGoesOneWay() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(READERS);
    try {
      List<Future<Long>> readers = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        readers.add(threads.submit(this::read));
      }
      write();
      done.set(true);
      for (Future<Long> reader : readers) {
        assertThat(reader.get(10, TimeUnit.SECONDS)).as("messages routed").isPositive();
      }
    } finally {
      done.set(true);
      threads.shutdownNow();
    }
    home.forEach((key, queue) -> assertThat(vhost.route(consistent, key)).isEqualTo(queue));
  }

  private void write() {
    SplittableRandom random = new SplittableRandom(11);
    Deque<Binding> churned = new ArrayDeque<>();
    long end = System.nanoTime() + NANOS;
    for (int i = 0; System.nanoTime() < end; i++) {
      Exchange exchange = exchanges.get(random.nextInt(exchanges.size()));
      String weight = Integer.toString(random.nextInt(1, 5));
      churned.add(vhost.bind(exchange, vhost.queue("churn" + i % CHURNING), weight));
      if (churned.size() > 40) {
        vhost.table.unbind(churned.poll());
      }
    }
    for (int i = 0; i < CHURNING; i++) {
      vhost.table.removeQueue(vhost.queue("churn" + i));
    }
  }

  private long read() {
    Router router = new Router();
    RouteCache cache = new RouteCache(router);
    long messages = 0;
    while (!done.get()) {
      String key = "k" + messages % KEYS;
      for (Exchange exchange : exchanges) {
        String queue = choice(router, exchange, key);
        QueueDestination[] cached =
            cache.lookup(vhost.table, vhost.queues::get, exchange, key, MessageProperties.NONE);
        assertThat(cached).hasSize(1);
        if (exchange == consistent && queue.startsWith("steady")) {
          assertThat(List.of(queue)).isEqualTo(home.get(key));
        }
      }
      messages++;
    }
    return messages;
  }

  private String choice(Router router, Exchange exchange, String key) {
    RouteResult result = new RouteResult();
    router.route(vhost.table, vhost.queues::get, exchange, key, MessageProperties.NONE, result);
    assertThat(result.size()).isEqualTo(1);
    return result.get(0).name();
  }
}
