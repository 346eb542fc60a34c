package org.warrenmq.benchmarks.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ProgressTest {
  private final Progress progress = new Progress("messages", 0);

  @Test
  void whatIsDoneNeedsNoWaiting() throws Exception {
    progress.advanceTo(5);
    progress.awaitAtLeast(5);
    assertThat(progress.done()).isEqualTo(5);
  }

  @Test
  void patienceEnds() {
    progress.advanceTo(4);
    assertThatThrownBy(() -> progress.awaitAtLeast(5))
        .hasMessage("messages: 4 of 5, and no more for 0 s");
  }

  @Test
  void theFirstFailureIsThrownAsItIs() {
    BrokenPromise broken = new BrokenPromise("wrong");
    progress.advanceTo(5);
    progress.fail(broken);
    progress.fail(new IllegalStateException("later"));
    assertThatThrownBy(() -> progress.awaitAtLeast(5)).isSameAs(broken);
    assertThatThrownBy(() -> progress.pause(1_000_000_000_000L)).isSameAs(broken);
  }
}
