package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.warrenmq.codec.Body;
import org.warrenmq.codec.Content;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.codec.PropertyEdit;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.message.HeaderMarks;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.MessageTraits;
import org.warrenmq.store.WindowState.RememberedKey;
import org.warrenmq.store.WriteRequest;

/** Which keys are remembered, here and from what was written. */
class KeyWindowTest {
  private static final long ID = 7;
  private static final int KEYS = 12;

  private final PatientStore store = new PatientStore();
  private final HandLoop loop = new HandLoop(store, Long.MAX_VALUE);

  /** What the store has in each slot. */
  private final TreeMap<Integer, RememberedKey> disk = new TreeMap<>();

  private KeyWindow window(DuplicateRule rule) {
    List<RememberedKey> stored = new ArrayList<>(disk.values());
    stored.sort(Comparator.comparingLong(RememberedKey::number));
    return new KeyWindow(ID, loop.store(), rule, true, stored);
  }

  private static Message message(FieldTable headers) {
    byte[] properties = PropertyEdit.withHeaders(new byte[2], headers);
    return new Message("x", "k", new Content(properties, new Body.Inline(new byte[1])), true);
  }

  private static FieldValue key(int number) {
    return FieldValue.of("key " + number);
  }

  private void write() {
    loop.rooms().postOutgoing();
    loop.run();
    for (WriteRequest request : store.requests()) {
      assertThat(request).isInstanceOf(WriteRequest.Remember.class);
      if (request
          instanceof
          WriteRequest.Remember(long id, int slot, long number, long until, byte[] key)) {
        assertThat(id).isEqualTo(ID);
        disk.put(slot, new RememberedKey(number, until, key));
      }
    }
    store.finishAll();
    loop.run();
  }

  /** A key as a naive window has it. */
  private record Known(FieldValue key, long until) {}

  private static boolean contains(List<Known> all, int size, FieldValue key, long now) {
    return all.subList(Math.max(0, all.size() - size), all.size()).stream()
        .anyMatch(known -> known.key.equals(key) && known.until > now);
  }

  @Test
  void whatIsWrittenMakesTheSameWindow() {
    SplittableRandom random = new SplittableRandom(5);
    for (int round = 0; round < 200; round++) {
      disk.clear();
      DuplicateRule rule =
          new DuplicateRule("id", random.nextInt(1, 8), random.nextInt(1, 200), true);
      KeyWindow window = window(rule);
      List<Known> model = new ArrayList<>();
      for (int step = 0; step < 60; step++) {
        loop.pass(random.nextInt(20));
        long now = loop.rooms().clock().millis();
        FieldValue key = key(random.nextInt(KEYS));
        boolean known = contains(model, rule.size(), key, now);
        assertThat(window.contains(key, true)).as("%s in round %s", key, round).isEqualTo(known);
        if (!known) {
          long ttl = random.nextInt(3) > 0 ? rule.ttl() : random.nextInt(1, 400);
          FieldTable headers = FieldTable.of("x-cache-ttl", FieldValue.of(ttl));
          window.remember(key, message(headers), true);
          model.add(new Known(key, now + ttl));
          write();
        }
        if (random.nextInt(10) == 0) {
          window.close();
          window = window(rule);
          loop.run();
        }
      }
      window.close();
      assertThat(disk).hasSizeLessThanOrEqualTo(rule.size());
    }
  }

  @Test
  void onlyKeysOfMessagesThatLastAreWritten() {
    DuplicateRule rule = new DuplicateRule("id", 3, DuplicateRule.FOR_EVER, true);
    KeyWindow window = window(rule);
    for (int i = 0; i < 4; i++) {
      window.remember(key(i), message(FieldTable.EMPTY), i != 2);
      write();
    }
    assertThat(window.contains(key(0), true)).isFalse();
    assertThat(window.contains(key(2), false)).isTrue();
    assertThat(window.contains(key(2), true)).as("for one that lasts").isFalse();
    KeyWindow again = window(rule);
    loop.run();
    assertThat(again.contains(key(1), true)).isTrue();
    assertThat(again.contains(key(2), true)).isFalse();
    assertThat(again.contains(key(3), true)).isTrue();
    again.close();
  }

  @Test
  void whatDiedHasNoKey() {
    KeyWindow window = window(new DuplicateRule("id", 3, DuplicateRule.FOR_EVER, true));
    Message message = message(FieldTable.of("id", FieldValue.of(7)));
    assertThat(window.keyOf(message)).isEqualTo(FieldValue.of(7L));
    MessageTraits died =
        new MessageTraits(true, new HeaderMarks(true, false, false), MessageTraits.NO_TTL, 0);
    assertThat(window.keyOf(new Message("x", "k", message.content(), died))).isNull();
    assertThat(window.keyOf(message(FieldTable.EMPTY))).isNull();
  }
}
