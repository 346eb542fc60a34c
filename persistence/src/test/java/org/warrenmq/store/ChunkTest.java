package org.warrenmq.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The format of chunks, and where they are cut. */
class ChunkTest {
  private record Expiring(String text, long expiresAt, int announced) implements Storable {
    @Override
    public int storedSize() {
      return announced;
    }

    @Override
    public void store(ByteBuffer target) {
      target.put(text.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }

    @Override
    public boolean persistent() {
      return true;
    }
  }

  private static List<String> read(long first, byte[] value) {
    List<String> found = new ArrayList<>();
    Chunk.read(
        first,
        value,
        (position, source, length) -> {
          byte[] bytes = new byte[length];
          source.get(bytes);
          return found.add(
              position + "=" + new String(bytes, java.nio.charset.StandardCharsets.US_ASCII));
        });
    return found;
  }

  @Test
  void positionsWithoutHolesCostNothing() {
    List<Storable> messages = List.of(TestStore.persistent("a"), TestStore.persistent("b"));
    byte[] value = Chunk.encode(new long[] {7, 8}, messages, 0, 2);
    assertThat(read(7, value)).containsExactly("7=a", "8=b");
    assertThat(value).hasSize(3 + 2 * 2);
    assertThat(Chunk.earliestExpiry(value)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void holesAndTheEarliestExpiryAreKept() {
    List<Storable> messages =
        List.of(
            TestStore.persistent("a"), new Expiring("bb", 2_000, 2), new Expiring("c", 1_000, 1));
    byte[] value = Chunk.encode(new long[] {256, 300, 511}, messages, 0, 3);
    assertThat(read(256, value)).containsExactly("256=a", "300=bb", "511=c");
    assertThat(Chunk.earliestExpiry(value)).isEqualTo(1_000);
  }

  @Test
  void chunksEndAtPagesAndAtTheirSize() {
    List<Storable> messages =
        new ArrayList<>(Collections.nCopies(300, Storable.of(new byte[500], true)));
    long[] positions = new long[300];
    for (int i = 0; i < 300; i++) {
      positions[i] = 200 + i;
    }
    List<Long> firsts = new ArrayList<>();
    long bytes =
        Chunk.cut(
            positions,
            messages,
            (first, value) -> {
              firsts.add(first);
              assertThat(value.length).isLessThanOrEqualTo(Chunk.MAX_BYTES + 1024);
            });
    assertThat(firsts).containsExactly(200L, 256L, 387L);
    assertThat(bytes).isEqualTo(150_000);
  }

  @Test
  void aMessageThatLiesAboutItsSizeIsRefused() {
    assertThatThrownBy(() -> Chunk.encode(new long[] {0}, List.of(new Expiring("abc", 0, 5)), 0, 1))
        .isInstanceOf(StoreException.class)
        .hasMessage("a message announced 5 bytes and wrote 3");
  }

  @Test
  void numbersOfEveryLengthComeBack() {
    ByteBuffer buffer = ByteBuffer.allocate(200);
    for (int shift = 0; shift < 63; shift += 7) {
      for (long value : new long[] {(1L << shift) - 1, 1L << shift}) {
        buffer.clear();
        Bytes.putVar(buffer, value);
        assertThat(buffer.position()).isEqualTo(Bytes.varLength(value));
        assertThat(Bytes.getVar(buffer.flip())).isEqualTo(value);
      }
    }
  }
}
