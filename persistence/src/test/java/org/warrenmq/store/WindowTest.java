package org.warrenmq.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.store.WindowState.RememberedKey;
import org.warrenmq.store.WriteRequest.DropQueue;
import org.warrenmq.store.WriteRequest.Remember;

/** Keys that are remembered, on disk. */
class WindowTest {
  @TempDir Path folder;

  private static Remember key(long owner, int slot, long number, String key) {
    return new Remember(owner, slot, number, 1000 + number, key.getBytes(StandardCharsets.UTF_8));
  }

  private static List<String> keys(TestStore store, long owner) {
    return store.store.recover().windows().stream()
        .filter(window -> window.queueId() == owner)
        .flatMap(window -> window.keys().stream())
        .map(WindowTest::text)
        .toList();
  }

  private static String text(RememberedKey key) {
    assertThat(key.until()).isEqualTo(1000 + key.number());
    return new String(key.key(), StandardCharsets.UTF_8);
  }

  @Test
  void theyComeBackInTheirOrderAndASlotHasOne() {
    try (TestStore store = new TestStore(folder)) {
      store.write(key(7, 0, 0, "a"), key(7, 1, 1, "b"), key(7, 2, 2, "c"), key(8, 0, 0, "x"));
      store.write(key(7, 0, 3, "d"));
      assertThat(keys(store, 7)).containsExactly("b", "c", "d");
    }
    try (TestStore store = new TestStore(folder)) {
      assertThat(keys(store, 7)).containsExactly("b", "c", "d");
      assertThat(keys(store, 8)).containsExactly("x");
      assertThat(store.store.verify().problems()).isEmpty();
      store.write(key(7, 1, 4, "e"));
      assertThat(keys(store, 7)).containsExactly("c", "d", "e");
    }
  }

  @Test
  void theyGoWithTheirOwner() {
    try (TestStore store = new TestStore(folder)) {
      store.write(key(7, 0, 0, "a"), key(8, 0, 0, "x"));
    }
    try (TestStore store = new TestStore(folder)) {
      store.write(new DropQueue(7));
      assertThat(keys(store, 7)).isEmpty();
      store.write(key(9, 0, 0, "y"), new DropQueue(9));
      assertThat(store.store.recover().windows()).hasSize(1);
    }
    try (TestStore store = new TestStore(folder)) {
      assertThat(keys(store, 8)).containsExactly("x");
      assertThat(store.store.recover().windows()).hasSize(1);
    }
  }
}
