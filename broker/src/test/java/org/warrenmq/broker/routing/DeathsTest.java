package org.warrenmq.broker.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.warrenmq.store.SettleReason.DELIVERY_LIMIT;
import static org.warrenmq.store.SettleReason.DROPPED;
import static org.warrenmq.store.SettleReason.EXPIRED;
import static org.warrenmq.store.SettleReason.REJECTED;

import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.warrenmq.codec.Body;
import org.warrenmq.codec.Content;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.codec.Properties;
import org.warrenmq.codec.PropertyView;
import org.warrenmq.engine.message.HeaderMarks;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.MessageTraits;
import org.warrenmq.store.SettleReason;

/** Dead letters, held against what RabbitMQ 4.0.5 makes of the same messages. */
class DeathsTest {
  private static final long NOW = 1_795_997_763_000L;
  private static final HeaderMarks BLIND = new HeaderMarks(false, false, true);

  @Test
  void hasTheOctetsOfRabbitMq() {
    byte[] recorded =
        HexFormat.of()
            .parseHex(
                "38000000016807782d6465617468410000009a4600000095136f726967696e616c2d657870697261"
                    + "74696f6e5300000005363030303005636f756e746c000000000000000106726561736f6e53"
                    + "0000000872656a6563746564057175657565530000000b646d2e31313538302e7131047469"
                    + "6d6554000000006b0cc0430865786368616e676553000000000c726f7574696e672d6b6579"
                    + "734100000010530000000b646d2e31313538302e713116782d66697273742d64656174682d"
                    + "65786368616e6765530000000013782d66697273742d64656174682d717565756553000000"
                    + "0b646d2e31313538302e713114782d66697273742d64656174682d726561736f6e53000000"
                    + "0872656a656374656415782d6c6173742d64656174682d65786368616e6765530000000012"
                    + "782d6c6173742d64656174682d7175657565530000000b646d2e31313538302e713113782d"
                    + "6c6173742d64656174682d726561736f6e530000000872656a65637465640203");
    Properties sent = Properties.builder().deliveryMode(2).priority(3).expiration("60000").build();
    DeadLetter dead =
        die(message("", "dm.11580.q1", sent), HeaderMarks.NONE, "dm.11580.q1", REJECTED, "dlq");
    assertThat(dead.message().content().properties()).isEqualTo(recorded);
  }

  @Test
  void goesToTheDeadLetterExchangeWithItsOwnKeyOrANewOne() {
    Message alive = message("x", "k", Properties.NONE);
    DeadLetter same = die(alive, HeaderMarks.NONE, "q", EXPIRED, null);
    assertThat(same.message().exchange()).isEqualTo("dlx");
    assertThat(same.message().routingKey()).isEqualTo("k");
    assertThat(same.message().content().body()).isSameAs(alive.content().body());
    assertThat(same.message().traits().marks()).isEqualTo(new HeaderMarks(true, false, false));
    DeadLetter other = die(alive, HeaderMarks.NONE, "q", EXPIRED, "new");
    assertThat(other.message().routingKey()).isEqualTo("new");
    assertThat(other.message().traits().marks()).isEqualTo(new HeaderMarks(true, true, false));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void isAsPersistentAsItWas(boolean persistent) {
    Content content = content(Properties.NONE);
    Message alive = new Message("x", "k", content, persistent);
    assertThat(die(alive, HeaderMarks.NONE, "q", EXPIRED, null).message().persistent())
        .isEqualTo(persistent);
  }

  @ParameterizedTest
  @CsvSource({
    "REJECTED, rejected",
    "EXPIRED, expired",
    "DROPPED, maxlen",
    "DELIVERY_LIMIT, delivery_limit"
  })
  void namesTheReason(SettleReason reason, String name) {
    FieldTable headers = headers(die(plain(), HeaderMarks.NONE, "q", reason, null));
    assertThat(entries(headers).getFirst().getString("reason")).isEqualTo(name);
    assertThat(headers.getString("x-first-death-reason")).isEqualTo(name);
    assertThat(headers.getString("x-last-death-reason")).isEqualTo(name);
  }

  @ParameterizedTest
  @EnumSource(names = {"ACKED", "TAKEN"})
  void nothingDiesByBeingTaken(SettleReason reason) {
    assertThatThrownBy(() -> die(plain(), HeaderMarks.NONE, "q", reason, null))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void allOtherPropertiesStay() {
    Properties sent =
        Properties.builder()
            .contentType("text/plain")
            .headers(FieldTable.builder().put("z", 1).put("a", "text").build())
            .deliveryMode(1)
            .priority(7)
            .correlationId("c")
            .replyTo("r")
            .expiration("5")
            .messageId("m")
            .timestamp(3L)
            .userId("guest")
            .build();
    DeadLetter dead = die(message("x", "k", sent), HeaderMarks.NONE, "q", EXPIRED, null);
    Properties left = Properties.decode(dead.message().content().properties());
    FieldTable headers = Objects.requireNonNull(left.headers());
    assertThat(headers.names())
        .containsExactly(
            "z",
            "a",
            "x-death",
            "x-first-death-exchange",
            "x-first-death-queue",
            "x-first-death-reason",
            "x-last-death-exchange",
            "x-last-death-queue",
            "x-last-death-reason");
    assertThat(left.expiration()).isNull();
    assertThat(left)
        .usingRecursiveComparison()
        .ignoringFields("headers", "expiration")
        .isEqualTo(sent);
  }

  @ParameterizedTest
  @CsvSource({"5000, 5000", "+0060000, 60000", "000, 0", "0, 0"})
  void remembersItsExpirationAsANumber(String sent, String remembered) {
    Message alive = message("x", "k", Properties.builder().expiration(sent).build());
    FieldTable death = entries(die(alive, HeaderMarks.NONE, "q", REJECTED, null)).getFirst();
    assertThat(death.getString("original-expiration")).isEqualTo(remembered);
  }

  // ---------------------------------------------------------------- more deaths than one

  @Test
  void theNewestComesFirstAndCountsOn() {
    Message alive = message("x", "k", Properties.builder().expiration("9").build());
    DeadLetter dead = die(alive, HeaderMarks.NONE, "a", REJECTED, "b");
    for (int i = 0; i < 4; i++) {
      dead = dieAgain(dead, i % 2 == 0 ? "b" : "a", REJECTED, NOW + 60_000);
    }
    dead = dieAgain(dead, "a", EXPIRED, NOW + 61_000);
    List<FieldTable> deaths = entries(dead);
    assertThat(deaths)
        .extracting(each -> each.getString("queue") + " " + each.getString("reason"))
        .containsExactly("a expired", "a rejected", "b rejected");
    assertThat(deaths)
        .extracting(each -> each.get("count"))
        .containsExactly(FieldValue.of(1L), FieldValue.of(3L), FieldValue.of(2L));
    // The rest is of the first time.
    assertThat(deaths)
        .extracting(each -> each.get("time"))
        .containsExactly(
            new FieldValue.Timestamp(NOW / 1000 + 61),
            new FieldValue.Timestamp(NOW / 1000),
            new FieldValue.Timestamp(NOW / 1000 + 60));
    assertThat(deaths)
        .extracting(each -> each.getString("exchange"))
        .containsExactly("dlx", "x", "dlx");
    assertThat(deaths)
        .extracting(each -> each.getString("original-expiration"))
        .containsExactly(null, "9", null);
    assertThat(deaths.get(1).names())
        .containsExactly(
            "original-expiration", "count", "reason", "queue", "time", "exchange", "routing-keys");
  }

  @Test
  void theFirstDeathStaysAndTheLastChanges() {
    DeadLetter dead = die(message("x", "k", Properties.NONE), HeaderMarks.NONE, "a", EXPIRED, null);
    FieldTable headers = headers(dieAgain(dead, "b", DROPPED, NOW));
    assertThat(headers.getString("x-first-death-exchange")).isEqualTo("x");
    assertThat(headers.getString("x-first-death-queue")).isEqualTo("a");
    assertThat(headers.getString("x-first-death-reason")).isEqualTo("expired");
    assertThat(headers.getString("x-last-death-exchange")).isEqualTo("dlx");
    assertThat(headers.getString("x-last-death-queue")).isEqualTo("b");
    assertThat(headers.getString("x-last-death-reason")).isEqualTo("maxlen");
  }

  @Test
  void theHeadersDoNotGrowByTheSameDeathAgain() {
    Message alive = message("dlx", "k", Properties.NONE);
    DeadLetter dead = die(alive, HeaderMarks.NONE, "q", REJECTED, null);
    int size = dead.message().content().properties().length;
    for (int i = 0; i < 1000; i++) {
      dead = dieAgain(dead, "q", REJECTED, NOW + i);
    }
    assertThat(dead.message().content().properties()).hasSize(size);
    assertThat(entries(dead).getFirst().get("count")).isEqualTo(FieldValue.of(1001L));
  }

  // ---------------------------------------------------------------- headers of clients

  @Test
  void whatAClientSaysOfDeathsCountsForNothing() {
    DeadLetter theirs = die(plain(), HeaderMarks.NONE, "q", EXPIRED, null);
    // Published again as it was delivered.
    DeadLetter dead = die(theirs.message(), HeaderMarks.NONE, "q", EXPIRED, null);
    assertThat(entries(dead)).hasSize(1);
    assertThat(entries(dead).getFirst().get("count")).isEqualTo(FieldValue.of(1L));
    DeadLetter elsewhere = die(theirs.message(), HeaderMarks.NONE, "other", EXPIRED, null);
    assertThat(elsewhere.isCycleAt("q")).isFalse();
    assertThat(headers(elsewhere).getString("x-first-death-queue")).isEqualTo("other");
  }

  @Test
  void whateverItSaysOfThem() {
    FieldTable nonsense =
        FieldTable.builder()
            .put("x-death", "text")
            .put("x-first-death-queue", 5)
            .put("x-last-death-reason", FieldTable.EMPTY)
            .put("x-death-too", true)
            .build();
    Message alive = message("x", "k", Properties.builder().headers(nonsense).build());
    FieldTable headers = headers(die(alive, HeaderMarks.NONE, "q", EXPIRED, null));
    assertThat(headers.get("x-death-too")).isEqualTo(FieldValue.of(true));
    assertThat(headers.without("x-death-too"))
        .isEqualTo(
            headers(die(message("x", "k", Properties.NONE), HeaderMarks.NONE, "q", EXPIRED, null)));
  }

  @Test
  void nonsenseUnderTheBrokersOwnMarkIsPassedOver() {
    var mark = new HeaderMarks(true, false, false);
    var random = new Random(1);
    for (FieldValue value :
        List.of(
            FieldValue.of("text"),
            FieldValue.ArrayValue.of(FieldValue.of(1), FieldValue.of(FieldTable.EMPTY)),
            FieldValue.ArrayValue.of(FieldValue.of(FieldTable.of("count", FieldValue.of("a")))),
            FieldValue.of(random.nextLong()))) {
      FieldTable headers = FieldTable.of("x-death", value);
      Message alive = message("x", "k", Properties.builder().headers(headers).build());
      assertThat(die(alive, mark, "q", EXPIRED, null).deaths().getFirst().queue()).isEqualTo("q");
    }
  }

  // ---------------------------------------------------------------- routing keys

  @Test
  void withoutANewKeyAllKeysApplyAndThoseOfBccAreNotTold() {
    DeadLetter dead = die(copied(), BLIND, "q", REJECTED, null);
    assertThat(dead.message().routingKey()).isEqualTo("k");
    assertThat(dead.furtherKeys()).containsExactly("c1", "c2", "b1");
    assertThat(dead.message().traits().marks()).isEqualTo(new HeaderMarks(true, false, true));
    assertThat(keys(dead)).containsExactly("k", "c1", "c2");
    // And the next time again.
    DeadLetter again = dieAgain(dead, "other", REJECTED, NOW);
    assertThat(again.furtherKeys()).containsExactly("c1", "c2", "b1");
    assertThat(keys(again)).containsExactly("k", "c1", "c2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"new", "k"})
  void aNewKeyReplacesThemAllForGood(String newKey) {
    DeadLetter dead = die(copied(), BLIND, "q", REJECTED, newKey);
    assertThat(dead.furtherKeys()).isEmpty();
    assertThat(keys(dead)).containsExactly("k", "c1", "c2");
    assertThat(headers(dead).contains("CC")).isTrue();
    assertThat(headers(dead).contains("BCC")).isFalse();
    DeadLetter again = dieAgain(dead, "other", REJECTED, NOW);
    assertThat(again.furtherKeys()).isEmpty();
    assertThat(keys(again)).containsExactly(newKey);
    assertThat(again.message().traits().marks()).isEqualTo(new HeaderMarks(true, true, false));
  }

  @Test
  void aKeyThatNoClientCouldBeToldLeadsNowhere() {
    assertThat(deadLetter(plain(), HeaderMarks.NONE, "q", REJECTED, "k".repeat(256))).isNull();
    assertThat(deadLetter(plain(), HeaderMarks.NONE, "q", REJECTED, "ü".repeat(128))).isNull();
    assertThat(deadLetter(plain(), HeaderMarks.NONE, "q", REJECTED, "k".repeat(255))).isNotNull();
  }

  // ---------------------------------------------------------------- cycles

  @Test
  void aCycleWithoutARejectionIsOne() {
    DeadLetter dead = die(plain(), HeaderMarks.NONE, "a", EXPIRED, null);
    assertThat(dead.isCycleAt("a")).isTrue();
    assertThat(dead.isCycleAt("b")).isFalse();
    dead = dieAgain(dead, "b", DROPPED, NOW);
    assertThat(dead.isCycleAt("a")).isTrue();
    assertThat(dead.isCycleAt("b")).isTrue();
    dead = dieAgain(dead, "c", DELIVERY_LIMIT, NOW);
    assertThat(dead.isCycleAt("a")).isTrue();
    assertThat(dead.isCycleAt("d")).isFalse();
  }

  @Test
  void aRejectionInItMakesItNone() {
    DeadLetter dead = die(plain(), HeaderMarks.NONE, "a", EXPIRED, null);
    dead = dieAgain(dead, "b", REJECTED, NOW);
    assertThat(dead.isCycleAt("a")).isFalse();
    assertThat(dead.isCycleAt("b")).isFalse();
    // But before it does not help.
    dead = dieAgain(dead, "a", EXPIRED, NOW);
    assertThat(dead.isCycleAt("a")).isTrue();
    assertThat(dead.isCycleAt("b")).isFalse();
    dead = dieAgain(dead, "b", EXPIRED, NOW);
    assertThat(dead.isCycleAt("b")).isTrue();
  }

  // ---------------------------------------------------------------- bounds

  @Test
  void aDeathRemembersSoManyKeys() {
    FieldValue[] many =
        IntStream.range(0, 5000).mapToObj(i -> FieldValue.of("key" + i)).toArray(FieldValue[]::new);
    FieldTable headers = FieldTable.of("CC", FieldValue.ArrayValue.of(many));
    Message alive = message("x", "k", Properties.builder().headers(headers).build());
    DeadLetter dead = die(alive, HeaderMarks.NONE, "q", REJECTED, null);
    assertThat(dead.furtherKeys()).hasSize(5000);
    List<String> keys = keys(dead);
    assertThat(keys).startsWith("k", "key0", "key1");
    assertThat(keys.stream().mapToInt(String::length).sum())
        .isBetween(Deaths.MAX_KEYS - 10, Deaths.MAX_KEYS + 1);
  }

  @Test
  void whoHasDiedInTooManyQueuesDoesNotGoOn() {
    DeadLetter dead = die(plain(), HeaderMarks.NONE, "q", EXPIRED, null);
    int queues = 1;
    for (DeadLetter next = dead; next != null; queues++) {
      dead = next;
      next =
          deadLetter(
              dead.message(), dead.message().traits().marks(), "queue" + queues, EXPIRED, null);
    }
    assertThat(queues).isBetween(500, 2000);
    assertThat(dead.message().content().properties().length).isLessThan(Deaths.MAX_HISTORY + 100);
    // It may die again where it did.
    assertThat(deadLetter(dead.message(), dead.message().traits().marks(), "q", EXPIRED, null))
        .isNotNull();
  }

  // ---------------------------------------------------------------- of the tests

  private static Message plain() {
    return message("x", "k", Properties.NONE);
  }

  private static Message copied() {
    FieldTable headers =
        FieldTable.builder()
            .put("CC", FieldValue.ArrayValue.of(FieldValue.of("c1"), FieldValue.of("c2")))
            .put("BCC", FieldValue.ArrayValue.of(FieldValue.of(1), FieldValue.of("b1")))
            .build();
    return message("x", "k", Properties.builder().headers(headers).build());
  }

  private static Message message(String exchange, String key, Properties properties) {
    return new Message(exchange, key, content(properties), false);
  }

  private static Content content(Properties properties) {
    return new Content(properties.encode(), new Body.Inline(new byte[] {1, 2, 3}));
  }

  private static DeadLetter die(
      Message message,
      HeaderMarks marks,
      String queue,
      SettleReason reason,
      @Nullable String newKey) {
    return Objects.requireNonNull(deadLetter(message, marks, queue, reason, newKey));
  }

  private static @Nullable DeadLetter deadLetter(
      Message message,
      HeaderMarks marks,
      String queue,
      SettleReason reason,
      @Nullable String newKey) {
    return Deaths.of(marked(message, marks), queue, reason, NOW, "dlx", newKey);
  }

  private static DeadLetter dieAgain(
      DeadLetter dead, String queue, SettleReason reason, long millis) {
    return Objects.requireNonNull(Deaths.of(dead.message(), queue, reason, millis, "dlx", null));
  }

  private static FieldTable headers(DeadLetter dead) {
    byte[] properties = dead.message().content().properties();
    PropertyView.validate(properties);
    return Objects.requireNonNull(new PropertyView(properties).headers());
  }

  private static List<FieldTable> entries(DeadLetter dead) {
    return entries(headers(dead));
  }

  private static List<FieldTable> entries(FieldTable headers) {
    if (headers.get("x-death") instanceof FieldValue.ArrayValue(List<FieldValue> values)) {
      return values.stream().map(each -> ((FieldValue.Table) each).value()).toList();
    }
    throw new AssertionError("no x-death in " + headers);
  }

  private static List<String> keys(DeadLetter dead) {
    return Death.texts(entries(dead).getFirst().get("routing-keys"));
  }

  private static Message marked(Message message, HeaderMarks marks) {
    return new Message(
        message.exchange(),
        message.routingKey(),
        message.content(),
        MessageTraits.of(message.persistent(), marks));
  }
}
