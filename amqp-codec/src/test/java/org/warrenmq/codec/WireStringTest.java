package org.warrenmq.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Strings against the JDK's UTF-8, and any octets against themselves. */
class WireStringTest {
  @Test
  void anyOctetsRoundTrip() {
    SeededRuns.run(
        WireStringTest.class,
        1000,
        (samples, trace) -> {
          byte[] octets = samples.octets(300);
          trace.add(octets);
          assertRoundTrip(octets);
        });
  }

  private static void assertRoundTrip(byte[] octets) {
    String text = WireString.decode(octets, 0, octets.length);
    assertThat(WireString.bytes(text)).isEqualTo(octets);
    assertThat(WireString.encodedLength(text)).isEqualTo(octets.length);
    ByteBuf in = Unpooled.directBuffer().writeByte(7).writeBytes(octets).writeByte(9);
    in.readByte();
    assertThat(WireString.decode(in, octets.length)).isEqualTo(text);
    assertThat(in.readByte()).isEqualTo((byte) 9);
    in.release();
  }

  @Test
  void validTextIsUtf8() {
    SeededRuns.run(
        WireStringTest.class,
        1000,
        (samples, trace) -> {
          String text = text(samples);
          trace.add(text);
          assertUtf8(text);
        });
  }

  private static String text(Samples samples) {
    return samples.random.nextBoolean()
        ? samples.text()
        : samples.text(samples.length(WireString.MAX_SHORT));
  }

  private static void assertUtf8(String text) {
    byte[] expected = text.getBytes(StandardCharsets.UTF_8);
    assertThat(WireString.bytes(text)).isEqualTo(expected);
    assertThat(WireString.decode(expected, 0, expected.length)).isEqualTo(text);
    assertThat(Bytes.ours(out -> WireString.write(out, text))).isEqualTo(expected);
    byte[] withLength = Bytes.ours(out -> WireString.writeShort(out, text));
    assertThat(withLength).isEqualTo(WireString.shortString(text));
    assertThat(withLength[0] & 0xFF).isEqualTo(expected.length);
  }

  @Test
  void mutatedUtf8RoundTrips() {
    SeededRuns.run(
        WireStringTest.class,
        1000,
        (samples, trace) -> {
          byte[] octets = (text(samples) + "中\uD83D\uDE00é").getBytes(StandardCharsets.UTF_8);
          for (int i = 0; i < 3; i++) {
            octets[samples.random.nextInt(octets.length)] = (byte) samples.random.nextInt(128, 256);
          }
          trace.add(octets);
          String text = WireString.decode(octets, 0, octets.length);
          assertThat(WireString.bytes(text)).isEqualTo(octets);
        });
  }

  @Test
  void octetsThatAreNotUtf8BecomeLoneSurrogates() {
    assertThat(decode("ff 41 c3")).isEqualTo("\uDCFFA\uDCC3");
    assertThat(decode("c0 80")).isEqualTo("\uDCC0\uDC80"); // a longer form than needed
    assertThat(decode("e0 80 80")).isEqualTo("\uDCE0\uDC80\uDC80");
    assertThat(decode("ed a0 80")).isEqualTo("\uDCED\uDCA0\uDC80"); // a surrogate
    assertThat(decode("f4 90 80 80")).isEqualTo("\uDCF4\uDC90\uDC80\uDC80"); // beyond Unicode
    assertThat(decode("f0 9f 98")).isEqualTo("\uDCF0\uDC9F\uDC98"); // cut off
    assertThat(decode("f0 9f 98 80 ed")).isEqualTo("\uD83D\uDE00\uDCED");
  }

  @Test
  void surrogatesThatCannotComeFromTheWireAreReplaced() {
    assertThat(WireString.bytes("a\uD800b\uDC00")).isEqualTo(Bytes.hex("61 3f 62 3f"));
    assertThat(WireString.encodedLength("a\uD800b\uDC00")).isEqualTo(4);
  }

  @Test
  void shortStringsEndAt255Octets() {
    assertThat(WireString.shortString("a".repeat(255))).hasSize(256);
    assertThat(Bytes.ours(out -> WireString.writeShort(out, "ä".repeat(127)))).hasSize(255);
    for (String tooLong : new String[] {"a".repeat(256), "ä".repeat(128)}) {
      assertThatThrownBy(() -> WireString.shortString(tooLong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("no short string: 256 octets");
      assertThatThrownBy(() -> WireString.writeShort(Unpooled.buffer(), tooLong))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void cutsToAShortStringBetweenCharacters() {
    String fits = "a".repeat(255);
    assertThat(WireString.cutToShort(fits)).isSameAs(fits);
    assertThat(WireString.cutToShort("a".repeat(256))).isEqualTo("a".repeat(252) + "...");
    assertThat(WireString.cutToShort("a" + "ä".repeat(200)))
        .isEqualTo("a" + "ä".repeat(125) + "...");
    assertThat(WireString.cutToShort("\uD83D\uDE00".repeat(100)))
        .isEqualTo("\uD83D\uDE00".repeat(63) + "...");
  }

  private static String decode(String hex) {
    byte[] octets = Bytes.hex(hex);
    return WireString.decode(octets, 0, octets.length);
  }
}
