package org.warrenmq.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;

class TopicMatcherTest {
  private static final List<String> PATTERN_WORDS = List.of("a", "b", "", "*", "#", "#", "cc");
  private static final List<String> KEY_WORDS = List.of("a", "b", "", "cc", "#", "*", "d");

  private final Exchange source = new TestVhost().exchange("t", "topic");
  private final TopicMatcher matcher = new TopicMatcher();

  private Binding binding(String pattern) {
    return new Binding(source, new TestQueue(pattern), pattern, FieldTable.EMPTY);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      commentCharacter = '%',
      textBlock =
          """
          #         | ''        | true
          #         | a         | true
          #         | a.b.c     | true
          #         | .         | true
          *         | ''        | false
          *         | a         | true
          *         | a.b       | false
          *.*       | .         | true
          *.*       | a.        | true
          ''        | ''        | true
          ''        | a         | false
          ''        | .         | false
          a.*.b     | a..b      | true
          a.*.b     | a.x.b     | true
          a.*.b     | a.b       | false
          a.#       | a         | true
          a.#       | a.        | true
          a.#       | ab        | false
          #.a       | a         | true
          #.a       | x.y.a     | true
          #.a       | x.y.ab    | false
          #.*       | ''        | false
          #.*       | a         | true
          *.#       | ''        | false
          *.#       | a.b.c     | true
          #.#       | ''        | true
          #.#.#     | a.b       | true
          #.a.#     | a         | true
          #.a.#     | b.a.c     | true
          #.a.#     | b.c       | false
          #.a.#.a.# | a         | false
          #.a.#.a.# | b.a.c.a   | true
          #.*.#.*.# | a         | false
          #.*.#.*.# | a.b       | true
          a.b       | a.b       | true
          a.b       | a.b.      | false
          a#.b      | a#.b      | true
          a#.b      | ax.b      | false
          a.*x      | a.yx      | false
          a         | *         | false
          #b        | #b        | true
          ü.*       | ü.ö       | true
          """)
  void matchesWords(String pattern, String key, boolean expected) {
    matcher.add(binding(pattern));

    assertThat(TestVhost.matches(matcher, key, MessageProperties.NONE).contains(pattern))
        .isEqualTo(expected);
    assertThat(reference(pattern, key)).as("the reference agrees").isEqualTo(expected);
  }

  @Test
  void wildcardsInAMessageKeyAreOrdinaryWords() {
    matcher.add(binding("a.b"));
    matcher.add(binding("a.*"));

    assertThat(TestVhost.matches(matcher, "a.#", MessageProperties.NONE)).containsExactly("a.*");
    assertThat(TestVhost.matches(matcher, "#", MessageProperties.NONE)).isEmpty();
  }

  @Test
  void agreesWithTheReference() {
    SeededRuns.run(
        TopicMatcherTest.class,
        2000,
        (random, trace) -> {
          TopicMatcher matcher = new TopicMatcher();
          TreeSet<String> patterns = new TreeSet<>();
          for (int i = SeededRuns.between(random, 0, 25); i > 0; i--) {
            patterns.add(words(random, PATTERN_WORDS));
          }
          trace.add(patterns);
          patterns.forEach(pattern -> matcher.add(binding(pattern)));
          assertExact(matcher, patterns, keys(random, 10));
        });
  }

  @Test
  void staysExactWhilePatternsComeAndGo() {
    SeededRuns.run(
        TopicMatcherTest.class,
        500,
        (random, trace) -> {
          TopicMatcher matcher = new TopicMatcher();
          Map<String, Binding> present = new HashMap<>();
          List<String> known = new ArrayList<>();
          List<String> keys = keys(random, 5);
          for (int i = SeededRuns.between(random, 0, 120); i > 0; i--) {
            String pattern =
                SeededRuns.newOrKnown(random, known, () -> words(random, PATTERN_WORDS));
            known.add(pattern);
            trace.add("'" + pattern + "'");
            toggle(matcher, present, pattern);
            assertExact(matcher, present.keySet(), keys);
          }
          present.values().forEach(matcher::remove);
          assertThat(matcher.isEmpty()).as("empty nodes are pruned").isTrue();
        });
  }

  private void toggle(TopicMatcher matcher, Map<String, Binding> present, String pattern) {
    Binding binding = present.remove(pattern);
    if (binding != null) {
      matcher.remove(binding);
    } else {
      present.put(pattern, binding(pattern));
      matcher.add(present.get(pattern));
    }
  }

  private static void assertExact(TopicMatcher matcher, Set<String> patterns, List<String> keys) {
    for (String key : keys) {
      TreeSet<String> expected = new TreeSet<>();
      patterns.stream().filter(pattern -> reference(pattern, key)).forEach(expected::add);
      assertThat(TestVhost.matches(matcher, key, MessageProperties.NONE))
          .as("key '%s'", key)
          .isEqualTo(expected);
    }
  }

  private static List<String> keys(SplittableRandom random, int most) {
    List<String> keys = new ArrayList<>();
    for (int i = SeededRuns.between(random, 1, most); i > 0; i--) {
      keys.add(words(random, KEY_WORDS));
    }
    return keys;
  }

  /** At most six of the words; without any it is the empty key. */
  private static String words(SplittableRandom random, List<String> words) {
    List<String> chosen = new ArrayList<>();
    for (int i = SeededRuns.between(random, 0, 6); i > 0; i--) {
      chosen.add(SeededRuns.oneOf(random, words));
    }
    return String.join(".", chosen);
  }

  @Test
  void bindingsThatDifferInArgumentsOnlyAreRemovedOneByOne() {
    TestQueue queue = new TestQueue("q");
    Binding plain = new Binding(source, queue, "a.#", FieldTable.EMPTY);
    Binding marked = new Binding(source, queue, "a.#", FieldTable.of("m", FieldValue.of(1)));
    matcher.add(plain);
    matcher.add(marked);

    matcher.remove(plain);
    assertThat(TestVhost.matches(matcher, "a.b", MessageProperties.NONE)).containsExactly("q");
    matcher.remove(marked);
    assertThat(TestVhost.matches(matcher, "a.b", MessageProperties.NONE)).isEmpty();
    assertThat(matcher.isEmpty()).isTrue();
  }

  @Test
  void removingWhatIsNotThereChangesNothing() {
    matcher.add(binding("a.b"));

    matcher.remove(binding("a"));
    matcher.remove(binding("a.b.c"));
    matcher.remove(binding("a.b"));

    assertThat(TestVhost.matches(matcher, "a.b", MessageProperties.NONE)).containsExactly("a.b");
  }

  @Test
  void manyWildcardsDoNotExplode() {
    // 60 times "#.a" and a key that almost matches: without a memo about 2^60 steps.
    String pattern = "#.a.".repeat(60) + "z";
    matcher.add(binding(pattern));
    String key = "a.".repeat(120) + "y";

    int steps = matcher.walk(key, destination -> {});

    int nodes = 122;
    int positions = 122;
    assertThat(steps).isLessThanOrEqualTo(nodes * positions);
    assertThat(TestVhost.matches(matcher, "a.".repeat(120) + "z", MessageProperties.NONE))
        .hasSize(1);
  }

  @Test
  void adjacentManysAreExploredOnce() {
    String pattern = "#.".repeat(120) + "#";
    matcher.add(binding(pattern));
    List<Destination> found = new ArrayList<>();

    int steps = matcher.walk("a.".repeat(100) + "a", found::add);

    assertThat(found).as("reported once").hasSize(1);
    assertThat(steps).isLessThanOrEqualTo(122 * 103);
  }

  @Test
  void literalLookupsDoNotDependOnTheNumberOfPatterns() {
    for (int i = 0; i < 10_000; i++) {
      matcher.add(binding("sensor." + i + ".*"));
    }

    assertThat(matcher.walk("sensor.77.heat", destination -> {})).isLessThanOrEqualTo(4);
    assertThat(TestVhost.matches(matcher, "sensor.77.heat", MessageProperties.NONE))
        .containsExactly("sensor.77.*");
  }

  /** The definition, word by word; the empty key has no word. */
  static boolean reference(String pattern, String key) {
    return reference(split(pattern), split(key));
  }

  private static List<String> split(String text) {
    return text.isEmpty() ? List.of() : List.of(text.split("\\.", -1));
  }

  private static boolean reference(List<String> pattern, List<String> words) {
    if (pattern.isEmpty()) {
      return words.isEmpty();
    }
    List<String> rest = pattern.subList(1, pattern.size());
    String first = pattern.getFirst();
    if (first.equals("#")) {
      return reference(rest, words)
          || (!words.isEmpty() && reference(pattern, words.subList(1, words.size())));
    }
    return !words.isEmpty()
        && (first.equals("*") || first.equals(words.getFirst()))
        && reference(rest, words.subList(1, words.size()));
  }
}
