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
import org.openjdk.jmh.infra.Blackhole;
import org.warrenmq.router.Matcher;
import org.warrenmq.router.MessageProperties;

/**
 * The topic index asked without any cache: three bindings match, among few or among many. Runs on
 * JMH's worker threads, one state each; the score is per message.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"-XX:+UseCompactObjectHeaders", "-XX:+UseSerialGC"})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Thread)
public class TopicMatchBenchmark {
  /** A power of two; more than fit the first-level cache with the nodes they lead to. */
  private static final int KEYS = 8192;

  @Param({"1000", "100000"})
  private int bindings;

  @SuppressWarnings("NullAway.Init") // by the set-up, which knows the parameters
  private Matcher matcher;

  @SuppressWarnings("NullAway.Init") // by the set-up, which knows the parameters
  private String[] keys;

  private int next;

  @Setup
  public void bind() {
    TopicBindings topic = new TopicBindings(bindings);
    matcher = topic.exchange().matcher();
    keys = topic.keys(KEYS);
  }

  @Benchmark
  public void matching(Blackhole hole) {
    Matcher.Sink sink = hole::consume;
    matcher.match(keys[next++ & KEYS - 1], MessageProperties.NONE, sink);
  }

  /** A key that no binding selects, but whose last word many patterns end in. */
  @Benchmark
  public void missing(Blackhole hole) {
    Matcher.Sink sink = hole::consume;
    matcher.match("nobody.asked.k3", MessageProperties.NONE, sink);
  }
}
