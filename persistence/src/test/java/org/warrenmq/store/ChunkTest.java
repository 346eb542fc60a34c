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
    public long bodySize() {
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

  private static byte[] encode(long[] positions, long[] times, List<Storable> messages) {
    return Chunk.encode(new Chunk.Uncut(positions, times, times, messages), 0, messages.size());
  }

  /** Where the clock was set back the last message is not the latest. */
  @Test
  void theEarliestAndTheLatestTimeAreKept() {
    List<Storable> messages = Collections.nCopies(3, TestStore.persistent("a"));
    byte[] value = encode(new long[] {0, 1, 2}, new long[] {5_000, 7_000, 4_000}, messages);
    assertThat(Chunk.header(value))
        .isEqualTo(new Chunk.Header(false, 3, 4_000, 7_000, Long.MAX_VALUE));
  }

  @Test
  void ofMessagesFromOtherChunksTheTimesAreAsFarAsKnown() {
    List<Storable> messages = Collections.nCopies(2, TestStore.persistent("a"));
    byte[] value =
        Chunk.encode(
            new Chunk.Uncut(
                new long[] {0, 9}, new long[] {3_000, 5_000}, new long[] {8_000, 6_000}, messages),
            0,
            2);
    assertThat(Chunk.header(value))
        .isEqualTo(new Chunk.Header(true, 2, 3_000, 8_000, Long.MAX_VALUE));
  }

  /** Version, flags (holes, expiry), count, expiry; then offset, length and bytes of each. */
  @Test
  void chunksOfVersion1AreRead() {
    byte[] value = {1, 3, 2, 0, 0, 0, 0, 0, 0, 3, (byte) 0xe8, 0, 1, 'a', 40, 2, 'b', 'c'};
    assertThat(read(256, value)).containsExactly("256=a", "296=bc");
    assertThat(Chunk.header(value)).isEqualTo(new Chunk.Header(true, 2, 0, 0, 1_000));
  }

  @Test
  void positionsWithoutHolesCostNothing() {
    List<Storable> messages = List.of(TestStore.persistent("a"), TestStore.persistent("b"));
    byte[] value = encode(new long[] {7, 8}, new long[] {TestStore.TIME, TestStore.TIME}, messages);
    assertThat(read(7, value)).containsExactly("7=a", "8=b");
    assertThat(value).as("with 7 bytes of times").hasSize(3 + 7 + 2 * 2);
    assertThat(Chunk.header(value).earliestExpiry()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void holesAndTheEarliestExpiryAreKept() {
    List<Storable> messages =
        List.of(
            TestStore.persistent("a"), new Expiring("bb", 2_000, 2), new Expiring("c", 1_000, 1));
    byte[] value = encode(new long[] {256, 300, 511}, new long[3], messages);
    assertThat(read(256, value)).containsExactly("256=a", "300=bb", "511=c");
    assertThat(Chunk.header(value).earliestExpiry()).isEqualTo(1_000);
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
            new Chunk.Uncut(positions, new long[300], new long[300], messages),
            (first, value) -> {
              firsts.add(first);
              assertThat(value.length).isLessThanOrEqualTo(Chunk.MAX_BYTES + 1024);
            });
    assertThat(firsts).containsExactly(200L, 256L, 387L);
    assertThat(bytes).isEqualTo(150_000);
  }

  /** However long ago each of them was: what came with the first one is no further away. */
  @Test
  void chunksEndWhereTimeWentOn() {
    long[] earliest = {1_000, 1_100, 1_101, 1_300, 1_210, 0};
    long[] latest = {1_000, 1_100, 1_101, 1_300, 1_299, 0};
    List<Storable> messages = Collections.nCopies(6, TestStore.persistent("a"));
    List<String> chunks = new ArrayList<>();
    var unused =
        Chunk.cut(
            new Chunk.Uncut(new long[] {0, 1, 2, 3, 4, 5}, earliest, latest, messages),
            (first, value) -> {
              Chunk.Header header = Chunk.header(value);
              chunks.add(first + ": " + header.earliest() + " to " + header.latest());
            });
    assertThat(chunks)
        .containsExactly("0: 1000 to 1100", "2: 1101 to 1101", "3: 1210 to 1300", "5: 0 to 0");
  }

  @Test
  void aMessageThatLiesAboutItsSizeIsRefused() {
    assertThatThrownBy(() -> encode(new long[1], new long[1], List.of(new Expiring("abc", 0, 5))))
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
