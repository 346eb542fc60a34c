package org.warrenmq.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.warrenmq.router.Exchange;
import org.warrenmq.router.ExchangeTable;
import org.warrenmq.router.MessageProperties;
import org.warrenmq.router.QueueDestination;
import org.warrenmq.router.QueueLookup;
import org.warrenmq.router.RouteCache;
import org.warrenmq.router.Router;

/**
 * A channel's way from exchange and key to queues: from memory, through the index, and with ever
 * new keys that the memory must refuse cheaply. Runs on JMH's worker threads, one state each; the
 * score is per message.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"-XX:+UseCompactObjectHeaders", "-XX:+UseSerialGC"})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Thread)
public class RouteCacheBenchmark {
  /** Keys that all fit into a channel's cache; a power of two. */
  private static final int FEW_KEYS = 64;

  /** Keys far beyond what a cache keeps, so that nearly every look-up misses; a power of two. */
  private static final int MANY_KEYS = 65536;

  private static final QueueLookup NO_QUEUES = _ -> null;

  @Param({"1000", "100000"})
  private int bindings;

  private final RouteCache warm = new RouteCache(new Router());
  private final RouteCache crowded = new RouteCache(new Router());

  @SuppressWarnings("NullAway.Init") // by the set-up, which knows the parameters
  private ExchangeTable table;

  @SuppressWarnings("NullAway.Init") // by the set-up, which knows the parameters
  private Exchange exchange;

  @SuppressWarnings("NullAway.Init") // by the set-up, which knows the parameters
  private String[] fewKeys;

  @SuppressWarnings("NullAway.Init") // by the set-up, which knows the parameters
  private String[] manyKeys;

  private int next;

  @Setup
  public void bind() {
    TopicBindings topic = new TopicBindings(bindings);
    table = topic.table();
    exchange = topic.exchange();
    fewKeys = topic.keys(FEW_KEYS);
    manyKeys = topic.keys(MANY_KEYS);
    for (int i = 0; i < MANY_KEYS; i++) {
      // A tail of its own makes each key new to the cache; "s<i>.#" still selects it.
      manyKeys[i] += "." + i;
    }
  }

  @Benchmark
  public QueueDestination[] hit() {
    String key = fewKeys[next++ & FEW_KEYS - 1];
    return warm.lookup(table, NO_QUEUES, exchange, key, MessageProperties.NONE);
  }

  @Benchmark
  public QueueDestination[] miss() {
    String key = manyKeys[next++ & MANY_KEYS - 1];
    return crowded.lookup(table, NO_QUEUES, exchange, key, MessageProperties.NONE);
  }
}
