package org.warrenmq.benchmarks.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BodiesTest {
  private static final long NUMBER = 4_999_999;

  @ParameterizedTest
  @ValueSource(ints = {8, 9, 15, 16, 100, 1024})
  void everyByteCounts(int size) {
    Bodies bodies = new Bodies(size);
    byte[] body = bodies.of(NUMBER);
    assertThat(body).hasSize(size);
    assertThatCode(() -> bodies.check("q", NUMBER, body)).doesNotThrowAnyException();
    for (int i = 0; i < size; i++) {
      byte[] changed = body.clone();
      changed[i] ^= 1;
      assertThatThrownBy(() -> bodies.check("q", NUMBER, changed))
          .as("byte %d", i)
          .isInstanceOf(BrokenPromise.class);
    }
  }

  @Test
  void saysWhichMessageCameInstead() {
    Bodies bodies = new Bodies(100);
    assertThatThrownBy(() -> bodies.check("q", 7, bodies.of(9)))
        .hasMessage("q: message 9 came where 7 was due");
    assertThatThrownBy(() -> bodies.check("q", 7, new byte[99]))
        .hasMessage("q: message 7 has 99 bytes instead of 100");
  }

  @Test
  void neighboursShareNothingAStoreCouldCompress() {
    Bodies bodies = new Bodies(1024);
    byte[] one = bodies.of(1);
    byte[] two = bodies.of(2);
    assertThat(Arrays.mismatch(one, 8, 1024, two, 8, 1024)).isLessThan(2);
    assertThat(one[1023]).isNotEqualTo(one[1015]);
  }

  @Test
  void aBodyHoldsItsNumberAtLeast() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Bodies(7));
  }
}
