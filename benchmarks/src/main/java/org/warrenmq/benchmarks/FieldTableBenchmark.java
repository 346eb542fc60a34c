package org.warrenmq.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldTableCodec;
import org.warrenmq.codec.FieldValue;

/**
 * A message's headers read and written: eight entries of the usual kinds, one table inside. Runs on
 * JMH's worker threads, one state each.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"-XX:+UseCompactObjectHeaders", "-XX:+UseSerialGC"})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Thread)
public class FieldTableBenchmark {
  private final FieldTable table = headers();
  private final ByteBuf encoded = Unpooled.directBuffer(1024);
  private final ByteBuf out = Unpooled.directBuffer(1024);

  /** Encodes once what {@link #read} reads again and again. */
  public FieldTableBenchmark() {
    FieldTableCodec.write(encoded, table);
  }

  private static FieldTable headers() {
    return FieldTable.builder()
        .put("x-request-id", "3f1c2a7e-9a55-4b0e-8f1e-6f1f0d9a2b11")
        .put("content-language", "en")
        .put("tenant", "blue")
        .put("attempt", 3)
        .put("enqueued-at", 1_700_000_000_000L)
        .put("replayed", false)
        .put("sent", new FieldValue.Timestamp(1_700_000_000L))
        .put("trace", FieldTable.builder().put("id", "abc").put("sampled", true).build())
        .build();
  }

  @TearDown
  public void release() {
    encoded.release();
    out.release();
  }

  @Benchmark
  public FieldTable read() {
    encoded.readerIndex(0);
    return FieldTableCodec.read(encoded);
  }

  /** Steps over a table nobody asks for, as the check of a message's properties does. */
  @Benchmark
  public int skip() {
    encoded.readerIndex(0);
    FieldTableCodec.skip(encoded);
    return encoded.readerIndex();
  }

  @Benchmark
  public int write() {
    out.clear();
    FieldTableCodec.write(out, table);
    return out.writerIndex();
  }
}
