package org.warrenmq.benchmarks.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.warrenmq.benchmarks.latency.Latencies;

class UnconfirmedTest {
  private final Unconfirmed unconfirmed = new Unconfirmed();
  private final Latencies window = Latencies.measured();

  private void publish(long from, long to) {
    for (long i = from; i <= to; i++) {
      assertThat(unconfirmed.published(i, i * 1_000_000, window)).isTrue();
    }
  }

  @Test
  void measuresFromWhenTheMessageWasDue() {
    publish(1, 1);
    unconfirmed.confirmed(1, false, 3_500_000);
    assertThat(window.count()).isEqualTo(1);
    assertThat(window.percentile(50)).isEqualTo(2.5);
  }

  @Test
  void aMultipleConfirmCoversWhatIsLeftBelowIt() throws InterruptedException {
    publish(1, 10);
    unconfirmed.confirmed(5, false, 20_000_000);
    unconfirmed.confirmed(3, true, 20_000_000);
    assertThat(window.count()).isEqualTo(4);
    unconfirmed.confirmed(10, true, 20_000_000);
    assertThat(window.count()).as("each message once").isEqualTo(10);
    window.awaitAll(0, TimeUnit.SECONDS);
  }

  @Test
  void aLateConfirmCountsForTheWindowOfItsMessage() {
    Latencies next = Latencies.measured();
    publish(1, 1);
    unconfirmed.published(2, 2_000_000, next);
    unconfirmed.confirmed(2, true, 9_000_000);
    assertThat(window.percentile(99)).isEqualTo(8);
    assertThat(next.percentile(99)).isEqualTo(7);
  }

  @Test
  void isBounded() {
    publish(1, Unconfirmed.MOST);
    assertThat(unconfirmed.published(Unconfirmed.MOST + 1, 0, window)).isFalse();
    unconfirmed.confirmed(2, false, 0);
    assertThat(unconfirmed.published(Unconfirmed.MOST + 1, 0, window))
        .as("the oldest still holds its place")
        .isFalse();
    unconfirmed.confirmed(1, false, 0);
    publish(Unconfirmed.MOST + 1, Unconfirmed.MOST + 2);
    assertThat(unconfirmed.published(Unconfirmed.MOST + 3, 0, window)).isFalse();
  }
}
