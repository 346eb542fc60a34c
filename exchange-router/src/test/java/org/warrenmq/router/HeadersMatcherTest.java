package org.warrenmq.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.codec.ReplyCode;

class HeadersMatcherTest {
  private static final FieldValue VOID = FieldValue.VoidValue.INSTANCE;
  private static final List<String> MODES = List.of("", "all", "any", "all-with-x", "any-with-x");
  private static final List<String> NAMES = List.of("a", "b", "c", "x-d", "x-e");
  private static final List<FieldValue> VALUES =
      List.of(
          FieldValue.of(1),
          FieldValue.of(1L),
          FieldValue.of(2),
          FieldValue.of("1"),
          new FieldValue.Float64(1),
          VOID);

  private final Exchange source = new TestVhost().exchange("h", "headers");
  private final HeadersMatcher matcher = new HeadersMatcher();

  private static FieldTable table(Object... namesAndValues) {
    FieldTable.Builder builder = FieldTable.builder();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      builder.put((String) namesAndValues[i], value(namesAndValues[i + 1]));
    }
    return builder.build();
  }

  private static FieldValue value(Object value) {
    return switch (value) {
      case FieldValue field -> field;
      case String text -> FieldValue.of(text);
      case Integer number -> FieldValue.of(number);
      case Long number -> FieldValue.of(number);
      case Double number -> new FieldValue.Float64(number);
      case Float number -> new FieldValue.Float32(number);
      case Boolean truth -> FieldValue.of(truth);
      default -> throw new IllegalArgumentException(value.toString());
    };
  }

  private Binding binding(FieldTable arguments) {
    return new Binding(source, new TestQueue("q"), "", arguments);
  }

  private boolean matches(FieldTable arguments, FieldTable headers) {
    Binding binding = binding(arguments);
    matcher.add(binding);
    boolean matched = !TestVhost.matches(matcher, "", () -> headers).isEmpty();
    matcher.remove(binding);
    assertThat(matcher.isEmpty()).isTrue();
    return matched;
  }

  static Stream<Arguments> valuePairs() {
    byte[] abc = "abc".getBytes(StandardCharsets.UTF_8);
    return Stream.of(
        Arguments.of(5, 5L, true),
        Arguments.of(5, new FieldValue.Int8((byte) 5), true),
        Arguments.of(5, new FieldValue.UInt16(5), true),
        Arguments.of(5, new FieldValue.Int64(5), true),
        Arguments.of(5, 6, false),
        Arguments.of(5, 5.0, false),
        Arguments.of(5.0, 5, false),
        Arguments.of(5.0, 5.0f, true),
        Arguments.of(0.1f, 0.1, false),
        Arguments.of(0.1f, (double) 0.1f, true),
        Arguments.of(0.0, -0.0, false),
        Arguments.of("5", 5, false),
        Arguments.of("abc", new FieldValue.Bytes(abc), true),
        Arguments.of(new FieldValue.Bytes(abc), "abc", true),
        Arguments.of(true, true, true),
        Arguments.of(true, false, false),
        Arguments.of(true, "true", false),
        Arguments.of(new FieldValue.Timestamp(5), new FieldValue.Timestamp(5), false),
        Arguments.of(new FieldValue.Timestamp(5), 5L, true),
        Arguments.of(5000L, new FieldValue.Timestamp(5), true),
        Arguments.of(new FieldValue.Timestamp(5000), new FieldValue.Timestamp(5), true),
        Arguments.of(-1L, new FieldValue.Timestamp(Long.MAX_VALUE), false),
        Arguments.of(array(), FieldValue.of(FieldTable.EMPTY), true),
        Arguments.of(FieldValue.of(FieldTable.EMPTY), array(), true),
        Arguments.of(array(), array(), true),
        Arguments.of(new FieldValue.Decimal(1, 15), new FieldValue.Decimal(1, 15), true),
        Arguments.of(new FieldValue.Decimal(1, 15), new FieldValue.Decimal(2, 150), false),
        Arguments.of(new FieldValue.Decimal(1, 15), 1.5, false),
        Arguments.of(VOID, 1.5, true),
        Arguments.of(VOID, VOID, true),
        Arguments.of(1, VOID, false),
        Arguments.of("undefined", VOID, false),
        Arguments.of(array(1, 2), array(1, 2), true),
        Arguments.of(array(1, 2), array(1L, 2L), false),
        Arguments.of(array(1, 2), array(2, 1), false),
        Arguments.of(
            FieldValue.of(table("x", 1, "y", 2)), FieldValue.of(table("x", 1, "y", 2)), true),
        Arguments.of(FieldValue.of(table("x", 1)), FieldValue.of(table("x", 1L)), false));
  }

  private static FieldValue array(Object... values) {
    return FieldValue.ArrayValue.of(
        Stream.of(values).map(HeadersMatcherTest::value).toArray(FieldValue[]::new));
  }

  @ParameterizedTest
  @MethodSource("valuePairs")
  void comparesValues(Object expected, Object header, boolean match) {
    assertThat(matches(table("a", expected), table("a", header))).isEqualTo(match);
    assertThat(matches(table("x-match", "any", "a", expected), table("a", header)))
        .isEqualTo(match);
  }

  static Stream<Arguments> combinations() {
    FieldTable none = FieldTable.EMPTY;
    return Stream.of(
        Arguments.of(none, none, true),
        Arguments.of(none, table("a", 1), true),
        Arguments.of(table("x-match", "all"), none, true),
        Arguments.of(table("x-match", "all-with-x"), none, true),
        Arguments.of(table("x-match", "any"), table("a", 1), false),
        Arguments.of(table("x-match", "any-with-x"), table("x-match", "any-with-x"), false),
        Arguments.of(table("x-match", "any", "x-a", 1), table("x-a", 1), false),
        Arguments.of(table("x-match", "all", "x-a", 1), table("b", 1), true),
        Arguments.of(table("x-match", "any-with-x", "x-a", 1), table("x-a", 1), true),
        Arguments.of(table("x-match", "all-with-x", "x-a", 1), table("x-a", 1), true),
        Arguments.of(table("x-match", "all-with-x", "x-a", 1), table("b", 1), false),
        Arguments.of(table("x-match", "all", "X-a", 1), table("b", 1), false),
        Arguments.of(table("x-match", "any", "a", 1, "b", 2), table("a", 1, "b", 3), true),
        Arguments.of(table("x-match", "any", "a", VOID, "b", 2), table("a", 7), true),
        Arguments.of(table("a", VOID), table("b", 1), false),
        Arguments.of(table("a", 1, "b", 2), table("a", 1, "b", 2, "c", 4), true),
        Arguments.of(table("a", 1, "b", 2), table("a", 1, "c", 4), false));
  }

  @ParameterizedTest
  @MethodSource("combinations")
  void combinesConditions(FieldTable arguments, FieldTable headers, boolean match) {
    assertThat(matches(arguments, headers)).isEqualTo(match);
  }

  @Test
  void aMessageWithoutHeadersMatchesOnlyWhatRequiresNothing() {
    matcher.add(new Binding(source, new TestQueue("free"), "", FieldTable.EMPTY));
    matcher.add(new Binding(source, new TestQueue("strict"), "", table("a", 1)));

    assertThat(TestVhost.matches(matcher, "", MessageProperties.NONE)).containsExactly("free");
  }

  @Test
  void headersAreDecodedOnlyIfABindingAsksForThem() {
    matcher.add(new Binding(source, new TestQueue("free"), "", FieldTable.EMPTY));

    assertThat(
            TestVhost.matches(
                matcher,
                "",
                () -> {
                  throw new AssertionError("nobody needs them");
                }))
        .containsExactly("free");
  }

  @ParameterizedTest
  @ValueSource(strings = {"all", "any", "all-with-x", "any-with-x"})
  void acceptsTheFourModes(String mode) {
    HeadersType type = new HeadersType();
    assertThatCode(() -> type.validateBinding(binding(table("x-match", mode))))
        .doesNotThrowAnyException();
    assertThatCode(() -> type.validateBinding(binding(FieldTable.EMPTY)))
        .doesNotThrowAnyException();
  }

  @Test
  void refusesOtherModes() {
    HeadersType type = new HeadersType();
    assertThatThrownBy(() -> type.validateBinding(binding(table("x-match", "zz"))))
        .isInstanceOfSatisfying(
            ChannelError.class,
            error -> assertThat(error.code()).isEqualTo(ReplyCode.PRECONDITION_FAILED))
        .hasMessage(
            "PRECONDITION_FAILED - Invalid x-match field value <<\"zz\">>; "
                + "expected all, any, all-with-x, or any-with-x");
    assertThatThrownBy(() -> type.validateBinding(binding(table("x-match", ""))))
        .hasMessageContaining("field value <<>>;");
    assertThatThrownBy(() -> type.validateBinding(binding(table("x-match", 5))))
        .hasMessage(
            "PRECONDITION_FAILED - Invalid x-match field type signedint (value 5); "
                + "expected longstr");
  }

  @Test
  void agreesWithTheReference() {
    SeededRuns.run(
        HeadersMatcherTest.class,
        1000,
        (random, trace) -> {
          HeadersMatcher matcher = new HeadersMatcher();
          Map<FieldTable, Binding> present = new HashMap<>();
          List<FieldTable> known = new ArrayList<>();
          for (int i = SeededRuns.between(random, 0, 20); i > 0; i--) {
            FieldTable arguments =
                SeededRuns.newOrKnown(random, known, () -> argumentTable(random));
            known.add(arguments);
            trace.add(arguments);
            toggle(matcher, present, arguments);
          }
          for (int i = SeededRuns.between(random, 1, 8); i > 0; i--) {
            assertExact(matcher, present.keySet(), headerTable(random));
          }
          present.values().forEach(matcher::remove);
          assertThat(matcher.isEmpty()).isTrue();
        });
  }

  private void toggle(
      HeadersMatcher matcher, Map<FieldTable, Binding> present, FieldTable arguments) {
    Binding binding = present.remove(arguments);
    if (binding != null) {
      matcher.remove(binding);
    } else {
      binding = new Binding(source, new TestQueue(arguments.toString()), "", arguments);
      present.put(arguments, binding);
      matcher.add(binding);
    }
  }

  private static void assertExact(
      HeadersMatcher matcher, Set<FieldTable> present, FieldTable headers) {
    TreeSet<String> expected = new TreeSet<>();
    present.stream()
        .filter(arguments -> reference(arguments, headers))
        .forEach(arguments -> expected.add(arguments.toString()));
    assertThat(TestVhost.matches(matcher, "", () -> headers))
        .as("headers %s", headers)
        .isEqualTo(expected);
  }

  private static FieldTable argumentTable(SplittableRandom random) {
    String mode = SeededRuns.oneOf(random, MODES);
    FieldTable headers = headerTable(random);
    return mode.isEmpty() ? headers : headers.with(HeaderPattern.MODE, FieldValue.of(mode));
  }

  private static FieldTable headerTable(SplittableRandom random) {
    Map<String, FieldValue> headers = new LinkedHashMap<>();
    int size = SeededRuns.between(random, 0, 4);
    while (headers.size() < size) {
      headers.put(SeededRuns.oneOf(random, NAMES), SeededRuns.oneOf(random, VALUES));
    }
    return FieldTable.of(headers);
  }

  /** The definition, condition by condition, for the values above. */
  private static boolean reference(FieldTable arguments, FieldTable headers) {
    String mode = arguments.getString("x-match");
    boolean withX = mode != null && mode.endsWith("-with-x");
    List<Boolean> holds = new ArrayList<>();
    for (Map.Entry<String, FieldValue> argument : arguments.entries()) {
      String name = argument.getKey();
      if (name.equals("x-match") || (name.startsWith("x-") && !withX)) {
        continue;
      }
      FieldValue wanted = argument.getValue();
      FieldValue header = headers.get(name);
      holds.add(
          header != null
              && (wanted == VOID
                  || wanted.equals(header)
                  || (wanted.isInteger()
                      && header.isInteger()
                      && wanted.asLong() == header.asLong())));
    }
    return (mode != null && mode.startsWith("any")) ? holds.contains(true) : !holds.contains(false);
  }
}
