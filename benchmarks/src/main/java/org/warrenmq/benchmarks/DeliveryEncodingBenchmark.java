package org.warrenmq.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.warrenmq.codec.Content;
import org.warrenmq.codec.DeliveryWriter;
import org.warrenmq.codec.WireString;

/**
 * From messages to octets: one turn's deliveries written into one direct buffer, as a connection
 * does before it flushes. Runs on JMH's worker threads, one state each; the score is per message.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"-XX:+UseCompactObjectHeaders", "-XX:+UseSerialGC"})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Thread)
public class DeliveryEncodingBenchmark {
  private static final int MESSAGES = 64;
  private static final int FRAME_MAX = 131072;

  @Param({"12", "1024"})
  private int bodySize;

  private final byte[] consumerTag = WireString.shortString("amq.ctag-Jd8yw3zqxV0tqcyRVTkSZA");
  private final ByteBuf out = PooledByteBufAllocator.DEFAULT.directBuffer(256 * 1024);
  private long deliveryTag;

  @SuppressWarnings("NullAway.Init") // by the set-up, which knows the parameters
  private Content content;

  @Setup
  public void makeContent() {
    content = PublishStream.content(bodySize);
  }

  @TearDown
  public void release() {
    out.release();
  }

  @Benchmark
  @OperationsPerInvocation(MESSAGES)
  public int deliveries() {
    out.clear();
    for (int i = 0; i < MESSAGES; i++) {
      DeliveryWriter.deliver(
          out, 1, consumerTag, ++deliveryTag, false, "events", "order.created", content, FRAME_MAX);
    }
    return out.writerIndex();
  }
}
