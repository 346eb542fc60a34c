package org.warrenmq.engine.message;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeaderMarksTest {

  @Test
  void bitsGiveThemBack() {
    for (int bits = 0; bits < 8; bits++) {
      HeaderMarks marks = HeaderMarks.of(bits);
      assertThat(marks.bits()).isEqualTo(bits);
      assertThat(HeaderMarks.of(bits | 0xF0)).isEqualTo(marks);
    }
    assertThat(HeaderMarks.of(0)).isSameAs(HeaderMarks.NONE);
  }
}
