package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.warrenmq.codec.FieldValue;

/** JSON as it comes from operators, kept as values of field tables. */
class JsonValuesTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "true",
        "5",
        "-9223372036854775808",
        "2.5",
        "\"ä \\\" \\\\ \\u0000\"",
        "[]",
        "{}",
        "[1,[\"x\",null],{\"a\":{\"b\":[false]}}]",
        "{\"a\":1,\"b\":\"x\",\"c\":[{}]}"
      })
  @DisplayName("what is read is written as it was")
  void roundTrip(String json) {
    assertThat(JsonValues.write(JsonValues.read(json))).isEqualTo(json);
  }

  @Test
  @DisplayName("keys come out sorted, whole numbers are 64 bits long, and larger ones are rounded")
  void forms() {
    assertThat(JsonValues.write(JsonValues.read("{\"b\":1,\"a\":2}")))
        .isEqualTo("{\"a\":2,\"b\":1}");
    assertThat(JsonValues.read("5")).isEqualTo(FieldValue.of(5L));
    assertThat(JsonValues.read("100000000000000000000")).isEqualTo(new FieldValue.Float64(1e20));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "[1", "x", "", "{\"a\"}"})
  @DisplayName("what is no JSON is refused")
  void refused(String text) {
    assertThatThrownBy(() -> JsonValues.read(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  @DisplayName("a key too long for a field table, and what is nested too deep, are refused")
  void tooMuch() {
    assertThatThrownBy(() -> JsonValues.read("{\"" + "k".repeat(256) + "\":1}"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> JsonValues.read("[".repeat(100_000)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
