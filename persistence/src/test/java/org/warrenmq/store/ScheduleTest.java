package org.warrenmq.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.store.WriteRequest.DropQueue;
import org.warrenmq.store.WriteRequest.PutPiece;
import org.warrenmq.store.WriteRequest.Refer;
import org.warrenmq.store.WriteRequest.Release;
import org.warrenmq.store.WriteRequest.Schedule;
import org.warrenmq.store.WriteRequest.Unschedule;

/** Scheduled messages in a store of their own, on a real disk. */
class ScheduleTest {
  private static final long MIB = 1 << 20;

  @TempDir Path folder;

  private static Schedule at(long owner, long due, long id, String text) {
    return new Schedule(owner, due, id, TestStore.persistent(text));
  }

  private static ScheduleBatch page(TestStore store, long owner, long due, long id, long maxBytes) {
    CompletableFuture<ScheduleBatch> answer = new CompletableFuture<>();
    assertThat(store.store.reader().readScheduled(owner, due, id, maxBytes, answer::complete))
        .isTrue();
    return TestStore.await(answer);
  }

  private static List<String> texts(ScheduleBatch batch) {
    return batch.messages().stream()
        .map(message -> new String(message.bytes(), StandardCharsets.UTF_8))
        .toList();
  }

  @Test
  void theyAreReadByTimeFromBothDatabases() {
    try (TestStore store = new TestStore(folder)) {
      store.write(
          at(7, 300, 1, "third"),
          new Schedule(7, 200, 2, TestStore.fleeting("second")),
          at(7, Long.MAX_VALUE, 3, "last"),
          at(7, 100, 4, "first"),
          at(8, 1, 1, "another's"));
      ScheduleBatch all = page(store, 7, 0, 0, MIB);
      assertThat(texts(all)).containsExactly("first", "second", "third", "last");
      assertThat(all.messages()).extracting(ScheduledMessage::id).containsExactly(4L, 2L, 1L, 3L);
      assertThat(all.atEnd()).isTrue();
      ScheduleBatch one = page(store, 7, 100, 5, 1);
      assertThat(texts(one)).containsExactly("second");
      assertThat(one.atEnd()).isFalse();
    }
    try (TestStore store = new TestStore(folder)) {
      assertThat(texts(page(store, 7, 0, 0, MIB))).containsExactly("first", "third", "last");
      assertThat(store.store.recover().schedules())
          .containsExactly(new ScheduleState(7, 3, 4), new ScheduleState(8, 1, 1));
      assertThat(store.store.verify().problems()).isEmpty();
      assertThat(store.store.verify().scheduled()).isEqualTo(4);
    }
  }

  @Test
  void whatIsUnscheduledBeforeItIsWrittenIsNeverWritten() {
    try (TestStore store = new TestStore(folder)) {
      store.write(
          new Schedule(7, 100, 1, TestStore.neverEncoded()),
          new Unschedule(7, 100, 1, true),
          new Schedule(9, 100, 1, TestStore.neverEncoded()),
          new DropQueue(9));
      assertThat(page(store, 7, 0, 0, MIB).messages()).isEmpty();
      assertThat(store.store.recover().schedules()).containsExactly(new ScheduleState(7, 0, 1));
    }
  }

  @Test
  void aLargeBodyStaysUntilItsMessageLeaves() {
    long body;
    try (TestStore store = new TestStore(folder)) {
      body = store.store.newBody();
      store.write(
          new PutPiece(body, 0, new byte[] {1, 2}, true),
          new Refer(body, 7, 1, true),
          new Release(body),
          at(7, 100, 1, "with a body"));
    }
    try (TestStore store = new TestStore(folder)) {
      assertThat(store.piece(body, 0, true)).containsExactly(1, 2);
      store.write(new Unschedule(7, 100, 1, true));
      assertThat(store.piece(body, 0, true)).isNull();
    }
  }

  /** Its owner never scheduled so far: the message was not written when the process ended. */
  @Test
  void aReferenceWhoseMessageWasNeverWrittenIsForgotten() {
    long body;
    try (TestStore store = new TestStore(folder)) {
      body = store.store.newBody();
      store.write(at(7, 100, 1, "before"));
      store.write(
          new PutPiece(body, 0, new byte[] {1}, true),
          new Refer(body, 7, 2, true),
          new Release(body));
    }
    try (TestStore store = new TestStore(folder)) {
      store.write();
      assertThat(store.piece(body, 0, true)).isNull();
    }
  }

  /** Most leave, some of the far ones stay, and one that is due before all comes late. */
  @Test
  void spaceComesBack() throws Exception {
    int count = 60_000;
    try (TestStore store = new TestStore(folder)) {
      byte[] kib = new byte[1024];
      new java.util.Random(1).nextBytes(kib);
      for (int from = 0; from < count; from += 1000) {
        List<WriteRequest> requests = new ArrayList<>();
        for (int id = from; id < from + 1000; id++) {
          requests.add(new Schedule(7, 1000 + id, id + 1, Storable.of(kib, true)));
        }
        store.write(requests.toArray(WriteRequest[]::new));
      }
      for (int from = 0; from < count - 1000; from += 1000) {
        List<WriteRequest> requests = new ArrayList<>();
        for (int id = from; id < from + 1000; id++) {
          requests.add(new Unschedule(7, 1000 + id, id + 1, true));
        }
        store.write(requests.toArray(WriteRequest[]::new));
      }
      store.write(at(7, 5, count + 1, "late"));
      Database main = store.store.main();
      main.db.compactRange(main.scheduled);
      assertThat(tables()).isLessThan(8 * MIB);
      assertThat(texts(page(store, 7, 0, 0, 1))).containsExactly("late");
      assertThat(store.store.recover().schedules())
          .containsExactly(new ScheduleState(7, 1001, count + 1));
      assertThat(store.store.verify().problems()).isEmpty();
      store.write(new DropQueue(7));
      assertThat(store.store.recover().schedules()).isEmpty();
    }
  }

  private long tables() throws Exception {
    try (Stream<Path> files = Files.list(folder.resolve("main"))) {
      return files
          .filter(file -> file.toString().endsWith(".sst"))
          .mapToLong(file -> file.toFile().length())
          .sum();
    }
  }
}
