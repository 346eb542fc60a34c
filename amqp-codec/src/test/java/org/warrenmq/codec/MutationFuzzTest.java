package org.warrenmq.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Mutated streams of frames: whatever comes, the decoder answers with frames or with an {@link
 * AmqpError}, within a bound of memory, and keeps no buffer.
 *
 * <p>{@code -Dfuzz.frames} sets how many frames, {@code -Dfuzz.seed} which.
 */
class MutationFuzzTest {
  private static final int FRAMES_PER_STREAM = 8;

  /** Fixed cost of a decode plus what one octet of input may turn into at most. */
  private static final long ALLOWED = 400_000;

  private static final long ALLOWED_PER_OCTET = 250;

  private final UnpooledByteBufAllocator allocator =
      new UnpooledByteBufAllocator(false, false, true);
  private long errors;
  private long decoded;

  @Test
  void mutatedStreamsGiveFramesOrAmqpErrors() {
    long frames = Long.getLong("fuzz.frames", 200_000);
    long seed = Long.getLong("fuzz.seed", System.nanoTime());
    System.out.println("fuzz.frames=" + frames + " fuzz.seed=" + seed);
    for (long i = 0; i < frames / FRAMES_PER_STREAM; i++) {
      Samples samples = new Samples(seed + i);
      List<Frame> sent = samples.frames(FRAMES_PER_STREAM);
      byte[] stream = mutate(Bytes.encode(sent), samples);
      try {
        assertBounded(stream, seed + i);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("fuzz.seed=" + (seed + i), e);
      }
    }
    assertThat(allocator.metric().usedHeapMemory()).isZero();
    assertThat(allocator.metric().usedDirectMemory()).isZero();
    // Mutations that break nothing, or everything, would test nothing.
    assertThat(errors).isGreaterThan(frames / 100);
    assertThat(decoded).isGreaterThan(frames / 10);
  }

  private static byte[] mutate(byte[] stream, Samples samples) {
    byte[] mutated = stream.clone();
    for (int i = samples.random.nextInt(1, 6); i > 0; i--) {
      int at = samples.random.nextInt(mutated.length);
      switch (samples.random.nextInt(5)) {
        case 0 -> mutated[at] = (byte) samples.random.nextInt();
        case 1 -> mutated[at] ^= (byte) (1 << samples.random.nextInt(8));
        case 2 -> mutated[at] = -1;
        case 3 -> mutated[at] = 0;
        default -> {
          int length = Math.min(mutated.length - at, samples.random.nextInt(1, 20));
          int from = samples.random.nextInt(mutated.length - length + 1);
          System.arraycopy(stream, from, mutated, at, length);
        }
      }
    }
    return mutated;
  }

  /** Measures again before it complains: the first time may have loaded classes. */
  private void assertBounded(byte[] stream, long seed) {
    long allowed = ALLOWED + ALLOWED_PER_OCTET * stream.length;
    long allocated = feed(stream, new Samples(seed));
    if (allocated > allowed) {
      allocated = feed(stream, new Samples(seed));
    }
    assertThat(allocated).isLessThanOrEqualTo(allowed);
  }

  /** Decodes the stream in random parts and returns what that allocated. */
  private long feed(byte[] stream, Samples samples) {
    Consumer consumer = new Consumer();
    FrameDecoder decoder = new FrameDecoder(consumer, new KeyInterner(16), 4096);
    long before = Allocation.soFar();
    int at = 0;
    while (at < stream.length) {
      int length = Math.min(stream.length - at, samples.random.nextInt(1, 5000));
      ByteBuf in = allocator.buffer(length).writeBytes(stream, at, length);
      while (in.isReadable()) {
        try {
          decoder.decode(in);
        } catch (AmqpError e) {
          errors++;
          assertThat(e.text()).startsWith(e.code().name());
          new ChannelMethod.Close(
              e.code().code(), WireString.cutToShort(e.text()), e.classId(), e.methodId());
        }
      }
      in.release();
      at += length;
    }
    decoder.close();
    decoded += consumer.frames;
    return Allocation.soFar() - before;
  }

  /** Does with frames what a channel would do. */
  private static final class Consumer implements FrameListener {
    private final ContentAssembler assembler =
        new ContentAssembler(new PropertyInterner(), new KeptBodies());
    private long frames;

    @Override
    public void method(int channel, Method method) {
      frames++;
      ByteBuf out = Unpooled.buffer();
      FrameEncoder.method(out, channel, method);
      assertThat(out.readableBytes()).isPositive();
      out.release();
    }

    @Override
    public void header(int channel, int classId, int weight, long bodySize, ByteBuf properties) {
      frames++;
      assembler.reset();
      assembler.expect(BasicMethod.CLASS_ID);
      Content content = assembler.header(classId, weight, bodySize >>> 40, properties, 1 << 20);
      if (content != null) {
        assertThat(Properties.decode(content.properties())).isNotNull();
      }
    }

    @Override
    public void body(int channel, ByteBuf payload) {
      frames++;
      if (assembler.expectsBody()) {
        assembler.body(payload);
      }
    }

    @Override
    public void heartbeat() {
      frames++;
    }
  }
}
