package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.warrenmq.broker.config.StartupException;

class OpenFilesTest {
  private static final long LARGE_HEAP = 1L << 40;

  @ParameterizedTest
  @ValueSource(longs = {160, 256, 1024, 4096, 65_536, 1_048_576, 1L << 40})
  @DisplayName("connections and tables leave files for everything else")
  void leavesSome(long limit) throws Exception {
    OpenFiles files = OpenFiles.within(limit, LARGE_HEAP);
    assertThat(files.tables()).isGreaterThanOrEqualTo(20);
    assertThat(files.connections()).isPositive();
    assertThat(files.connections() + 2L * files.tables()).isLessThanOrEqualTo(limit - 96);
  }

  @Test
  @DisplayName("there are no more connections than the heap has room for")
  void heap() throws Exception {
    assertThat(OpenFiles.within(1 << 20, 256L << 20).connections()).isEqualTo(16_384);
  }

  @Test
  @DisplayName("too few files are a clear refusal")
  void tooFew() {
    assertThatThrownBy(() -> OpenFiles.within(100, LARGE_HEAP))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("100 files")
        .hasMessageContaining("ulimit -n");
  }
}
