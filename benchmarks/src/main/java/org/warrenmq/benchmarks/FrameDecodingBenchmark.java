package org.warrenmq.benchmarks;

import io.netty.buffer.ByteBuf;
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
import org.openjdk.jmh.infra.Blackhole;
import org.warrenmq.codec.BasicMethod;
import org.warrenmq.codec.Content;
import org.warrenmq.codec.ContentAssembler;
import org.warrenmq.codec.FrameDecoder;
import org.warrenmq.codec.FrameListener;
import org.warrenmq.codec.KeyInterner;
import org.warrenmq.codec.Method;
import org.warrenmq.codec.PropertyInterner;

/**
 * From octets to whole messages: publish, header and body frames cut, decoded and put together as a
 * connection does it. Runs on JMH's worker threads, one state each; the score is per message.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"-XX:+UseCompactObjectHeaders", "-XX:+UseSerialGC"})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Thread)
public class FrameDecodingBenchmark {
  private static final int MESSAGES = 64;
  private static final int FRAME_MAX = 131072;

  /** As many keys as the broker's connections remember. */
  private static final int KEY_SLOTS = 64;

  @Param({"12", "1024"})
  private int bodySize;

  /** Octets that arrive at once: about one read of a socket, or so few that frames are cut. */
  @Param({"65536", "1000"})
  private int readSize;

  private final KeyInterner keys = new KeyInterner(KEY_SLOTS);
  private final Assembly assembly = new Assembly();
  private final FrameDecoder decoder = new FrameDecoder(assembly, keys, FRAME_MAX);

  @SuppressWarnings("NullAway.Init") // by the set-up, which knows the parameters
  private ByteBuf stream;

  @Setup
  public void encode() {
    stream = PublishStream.of(MESSAGES, bodySize, FRAME_MAX);
  }

  @TearDown
  public void release() {
    decoder.close();
    stream.release();
  }

  /** All messages of the stream, in reads of the chosen size. */
  @Benchmark
  @OperationsPerInvocation(MESSAGES)
  public void publishes(Blackhole hole) {
    assembly.hole = hole;
    int end = stream.writerIndex();
    for (int from = 0; from < end; from += readSize) {
      stream.setIndex(from, Math.min(end, from + readSize));
      decoder.decode(stream);
    }
    stream.setIndex(0, end);
  }

  /** The content part of a connection: what it does with the frames of one channel. */
  private static final class Assembly implements FrameListener {
    private final ContentAssembler assembler =
        new ContentAssembler(
            new PropertyInterner(),
            (_, size) -> {
              throw new IllegalStateException("no body here has " + size + " octets");
            });

    @SuppressWarnings("NullAway.Init") // before the first frame
    private Blackhole hole;

    @Override
    public void method(int channel, Method method) {
      assembler.expect(BasicMethod.CLASS_ID);
      hole.consume(method);
    }

    @Override
    public void header(int channel, int classId, int weight, long bodySize, ByteBuf properties) {
      Content content = assembler.header(classId, weight, bodySize, properties, Long.MAX_VALUE);
      if (content != null) {
        hole.consume(content);
      }
    }

    @Override
    public void body(int channel, ByteBuf payload) {
      Content content = assembler.body(payload);
      if (content != null) {
        hole.consume(content);
      }
    }

    @Override
    public void heartbeat() {
      throw new IllegalStateException("there is no heartbeat in the stream");
    }
  }
}
