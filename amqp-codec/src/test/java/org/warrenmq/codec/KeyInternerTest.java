package org.warrenmq.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

/** The cache of names and keys: the right string always, the same one mostly. */
class KeyInternerTest {
  @Test
  void readsWhatAPlainDecoderReads() {
    SeededRuns.run(
        KeyInternerTest.class,
        300,
        (samples, trace) -> {
          KeyInterner keys = new KeyInterner(4);
          String[] names = new String[12];
          for (int i = 0; i < names.length; i++) {
            names[i] = name(samples);
          }
          for (int i = 0; i < 100; i++) {
            String name = names[samples.random.nextInt(names.length)];
            byte[] octets = WireString.shortString(name);
            trace.add(octets);
            ByteBuf in = Unpooled.wrappedBuffer(octets, new byte[] {1});
            assertThat(keys.read(in)).isEqualTo(name);
            assertThat(in.readableBytes()).isEqualTo(1);
          }
        });
  }

  private static String name(Samples samples) {
    if (samples.random.nextBoolean()) {
      return samples.name();
    }
    byte[] octets = samples.octets(WireString.MAX_SHORT);
    return WireString.decode(octets, 0, octets.length);
  }

  @Test
  void theSameKeyAllocatesNothing() {
    KeyInterner keys = new KeyInterner(64);
    for (String key :
        new String[] {"k", "sevenby", "eightbyt", "nine.byte", "x".repeat(255), "é"}) {
      ByteBuf in = Unpooled.wrappedBuffer(WireString.shortString(key));
      String first = keys.read(in);
      assertThat(keys.read(in.readerIndex(0))).isSameAs(first).isEqualTo(key);
      long least = Long.MAX_VALUE;
      for (int round = 0; round < 10; round++) {
        long before = Allocation.soFar();
        for (int i = 0; i < 100; i++) {
          keys.read(in.readerIndex(0));
        }
        least = Math.min(least, Allocation.soFar() - before);
      }
      assertThat(least).isLessThan(100);
    }
  }

  @Test
  void keysThatDifferInOneOctetAreDifferent() {
    KeyInterner keys = new KeyInterner(1);
    for (int length : new int[] {1, 7, 8, 9, 16, 17, 40}) {
      for (int at = 0; at < length; at++) {
        StringBuilder key = new StringBuilder("a".repeat(length));
        key.setCharAt(at, 'b');
        byte[] octets = WireString.shortString(key.toString());
        assertThat(keys.read(Unpooled.wrappedBuffer(octets))).isEqualTo(key.toString());
      }
    }
  }

  @Test
  void canForget() {
    KeyInterner keys = new KeyInterner(8);
    keys.clear();
    byte[] octets = WireString.shortString("key");
    String first = keys.read(Unpooled.wrappedBuffer(octets));
    keys.clear();
    assertThat(keys.read(Unpooled.wrappedBuffer(octets))).isEqualTo(first).isNotSameAs(first);
  }

  @Test
  void refusesWhatIsTooShort() {
    KeyInterner keys = new KeyInterner(8);
    assertThatThrownBy(() -> keys.read(Unpooled.EMPTY_BUFFER)).isInstanceOf(ConnectionError.class);
    assertThatThrownBy(() -> keys.read(Unpooled.wrappedBuffer(new byte[] {2, 'a'})))
        .isInstanceOf(ConnectionError.class);
    assertThatThrownBy(() -> new KeyInterner(0)).isInstanceOf(IllegalArgumentException.class);
  }
}
