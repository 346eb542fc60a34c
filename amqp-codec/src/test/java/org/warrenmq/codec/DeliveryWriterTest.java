package org.warrenmq.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages on their way out: the same frames as the plain encoder's, none above the limit. */
class DeliveryWriterTest {
  private static final byte[] PROPERTIES = {0x10, 0, 2};

  private static Content content(int size) {
    byte[] body = new byte[size];
    new SplittableRandom(size).nextBytes(body);
    return new Content(PROPERTIES, new Body.Inline(body));
  }

  @ParameterizedTest
  @CsvSource({
    "0,4096",
    "1,4096",
    "4088,4096",
    "4089,4096",
    "10000,4096",
    "65536,131072",
    "65537,131072",
    "3000000,131072",
    "3000000,4096"
  })
  void writesWhatThePlainEncoderWrites(int size, int maxFrame) {
    Content content = content(size);
    for (String key : new String[] {"", "key", "a.longer.routing.key", "schlüssel.中文.\uDCFF"}) {
      String exchange = "x" + key;
      Method deliver = new BasicMethod.Deliver("tag", -2, true, exchange, key);
      assertThat(
              Bytes.ours(
                  out ->
                      DeliveryWriter.deliver(
                          out,
                          7,
                          WireString.shortString("tag"),
                          -2,
                          true,
                          exchange,
                          key,
                          content,
                          maxFrame)))
          .isEqualTo(plain(7, deliver, content, maxFrame));
      Method getOk = new BasicMethod.GetOk(5, false, exchange, key, 4_000_000_000L);
      assertThat(
              Bytes.ours(
                  out ->
                      DeliveryWriter.getOk(
                          out, 8, 5, false, exchange, key, 4_000_000_000L, content, maxFrame)))
          .isEqualTo(plain(8, getOk, content, maxFrame));
      Method returned = new BasicMethod.Return(312, "NO_ROUTE", exchange, key);
      assertThat(
              Bytes.ours(
                  out ->
                      DeliveryWriter.returned(
                          out, 9, 312, "NO_ROUTE", exchange, key, content, maxFrame)))
          .isEqualTo(plain(9, returned, content, maxFrame));
    }
  }

  private static byte[] plain(int channel, Method method, Content content, int maxFrame) {
    return Bytes.ours(
        out -> {
          FrameEncoder.method(out, channel, method);
          FrameEncoder.content(out, channel, content, maxFrame);
        });
  }

  @Test
  void splitsBodiesToFrameMax() {
    Content content = content(10_000);
    byte[] bytes = Bytes.ours(out -> FrameEncoder.content(out, 1, content, 4096));
    assertThat((long) bytes.length).isEqualTo(FrameEncoder.contentSize(content, 4096));
    assertThat(sizes(bytes)).containsExactly(12 + PROPERTIES.length, 4088, 4088, 1824);
    assertThat(sizes(Bytes.ours(out -> FrameEncoder.content(out, 1, content(0), 4096)))).hasSize(1);
    assertThatThrownBy(() -> FrameEncoder.content(Unpooled.buffer(), 1, content, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static List<Integer> sizes(byte[] bytes) {
    List<Integer> sizes = new ArrayList<>();
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    while (in.isReadable()) {
      in.skipBytes(3);
      sizes.add(in.readInt());
      in.skipBytes(sizes.getLast());
      assertThat(in.readUnsignedByte()).isEqualTo((short) Frame.END);
    }
    return sizes;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100, 50_000, 65_536, 65_537, 2_500_001})
  void aLargeBodyGoesOutInWindows(int size) {
    Content content = content(size);
    byte[] tag = WireString.shortString("t");
    byte[] whole =
        Bytes.ours(out -> DeliveryWriter.deliver(out, 1, tag, 1, false, "x", "k", content, 8192));
    ByteBuf out = Unpooled.buffer();
    DeliveryWriter.deliverHead(out, 1, tag, 1, false, "x", "k", content);
    BodyWriter writer = new BodyWriter(1, bytes(content), 8192);
    while (!writer.done()) {
      int before = out.readableBytes();
      int remaining = writer.remaining();
      writer.write(out, 20_000);
      assertThat(out.readableBytes() - before).isBetween(1, 20_000);
      assertThat(writer.remaining()).isLessThan(remaining);
    }
    writer.write(out, 1);
    assertThat(ByteBufUtil.getBytes(out)).isEqualTo(whole);
    BodyWriter narrow = new BodyWriter(1, bytes(content), 8192);
    narrow.write(out.clear(), 0);
    assertThat(out.readableBytes()).isEqualTo(Math.min(size, 8184) + Frame.OVERHEAD);
  }

  private static byte[] bytes(Content content) {
    return ((Body.Inline) content.body()).bytes();
  }

  @Test
  void aStoredBodyIsNotWrittenInOneGo() {
    Content content = new Content(PROPERTIES, new Body.Stored(1, 2 << 20, true));
    assertThatThrownBy(() -> FrameEncoder.content(Unpooled.buffer(), 1, content, 4096))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void headsOfGetAndReturnAreTheBeginningOfTheWhole() {
    Content content = content(100);
    byte[] get =
        Bytes.ours(out -> DeliveryWriter.getOk(out, 1, 1, true, "", "q", 3, content, 4096));
    byte[] getHead =
        Bytes.ours(out -> DeliveryWriter.getOkHead(out, 1, 1, true, "", "q", 3, content));
    assertThat(get).startsWith(getHead).hasSize(getHead.length + 108);
    String text = "t".repeat(300);
    byte[] back =
        Bytes.ours(out -> DeliveryWriter.returned(out, 1, 312, text, "", "q", content, 4096));
    byte[] backHead =
        Bytes.ours(out -> DeliveryWriter.returnedHead(out, 1, 312, text, "", "q", content));
    assertThat(back).startsWith(backHead).hasSize(backHead.length + 108);
  }

  /** In the interpreter or compiled: a delivery allocates nothing. */
  @Test
  void deliveriesAllocateNothing() {
    Content content = content(1000);
    byte[] tag = WireString.shortString("amq.ctag-abcdefghijklmnopqrstuv");
    ByteBuf out = Unpooled.buffer(1 << 16);
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 20; round++) {
      long before = Allocation.soFar();
      for (int i = 0; i < 100; i++) {
        DeliveryWriter.deliver(
            out.clear(), 1, tag, i, false, "amq.topic", "a.routing.key", content, 131_072);
      }
      least = Math.min(least, Allocation.soFar() - before);
    }
    assertThat(least).isLessThan(100);
    out.release();
  }
}
