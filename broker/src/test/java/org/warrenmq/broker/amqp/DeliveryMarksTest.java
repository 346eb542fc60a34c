package org.warrenmq.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class DeliveryMarksTest {
  private final DeliveryMarks marks = new DeliveryMarks();

  private List<Long> givenBy(long... tags) {
    List<Long> times = new ArrayList<>();
    marks.rewind();
    for (long tag : tags) {
      times.add(marks.givenBy(tag));
    }
    return times;
  }

  @Test
  @DisplayName("a tag was given out by the time of the first mark that is not before it")
  void ages() {
    marks.add(100, 3);
    marks.add(200, 7);
    assertThat(givenBy(1, 3, 4, 7, 8))
        .containsExactly(100L, 100L, 200L, 200L, DeliveryMarks.NOT_YET);
    assertThat(givenBy(5)).as("from the beginning again").containsExactly(200L);
  }

  @Test
  @DisplayName("what says nothing new is not kept: the earlier time is nearer to the truth")
  void nothingNew() {
    marks.add(100, 3);
    marks.add(200, 3);
    assertThat(marks.count()).isEqualTo(1);
    assertThat(givenBy(3)).containsExactly(100L);
  }

  @Test
  @DisplayName("marks for settled deliveries alone go")
  void forgotten() {
    marks.add(100, 3);
    marks.add(200, 7);
    marks.add(300, 9);
    marks.forgetBefore(7);
    assertThat(marks.count()).isEqualTo(2);
    assertThat(givenBy(7, 8)).containsExactly(200L, 300L);
    marks.forgetBefore(10);
    assertThat(marks.count()).isZero();
    marks.add(400, 12);
    assertThat(givenBy(11)).containsExactly(400L);
    marks.clear();
    assertThat(marks.cost()).isZero();
    assertThat(givenBy(12)).containsExactly(DeliveryMarks.NOT_YET);
  }

  @Test
  @DisplayName("however many there were, few are kept, and ages are right but for a fifth")
  void thinned() {
    int seconds = 10_000;
    for (int second = 1; second <= seconds; second++) {
      marks.add(second * 1000L, second);
      marks.rewind();
      for (long tag = 1; tag <= second; tag += 1 + second / 50) {
        double age = second - tag;
        double said = second - marks.givenBy(tag) / 1000.0;
        assertThat(said).isBetween(age * 0.8 - 1, age);
      }
    }
    assertThat(marks.count()).isEqualTo(DeliveryMarks.MOST);
    assertThat(marks.cost()).isLessThanOrEqualTo(16 * DeliveryMarks.MOST);
    assertThat(givenBy(1)).as("the oldest is exact").containsExactly(1000L);
  }
}
