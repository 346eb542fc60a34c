package org.warrenmq.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When the disk is looked at. */
class AlarmsTest {
  private static final long LIMIT = 50_000_000;

  @ParameterizedTest
  @DisplayName("the next look comes before a fast disk could have filled up to the limit")
  @CsvSource({
    "0, 100",
    "50000000, 100",
    "150000000, 100",
    "450000000, 400",
    "1050000000, 1000",
    "900000000000, 1000",
    "9223372036854775807, 1000"
  })
  void looksOftenerNearTheLimit(long free, long millis) {
    assertThat(Alarms.millisToNextDiskCheck(free, LIMIT)).isEqualTo(millis);
  }

  @Test
  @DisplayName("any limit will do")
  void extremeLimits() {
    assertThat(Alarms.millisToNextDiskCheck(0, Long.MAX_VALUE)).isEqualTo(100);
    assertThat(Alarms.millisToNextDiskCheck(Long.MAX_VALUE, 0)).isEqualTo(1000);
  }

  @Test
  @DisplayName("it goes on looking, whatever it has seen")
  void goesOnLooking() {
    long[] seen = {LIMIT, LIMIT - 1, LIMIT, LIMIT - 1, LIMIT + 1};
    var looks = new AtomicInteger();
    var told = new CopyOnWriteArrayList<String>();
    try (var alarms =
        new Alarms(
            1,
            () -> 0,
            () -> {},
            LIMIT,
            () -> seen[Math.min(looks.getAndIncrement(), seen.length - 1)])) {
      alarms.listen(reason -> told.add(String.valueOf(reason)));
      alarms.start();
      Awaitility.await("the last look")
          .atMost(Duration.ofSeconds(20))
          .until(() -> looks.get() > seen.length);
    }
    assertThat(told).containsExactly("null", "low on disk", "null", "low on disk", "null");
  }
}
