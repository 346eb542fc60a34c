package org.warrenmq.broker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is printed of names that clients have chosen. */
class FormatterTest {
  private static final String HOSTILE = "a\n\u001b]0;x\u0007b\u009b2Jä";

  @ParameterizedTest
  @EnumSource(value = Formatter.class, names = "JSON.*", mode = EnumSource.Mode.MATCH_NONE)
  @DisplayName("no name speaks to a terminal, or begins a row of its own")
  void hostileNames(Formatter formatter) {
    Answer.Rows one = rows("x");
    Answer.Rows other = rows(HOSTILE);
    assertThat(printed(formatter, other).chars().filter(Character::isISOControl).toArray())
        .isEqualTo(printed(formatter, one).chars().filter(Character::isISOControl).toArray());
    assertThat(printed(formatter, other)).contains("a\\012\\033]0;x\\007b\\2332Jä");
  }

  private static Answer.Rows rows(String name) {
    return new Answer.Rows(
        List.of("name", "arguments"), List.of(List.of(name, new JsonObject().put(name, name))));
  }

  private static String printed(Formatter formatter, Answer answer) {
    StringWriter text = new StringWriter();
    formatter.print(answer, true, "rabbit@here", new PrintWriter(text));
    return text.toString();
  }
}
