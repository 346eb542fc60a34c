package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the log spells out, and what it leaves as it is. */
class LogTextTest {
  @Test
  void plainTextStaysAsItIs() {
    String text = "queue 'Größe \\ 数量 🐇' in vhost '/'";
    assertThat(LogText.escaped(text)).isSameAs(text);
  }

  @ParameterizedTest
  @CsvSource({
    "000a, \\n",
    "000d, \\r",
    "0009, \\t",
    "001b, \\e",
    "0000, \\u0000",
    "0007, \\u0007",
    "007f, \\u007f",
    "0085, \\u0085",
    "009b, \\u009b",
    "00ad, \\u00ad",
    "061c, \\u061c",
    "200b, \\u200b",
    "200f, \\u200f",
    "2028, \\u2028",
    "2029, \\u2029",
    "202e, \\u202e",
    "2066, \\u2066",
    "2069, \\u2069",
    "feff, \\ufeff",
    "dc80, \\udc80",
    "e0001, \\udb40\\udc01"
  })
  void whatCannotBeSeenIsSpelledOut(String point, String spelled) {
    String hidden = Character.toString(Integer.parseInt(point, 16));
    assertThat(LogText.escaped("a" + hidden + "b")).isEqualTo("a" + spelled + "b");
  }
}
