package org.warrenmq.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.codec.ReplyCode;

class ConsistentHashMatcherTest {
  private static final int KEYS = 10_000;

  private final TestVhost vhost = new TestVhost();
  private final ConsistentHashType type = new ConsistentHashType();
  private final Exchange exchange = vhost.exchange("x", "x-consistent-hash");

  private Binding bind(String queue, String weight) {
    return vhost.bind(exchange, vhost.queue(queue), weight);
  }

  private List<String> chosen() {
    List<String> chosen = new ArrayList<>();
    for (int i = 0; i < KEYS; i++) {
      List<String> names = vhost.route(exchange, "key" + i);
      assertThat(names).hasSize(1);
      chosen.add(names.getFirst());
    }
    return chosen;
  }

  private static Map<String, Integer> counts(List<String> chosen) {
    Map<String, Integer> counts = new TreeMap<>();
    chosen.forEach(name -> counts.merge(name, 1, Integer::sum));
    return counts;
  }

  /** Where keys go that went elsewhere before; how often each way. */
  private static Map<String, Integer> moves(List<String> before, List<String> after) {
    Map<String, Integer> moves = new TreeMap<>();
    for (int i = 0; i < KEYS; i++) {
      if (!before.get(i).equals(after.get(i))) {
        moves.merge(before.get(i) + ">" + after.get(i), 1, Integer::sum);
      }
    }
    return moves;
  }

  @Test
  void sequentialKeysSpreadEvenly() {
    for (int i = 0; i < 5; i++) {
      bind("q" + i, "1");
    }
    assertThat(counts(chosen())).hasSize(5);
    counts(chosen()).values().forEach(count -> assertThat(count).isCloseTo(2000, within(100)));
  }

  @Test
  void sharesFollowTheWeights() {
    bind("one", "1");
    bind("two", "2");
    bind("seven", "+7");
    Map<String, Integer> counts = counts(chosen());
    assertThat(counts.get("one")).isCloseTo(1000, within(100));
    assertThat(counts.get("two")).isCloseTo(2000, within(120));
    assertThat(counts.get("seven")).isCloseTo(7000, within(140));
  }

  @Test
  void aWeightMayBeAsLargeAsAKeyIsLong() {
    bind("small", "1");
    bind("large", "9".repeat(255));
    assertThat(counts(chosen())).containsExactly(Map.entry("large", KEYS));
  }

  @Test
  void aQueueThatComesTakesItsShareAndNothingElseMoves() {
    for (int i = 0; i < 9; i++) {
      bind("q" + i, "1");
    }
    List<String> before = chosen();
    Binding added = bind("new", "1");
    List<String> after = chosen();
    Map<String, Integer> moves = moves(before, after);
    assertThat(moves.keySet()).allMatch(move -> move.endsWith(">new")).hasSize(9);
    assertThat(moves.values().stream().mapToInt(count -> count).sum())
        .isCloseTo(KEYS / 10, within(100));

    vhost.table.unbind(added);
    assertThat(chosen()).isEqualTo(before);
  }

  @Test
  void aQueueThatGoesLeavesItsShareToAllOthers() {
    for (int i = 0; i < 5; i++) {
      bind("q" + i, "1");
    }
    List<String> before = chosen();
    vhost.table.removeQueue(vhost.queue("q2"));
    Map<String, Integer> moves = moves(before, chosen());
    assertThat(moves.keySet()).containsExactly("q2>q0", "q2>q1", "q2>q3", "q2>q4");
    assertThat(moves.values()).allSatisfy(count -> assertThat(count).isCloseTo(500, within(80)));
  }

  @Test
  void theOrderOfBindingsDoesNotMatter() {
    bind("a", "1");
    bind("b", "2");
    bind("c", "3");
    List<String> before = chosen();
    vhost.table.delete(exchange);
    Exchange again = vhost.exchange("x", "x-consistent-hash");
    vhost.bind(again, vhost.queue("c"), "3");
    vhost.bind(again, vhost.queue("a"), "1");
    vhost.bind(again, vhost.queue("b"), "2");
    for (int i = 0; i < KEYS; i++) {
      assertThat(vhost.route(again, "key" + i)).containsExactly(before.get(i));
    }
  }

  /** These must never change: queues would get the messages of others after an update. */
  @ParameterizedTest
  @CsvSource({"key0, b", "key1, d", "key2, b", "'', b", "\u043a\u043b\u044e\u0447, b"})
  void theChoiceIsTheSameInEveryProcess(String key, String queue) {
    for (String name : List.of("a", "b", "c", "d", "e")) {
      bind(name, "1");
    }
    assertThat(vhost.route(exchange, key)).containsExactly(queue);
  }

  @Test
  void theHeavierOfTwoBindingsToOneQueueCounts() {
    bind("a", "1");
    bind("b", "1");
    Binding heavier = bind("b", "3");
    assertThat(counts(chosen()).get("b")).isCloseTo(7500, within(150));
    vhost.table.unbind(heavier);
    assertThat(counts(chosen()).get("b")).isCloseTo(5000, within(150));
  }

  @Test
  void aQueueAndAnExchangeOfOneNameAreTwoDestinations() {
    Exchange fanout = vhost.exchange("same", "fanout");
    vhost.bind(fanout, vhost.queue("behind"), "");
    bind("same", "1");
    vhost.bind(exchange, fanout, "1");
    assertThat(counts(chosen())).containsOnlyKeys("behind", "same");
    assertThat(counts(chosen()).get("same")).isCloseTo(5000, within(150));
  }

  @Test
  void withoutBindingsNothingIsFound() {
    assertThat(vhost.route(exchange, "k")).isEmpty();
  }

  @Test
  void furtherKeysAreNotAsked() {
    for (int i = 0; i < 5; i++) {
      bind("q" + i, "1");
    }
    List<String> further = List.of("a", "b", "c", "d", "e", "f");
    RouteResult result = new RouteResult();
    vhost.router.route(
        vhost.table, vhost.queues::get, exchange, "key0", further, MessageProperties.NONE, result);
    assertThat(TestVhost.names(result.toArray())).isEqualTo(vhost.route(exchange, "key0"));
  }

  private Exchange hashing(String argument, String value) {
    FieldTable arguments = FieldTable.of(argument, FieldValue.of(value));
    Exchange hashing =
        vhost.table.declare(TestVhost.spec("h", "x-consistent-hash", false, arguments));
    for (int i = 0; i < 4; i++) {
      vhost.bind(hashing, vhost.queue("q" + i), "1");
    }
    return hashing;
  }

  private void assertSpreads(Exchange hashing, List<MessageProperties> messages) {
    Map<String, Integer> counts = new TreeMap<>();
    messages.forEach(
        message -> counts.merge(vhost.route(hashing, "same", message).getFirst(), 1, Integer::sum));
    assertThat(counts).hasSize(4);
    assertThat(vhost.route(hashing, "one", MessageProperties.NONE))
        .hasSize(1)
        .isEqualTo(vhost.route(hashing, "two", MessageProperties.NONE));
    assertThat(hashing.matcher().keyOnly()).isFalse();
  }

  @Test
  void aHeaderOfAnyTypeIsHashed() {
    Exchange hashing = hashing("hash-header", "h");
    List<MessageProperties> texts = new ArrayList<>();
    List<MessageProperties> numbers = new ArrayList<>();
    List<MessageProperties> tables = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      FieldTable inner = FieldTable.of("n", FieldValue.of(i));
      FieldTable text = FieldTable.of("h", FieldValue.of("v" + i));
      FieldTable number = FieldTable.of("h", FieldValue.of(i));
      FieldTable table = FieldTable.of("h", FieldValue.of(inner));
      texts.add(() -> text);
      numbers.add(() -> number);
      tables.add(() -> table);
    }
    assertSpreads(hashing, texts);
    assertSpreads(hashing, numbers);
    assertSpreads(hashing, tables);
  }

  @ParameterizedTest
  @ValueSource(strings = {"message_id", "correlation_id", "timestamp"})
  void aPropertyIsHashed(String property) {
    List<MessageProperties> messages = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      messages.add(new Single(property, i));
    }
    assertSpreads(hashing("hash-property", property), messages);
  }

  /** A message with that property alone. */
  private record Single(String property, long value) implements MessageProperties {
    @Override
    public @Nullable FieldTable headers() {
      return null;
    }

    @Override
    public @Nullable String messageId() {
      return property.equals("message_id") ? "m" + value : null;
    }

    @Override
    public @Nullable String correlationId() {
      return property.equals("correlation_id") ? "c" + value : null;
    }

    @Override
    public @Nullable Long timestamp() {
      return property.equals("timestamp") ? (Long) value : null;
    }
  }

  private Binding binding(String key) {
    return new Binding(exchange, vhost.queue("q"), key, FieldTable.EMPTY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "+5", "007", "99999999999999999999999999"})
  void acceptsWeights(String key) {
    assertThatCode(() -> type.validateBinding(binding(key))).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {" 5", "5 ", "5.0", "a", "5a", "+", "-", "1e3", "5d", "\u0665"})
  void refusesWhatIsNoInteger(String key) {
    assertRefused(
        () -> type.validateBinding(binding(key)),
        "The binding key must be an integer: <<\"" + key + "\">>");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-0", "-1", "000"})
  void refusesWhatIsNotAboveZero(String key) {
    assertRefused(
        () -> type.validateBinding(binding(key)), "The binding key must be greater than 0");
  }

  @Test
  void refusesAnEmptyKey() {
    assertRefused(
        () -> type.validateBinding(binding("")), "The binding key must be an integer: <<>>");
  }

  @Test
  void refusesArgumentsThatContradictThemselves() {
    assertRefused(
        () -> validate("hash-header", FieldValue.of("h"), "hash-property", "message_id"),
        "hash-header and hash-property are mutually exclusive");
    assertRefused(
        () -> validate("other", FieldValue.of("h"), "hash-property", "app_id"),
        "Unsupported property: app_id");
    assertRefused(
        () -> validate("hash-header", FieldValue.of(5), "hash-property", "message_id"),
        "invalid type 'signedint' for arg 'hash-header' in exchange 'x' in vhost '/'");
    assertThatCode(() -> validate("hash-on", FieldValue.of(5), "hash-property", "timestamp"))
        .doesNotThrowAnyException();
  }

  private void validate(String one, FieldValue value, String two, String text) {
    FieldTable arguments = FieldTable.builder().put(one, value).put(two, text).build();
    type.validate(TestVhost.spec("x", type.name(), false, arguments));
  }

  private static void assertRefused(Runnable check, String why) {
    assertThatThrownBy(check::run)
        .isInstanceOfSatisfying(
            ChannelError.class,
            error -> assertThat(error.code()).isEqualTo(ReplyCode.PRECONDITION_FAILED))
        .hasMessage("PRECONDITION_FAILED - " + why);
  }
}
