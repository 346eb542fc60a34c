package org.warrenmq.benchmarks.latency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LatenciesTest {
  @Test
  void percentilesAreSamples() {
    Latencies window = Latencies.measured();
    for (int i = 2000; i >= 1; i--) {
      window.begin();
      window.end(i * 1_000_000L);
    }
    assertThat(window.count()).isEqualTo(2000);
    assertThat(window.percentile(50)).isEqualTo(1000);
    assertThat(window.percentile(99)).isEqualTo(1980);
    assertThat(window.percentile(100)).isEqualTo(2000);
    assertThat(window.percentile(0)).isEqualTo(1);
  }

  @Test
  void anEmptyWindowIsNoResult() {
    assertThatThrownBy(() -> Latencies.measured().percentile(99))
        .hasMessageContaining("without a single answer");
  }

  @Test
  void theTimeBetweenWindowsKeepsNothing() {
    Latencies ignored = Latencies.ignored();
    ignored.begin();
    ignored.end(5);
    assertThat(ignored.count()).isZero();
  }

  @Test
  void waitsForTheLastConfirmAndNotForEver() throws InterruptedException {
    Latencies window = Latencies.measured();
    window.begin();
    assertThatThrownBy(() -> window.awaitAll(10, TimeUnit.MILLISECONDS))
        .hasMessageContaining("1 are still without an answer");
    Thread confirm = Thread.ofVirtual().start(() -> window.end(1));
    window.awaitAll(10, TimeUnit.SECONDS);
    confirm.join();
    assertThat(window.count()).isEqualTo(1);
  }
}
