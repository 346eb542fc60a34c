package org.warrenmq.conformance.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.conformance.BrokerProcess;
import org.warrenmq.conformance.BrokerProcess.Launch;
import org.warrenmq.conformance.crash.OwnBrokerOnly;

/**
 * Honest clients beside hostile ones, at a broker process with a small heap: it lives, the honest
 * ones lose neither a message nor their connection, and what lives on the heap is accounted for.
 *
 * <p>System property {@code chaos.seconds} says how long, {@code chaos.seed} repeats the dice of a
 * run (not its timing), {@code chaos.kinds} lets in some kinds of hostile clients only.
 */
@ExtendWith(OwnBrokerOnly.class)
class ChaosTest {
  private static final long SECONDS = Long.getLong("chaos.seconds", 45);
  private static final long SEED =
      Long.getLong("chaos.seed", RandomGenerator.getDefault().nextInt(1, 1_000_000));
  private static final int HEAP_MEGABYTES = 160;
  private static final long HEAP = (long) HEAP_MEGABYTES << 20;
  private static final long MOST_UNACCOUNTED = HEAP * 15 / 100;
  private static final long MOST_HELD_IDLE = 2 << 20;
  private static final Hostility[] KINDS = kinds();
  private static final int SAMPLE_MILLIS = 4_000;
  private static final int LOG_LINES = 60;
  private static final Duration DRAIN_LIMIT = Duration.ofSeconds(60);
  private static final Duration RELEASE_LIMIT = Duration.ofSeconds(20);
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);

  private final Faults faults = new Faults();
  private final Confirms confirms = new Confirms();

  @TempDir Path root;

  @Test
  void hostileClientsHarmNobodyElse() throws Exception {
    System.out.printf("chaos.seed %d, %d s%n", SEED, SECONDS);
    Path data = root.resolve("data");
    var launch = new Launch(data, "-Xmx" + HEAP_MEGABYTES + "m", List.of(), Map.of());
    BrokerProcess broker = BrokerProcess.start(launch);
    try (var clients = new HonestClients(broker.uri(), faults)) {
      var heap = new HeapWatch(broker, data, MOST_UNACCOUNTED, faults);
      run(broker, heap, clients);
    } finally {
      broker.close();
    }
    assertThat(broker.errors()).as("errors in the broker's log").isEmpty();
  }

  private void run(BrokerProcess broker, HeapWatch heap, HonestClients clients) throws Exception {
    List<HonestQueue> queues =
        List.of(
            new HonestQueue("honest.durable.0", true, clients, confirms, faults),
            new HonestQueue("honest.durable.1", true, clients, confirms, faults),
            new HonestQueue("honest.transient.0", false, clients, confirms, faults),
            new HonestQueue("honest.transient.1", false, clients, confirms, faults));
    for (HonestQueue queue : queues) {
      queue.start();
    }
    Probe probe = Probe.start(clients, faults);
    var crowd = new Crowd(URI.create(broker.uri()), KINDS, SEED, clients.channel(), faults);
    try {
      crowd.start();
      watch(broker, heap);
      crowd.stop();
      assertAnswers(broker);
      assertNothingLost(queues);
      probe.stop();
      crowd.sweep();
      for (HonestQueue queue : queues) {
        queue.delete();
      }
      clients.close();
      assertReleased(heap);
      assertThat(faults.all()).as("faults").isEmpty();
      assertThat(crowd.done()).as("sessions").containsOnlyKeys(KINDS);
    } catch (Exception | AssertionError e) {
      faults.all().forEach(System.out::println);
      System.out.println("the last hostile sessions were\n" + crowd.last());
      // Of each hostile client it says something at INFO, or that it was refused.
      List<String> lines =
          broker.log().stream()
              .filter(line -> !line.contains(" INFO ") && !line.contains(" was refused"))
              .toList();
      lines.stream().skip(Math.max(0, lines.size() - LOG_LINES)).forEach(System.out::println);
      throw e;
    } finally {
      crowd.stop();
      report(broker, heap, queues, probe, crowd);
    }
  }

  /** Looks at the heap until time is over, or something is wrong. */
  private void watch(BrokerProcess broker, HeapWatch heap) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (System.nanoTime() < end && faults.isEmpty()) {
      new CountDownLatch(1).await(SAMPLE_MILLIS, TimeUnit.MILLISECONDS);
      assertThat(broker.isAlive()).as("the broker lives").isTrue();
      heap.sample();
    }
  }

  private static void assertAnswers(BrokerProcess broker) throws Exception {
    var factory = new ConnectionFactory();
    factory.setUri(broker.uri());
    factory.setHandshakeTimeout((int) ANSWER_LIMIT.toMillis());
    long begun = System.nanoTime();
    try (Connection connection = factory.newConnection()) {
      connection.createChannel().queueDeclare();
      assertThat(Duration.ofNanos(System.nanoTime() - begun))
          .as("time to answer a new client")
          .isLessThan(ANSWER_LIMIT);
    }
  }

  private static void assertNothingLost(List<HonestQueue> queues) throws Exception {
    for (HonestQueue queue : queues) {
      queue.stopPublishing();
    }
    for (HonestQueue queue : queues) {
      Awaitility.await("all that was confirmed")
          .atMost(DRAIN_LIMIT)
          .untilAsserted(() -> assertThat(queue.isDrained()).as(queue.missing()).isTrue());
      assertThat(queue.confirmed()).as("confirmed").isPositive();
    }
  }

  /** Nobody is there any more: nothing is held, and the heap is as it was. */
  private static void assertReleased(HeapWatch heap) throws Exception {
    Awaitility.await("what is held for clients goes with them")
        .atMost(RELEASE_LIMIT)
        .untilAsserted(() -> assertThat(heap.held()).isLessThan(MOST_HELD_IDLE));
    heap.sample();
  }

  private void report(
      BrokerProcess broker, HeapWatch heap, List<HonestQueue> queues, Probe probe, Crowd crowd)
      throws Exception {
    int confirmed = queues.stream().mapToInt(HonestQueue::confirmed).sum();
    System.out.printf(
        "chaos.seed %d: %d confirmed, %d consumed; confirms %s, in alarms %s; probe %s; sessions"
            + " %s; %d kB of the heap unaccounted for at most; peak RSS %s%n",
        SEED,
        confirmed,
        queues.stream().mapToInt(HonestQueue::received).sum(),
        confirms.calm,
        confirms.alarmed,
        probe.answers,
        crowd.done(),
        heap.largest() >> 10,
        broker.peakRss());
    reportForPrograms(broker, confirmed);
  }

  /** The same for {@code benchmarks/check}, which judges it. */
  private void reportForPrograms(BrokerProcess broker, int confirmed) throws Exception {
    Latencies.Summary calm = confirms.calm.summary();
    String kilobytes = "0" + broker.peakRss().replaceAll("\\D", "");
    System.out.printf(
        Locale.ROOT,
        "chaos p50_ms=%.2f p99_ms=%.2f worst_ms=%.2f alarmed_p99_ms=%.2f rss_mb=%.1f"
            + " confirmed=%d%n",
        calm.p50(),
        calm.p99(),
        calm.worst(),
        confirms.alarmed.summary().p99(),
        Long.parseLong(kilobytes) / 1e3,
        confirmed);
  }

  private static Hostility[] kinds() {
    String names = System.getProperty("chaos.kinds", "");
    return names.isEmpty()
        ? Hostility.values()
        : Arrays.stream(names.split(",")).map(Hostility::valueOf).toArray(Hostility[]::new);
  }
}
