package org.warrenmq.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;

/**
 * One writer churns while readers route: a binding that nobody touches is never missed, one that
 * the writer has announced is found by whoever heard of it, and in the end all agree.
 */
class ConcurrentRoutingTest {
  private static final int READERS = 3;
  private static final long NANOS = TimeUnit.MILLISECONDS.toNanos(600);

  /** These stay, however long a reader takes to look one up. */
  private static final int ANNOUNCEMENTS = 50_000;

  private static final FieldTable MARK = FieldTable.of("mark", FieldValue.of(1));

  private final TestVhost vhost = new TestVhost();
  private final List<Exchange> exchanges = new ArrayList<>();
  private final AtomicBoolean done = new AtomicBoolean();

  /** The newest key that is bound to its queue on the announcement exchange. */
  private volatile int announced = -1;

  private final Exchange announcements = vhost.exchange("announcements", "topic");

  ConcurrentRoutingTest() {
    for (String type : List.of("direct", "fanout", "topic", "headers")) {
      Exchange exchange = vhost.exchange(type, type);
      vhost.bind(exchange, vhost.queue("steady"), "a.b", MARK);
      exchanges.add(exchange);
    }
    Exchange relay = vhost.exchange("relay", "fanout");
    exchanges.forEach(exchange -> vhost.bind(relay, exchange, ""));
    exchanges.add(relay);
  }

  @Test
  void readersNeverMissWhatStaysAndSeeWhatIsAnnounced() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(READERS);
    try {
      List<Future<Long>> readers = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        readers.add(threads.submit(this::read));
      }
      long changes = write();
      done.set(true);
      for (Future<Long> reader : readers) {
        assertThat(reader.get(10, TimeUnit.SECONDS)).as("messages routed").isPositive();
      }
      assertThat(changes).isPositive();
    } finally {
      done.set(true);
      threads.shutdownNow();
    }
    for (Exchange exchange : exchanges) {
      assertThat(vhost.route(exchange, "a.b", () -> MARK)).containsExactly("steady");
    }
  }

  private long write() {
    SplittableRandom random = new SplittableRandom(7);
    Deque<Binding> churned = new ArrayDeque<>();
    long end = System.nanoTime() + NANOS;
    int changes = 0;
    while (System.nanoTime() < end) {
      if (changes < ANNOUNCEMENTS) {
        vhost.bind(announcements, vhost.queue("q" + changes % 50), "k" + changes + ".#");
        announced = changes;
      }
      changes++;
      Exchange exchange = exchanges.get(random.nextInt(exchanges.size()));
      String[] patterns = {"a.b", "a.*", "#", "#.b.#", "#.#", "a.x" + changes % 40};
      String pattern = patterns[random.nextInt(patterns.length)];
      churned.add(vhost.bind(exchange, vhost.queue("churn" + changes % 30), pattern));
      if (churned.size() > 100) {
        vhost.table.unbind(churned.poll());
      }
      if (changes % 200 == 0) {
        Exchange passing = vhost.exchange("passing", "topic");
        vhost.bind(exchanges.getLast(), passing, "");
        vhost.bind(passing, vhost.queue("churn0"), "#");
        vhost.table.delete(passing);
      }
    }
    for (int i = 0; i < 30; i++) {
      vhost.table.removeQueue(vhost.queue("churn" + i));
    }
    return changes;
  }

  private long read() {
    Router router = new Router();
    RouteCache cache = new RouteCache(router);
    RouteResult result = new RouteResult();
    long messages = 0;
    while (!done.get()) {
      for (Exchange exchange : exchanges) {
        router.route(vhost.table, vhost.queues::get, exchange, "a.b", () -> MARK, result);
        assertThat(result.toArray()).contains(vhost.queues.get("steady"));
        QueueDestination[] cached =
            cache.lookup(vhost.table, vhost.queues::get, exchange, "a.b", () -> MARK);
        assertThat(cached).contains(vhost.queues.get("steady"));
        messages += 2;
      }
      int number = announced;
      if (number >= 0) {
        QueueDestination[] found =
            cache.lookup(
                vhost.table,
                vhost.queues::get,
                announcements,
                "k" + number + ".x",
                MessageProperties.NONE);
        assertThat(found).containsExactly(vhost.queues.get("q" + number % 50));
      }
    }
    return messages;
  }
}
