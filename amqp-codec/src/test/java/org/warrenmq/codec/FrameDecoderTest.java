package org.warrenmq.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Cutting of frames: any split gives the same frames; errors have RabbitMQ's texts. */
class FrameDecoderTest {
  private final UnpooledByteBufAllocator allocator =
      new UnpooledByteBufAllocator(false, false, true);
  private final Recorder recorder = new Recorder();
  private final FrameDecoder decoder = decoder(recorder);

  private static FrameDecoder decoder(FrameListener listener) {
    return new FrameDecoder(listener, new KeyInterner(64), 4096);
  }

  @Test
  void anySplitGivesTheSameFrames() {
    SeededRuns.run(
        FrameDecoderTest.class,
        150,
        (samples, trace) -> {
          List<Frame> frames = samples.frames(20);
          trace.addAll(frames);
          byte[] stream = Bytes.encode(frames);
          List<Integer> sizes = cuts(samples);
          sizes.add(stream.length);
          trace.add(sizes);
          assertThat(decodeInParts(stream, sizes)).isEqualTo(frames);
        });
  }

  /** Sizes of at most 60 parts: now large ones, now tiny ones, now of both kinds. */
  private static List<Integer> cuts(Samples samples) {
    int most = 3000 >> samples.random.nextInt(11);
    List<Integer> sizes = new ArrayList<>();
    for (int i = samples.length(60); i > 0; i--) {
      sizes.add(Math.max(1, samples.length(most)));
    }
    return sizes;
  }

  @Test
  void singleOctetsGiveTheSameFrames() {
    SeededRuns.run(
        FrameDecoderTest.class,
        20,
        (samples, trace) -> {
          List<Frame> frames = samples.frames(10);
          trace.addAll(frames);
          byte[] stream = Bytes.encode(frames);
          List<Integer> sizes = Collections.nCopies(stream.length, 1);
          assertThat(decodeInParts(stream, sizes)).isEqualTo(frames);
        });
  }

  private static List<Frame> decodeInParts(byte[] stream, List<Integer> sizes) {
    // Of its own: what one run left behind must not fail the next.
    var allocator = new UnpooledByteBufAllocator(false, false, true);
    Recorder parts = new Recorder();
    FrameDecoder fresh = decoder(parts);
    int at = 0;
    for (int size : sizes) {
      int length = Math.min(size, stream.length - at);
      // Octets before and after the part must not matter.
      ByteBuf in = allocator.directBuffer().writeShort(-1).writeBytes(stream, at, length);
      in.skipBytes(2);
      fresh.decode(in);
      assertThat(in.isReadable()).isFalse();
      assertThat(in.refCnt()).isEqualTo(1);
      in.release();
      at += length;
    }
    assertNothingHeld(allocator);
    return parts.frames;
  }

  private void assertNothingHeld() {
    assertNothingHeld(allocator);
  }

  private static void assertNothingHeld(UnpooledByteBufAllocator allocator) {
    assertThat(allocator.metric().usedDirectMemory()).isZero();
    assertThat(allocator.metric().usedHeapMemory()).isZero();
  }

  @Test
  void theClientReadsWhatWeWrite() {
    SeededRuns.run(
        FrameDecoderTest.class,
        1000,
        (samples, trace) -> {
          Frame frame = samples.frame();
          trace.add(frame);
          assertTheClientReads(frame);
        });
  }

  private static void assertTheClientReads(Frame frame) {
    byte[] ours = Bytes.encode(List.of(frame));
    com.rabbitmq.client.impl.Frame theirs =
        Bytes.readByThem(ours, in -> com.rabbitmq.client.impl.Frame.readFrom(in, () -> 1 << 20));
    assertThat(theirs.getChannel()).isEqualTo(frame.channel());
    assertThat(theirs.getType()).isEqualTo(ours[0]);
    assertThat(theirs.getPayload())
        .isEqualTo(Arrays.copyOfRange(ours, Frame.HEAD_SIZE, ours.length - 1));
    assertThat(theirsOf(theirs)).isEqualTo(ours);
  }

  private static byte[] theirsOf(com.rabbitmq.client.impl.Frame read) {
    ByteBuffer payload = ByteBuffer.wrap(read.getPayload());
    var frame = new com.rabbitmq.client.impl.Frame(read.getType(), read.getChannel(), payload);
    return Bytes.theirs(frame::writeTo);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "01 0001 0000000b 68656c6c6f20776f726c64 41 | 501 | FRAME_ERROR - type 1, all octets = "
            + "<<\"hello world\">>: {invalid_frame_end_marker,65} | true",
        "03 0001 00000011 000102030405060708090a0b0c0d0e0f10 00 | 501 | FRAME_ERROR - type 3, "
            + "first 16 octets = <<0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15>>: "
            + "{invalid_frame_end_marker,0} | true",
        "09 0001 00000006 616263225c64 ce | 501 | "
            + "FRAME_ERROR - type 9, all octets = <<\"abc\\\"\\\\d\">>: unknown_frame | false",
        "09 0001 00000000 ce | 501 | FRAME_ERROR - type 9, all octets = <<>>: unknown_frame |"
            + " false",
        "08 0001 00000000 ce | 505 | UNEXPECTED_FRAME - type 8, all octets = <<>> | false",
        "08 0000 00000001 78 ce | 501 | "
            + "FRAME_ERROR - type 8, all octets = <<\"x\">>: unknown_frame | false",
        "01 0001 00000002 6162 ce | 501 | "
            + "FRAME_ERROR - type 1, all octets = <<\"ab\">>: unknown_frame | false",
        "02 0001 00000002 6162 ce | 501 | "
            + "FRAME_ERROR - type 2, all octets = <<\"ab\">>: unknown_frame | false",
        "03 0001 00001001 | 501 | "
            + "FRAME_ERROR - type 3, all octets = <<>>: {frame_too_large,4097,4088} | true",
        "03 0001 ffffffff | 501 | "
            + "FRAME_ERROR - type 3, all octets = <<>>: {frame_too_large,4294967295,4088} | true",
      })
  void saysWhatIsWrong(String hex, int code, String text, boolean fatal) {
    byte[] bad = Bytes.hex(hex);
    ByteBuf in = Unpooled.wrappedBuffer(bad, Bytes.encode(List.of(Heartbeat.INSTANCE)));
    ConnectionError error = catchThrowableOfType(ConnectionError.class, () -> decoder.decode(in));
    assertThat(error.code().code()).isEqualTo(code);
    assertThat(error.text()).isEqualTo(text);
    assertThat(error.classId()).isZero();
    assertThat(decoder.failed()).isEqualTo(fatal);
    decoder.decode(in);
    assertThat(in.isReadable()).isFalse();
    assertThat(recorder.frames).hasSize(fatal ? 0 : 1);
  }

  @Test
  void takesPayloadsUpToFrameMaxItself() {
    Frame largest = new BodyFrame(1, Unpooled.wrappedBuffer(new byte[4096]));
    decoder.decode(Unpooled.wrappedBuffer(Bytes.encode(List.of(largest))));
    assertThat(recorder.frames).containsExactly(largest);
    decoder.maxPayload(131_072);
    Frame larger = new BodyFrame(1, Unpooled.wrappedBuffer(new byte[131_072]));
    decoder.decode(Unpooled.wrappedBuffer(Bytes.encode(List.of(larger))));
    assertThat(recorder.frames).containsExactly(largest, larger);
    assertThatThrownBy(() -> decoder.maxPayload(4095)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void latchesOnceTheFrameBoundaryIsLost() {
    ByteBuf in = allocator.buffer().writeBytes(Bytes.hex("03 0001 0000"));
    decoder.decode(in);
    ByteBuf rest = allocator.buffer().writeBytes(Bytes.hex("ffff 00"));
    assertThatThrownBy(() -> decoder.decode(rest)).hasMessageContaining("frame_too_large");
    in.release();
    rest.release();
    assertThat(decoder.failed()).isTrue();
    assertNothingHeld();
    decoder.decode(Unpooled.wrappedBuffer(Bytes.encode(List.of(Heartbeat.INSTANCE))));
    assertThat(recorder.frames).isEmpty();
  }

  @Test
  void goesOnBehindAFrameWhoseListenerThrew() {
    List<Frame> seen = new ArrayList<>();
    FrameDecoder throwing =
        decoder(
            new Recorder() {
              @Override
              public void method(int channel, Method method) {
                throw new ConnectionError(ReplyCode.NOT_ALLOWED, "no", 1, 2);
              }

              @Override
              public void heartbeat() {
                seen.add(Heartbeat.INSTANCE);
              }
            });
    Frame method = new MethodFrame(1, new TxMethod.Select());
    byte[] stream = Bytes.encode(List.of(method, Heartbeat.INSTANCE, method, Heartbeat.INSTANCE));
    ByteBuf in = allocator.buffer().writeBytes(stream);
    int errors = 0;
    while (in.isReadable()) {
      try {
        // The first frame comes in two parts.
        ByteBuf part = errors == 0 && seen.isEmpty() ? in.readSlice(5) : in;
        throwing.decode(part);
        throwing.decode(in);
      } catch (ConnectionError e) {
        errors++;
      }
    }
    in.release();
    assertThat(errors).isEqualTo(2);
    assertThat(seen).hasSize(2);
    assertThat(throwing.failed()).isFalse();
    assertNothingHeld();
  }

  @Test
  void goesOnBehindAMethodThatDoesNotDecode() {
    byte[] bad = Bytes.hex("01 0001 00000005 003c 0050 00 ce");
    ByteBuf in = Unpooled.wrappedBuffer(bad, Bytes.encode(List.of(Heartbeat.INSTANCE)));
    assertThatThrownBy(() -> decoder.decode(in)).hasMessage("FRAME_ERROR - cannot decode <<0>>");
    decoder.decode(in);
    assertThat(recorder.frames).containsExactly(Heartbeat.INSTANCE);
  }

  @Test
  void closeReleasesWhatIsKeptAndEndsTheLoop() {
    ByteBuf in = allocator.buffer().writeBytes(Bytes.hex("03 0001 00000010 00"));
    decoder.decode(in);
    assertThat(allocator.metric().usedHeapMemory()).isGreaterThan(in.capacity());
    decoder.close();
    in.release();
    assertNothingHeld();
    decoder.decode(Unpooled.wrappedBuffer(Bytes.encode(List.of(Heartbeat.INSTANCE))));
    assertThat(recorder.frames).isEmpty();
  }

  @Test
  void mayBeClosedByItsListener() {
    FrameDecoder[] own = new FrameDecoder[1];
    Recorder closing =
        new Recorder() {
          @Override
          public void body(int channel, ByteBuf payload) {
            super.body(channel, payload);
            own[0].close();
          }
        };
    own[0] = decoder(closing);
    Frame body = new BodyFrame(3, Unpooled.wrappedBuffer(new byte[100]));
    byte[] stream = Bytes.encode(List.of(body, body));
    for (int cut : new int[] {0, 50}) {
      ByteBuf first = allocator.buffer().writeBytes(stream, 0, cut);
      ByteBuf second = allocator.buffer().writeBytes(stream, cut, stream.length - cut);
      own[0] = decoder(closing);
      own[0].decode(first);
      own[0].decode(second);
      assertThat(second.isReadable()).isFalse();
      first.release();
      second.release();
    }
    assertThat(closing.frames).containsExactly(body, body);
    assertNothingHeld();
  }

  @Test
  void holdsNoMoreThanWhatArrived() {
    decoder.maxPayload(Integer.MAX_VALUE);
    ByteBuf in = allocator.buffer().writeBytes(Bytes.hex("03 0001 7ffffff0 00"));
    decoder.decode(in);
    in.release();
    assertThat(allocator.metric().usedHeapMemory()).isLessThan(2048);
    decoder.close();
    assertNothingHeld();
  }
}
