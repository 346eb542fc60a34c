package org.warrenmq.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.warrenmq.store.TestStore.append;
import static org.warrenmq.store.TestStore.appendNumbered;
import static org.warrenmq.store.TestStore.fleeting;
import static org.warrenmq.store.TestStore.persistent;
import static org.warrenmq.store.TestStore.settle;
import static org.warrenmq.store.TestStore.settleNumbered;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.store.StoreOptions.Durability;
import org.warrenmq.store.WriteRequest.DeleteDefinition;
import org.warrenmq.store.WriteRequest.Delivered;
import org.warrenmq.store.WriteRequest.DropQueue;
import org.warrenmq.store.WriteRequest.PutDefinition;
import org.warrenmq.store.WriteRequest.Return;
import org.warrenmq.store.WriteRequest.Settle;
import org.warrenmq.store.WriteRequest.SettleBelow;

/** What is written comes back, from the running store and from the next one. */
class StoreTest {
  @TempDir Path folder;

  /** Body bytes of a row of numbered messages. */
  private static long numbered(long from, long to) {
    return TestStore.bytesOf(LongStream.range(from, to));
  }

  @Test
  void messagesSurviveARestartInOrder() {
    try (TestStore store = new TestStore(folder)) {
      store.write(appendNumbered(1, 0, 1000), append(2, 0, persistent("other")));
      store.write(appendNumbered(1, 1000, 500));
    }
    try (TestStore store = new TestStore(folder)) {
      assertThat(store.store.recover().queues())
          .containsExactly(
              new QueueState(1, 0, 1500, 1500, numbered(0, 1500), 0),
              new QueueState(2, 0, 1, 1, 5, 0));
      assertThat(store.texts(1))
          .isEqualTo(LongStream.range(0, 1500).mapToObj(i -> "m" + i).toList());
      assertThat(store.texts(2)).containsExactly("other");
      assertThat(store.store.verify().isSound()).isTrue();
    }
  }

  @Test
  void bytesComeBackAsTheyWere() {
    byte[] large = new byte[300_000];
    for (int i = 0; i < large.length; i++) {
      large[i] = (byte) (i * 31);
    }
    try (TestStore store = new TestStore(folder)) {
      store.write(
          append(
              1, 0, Storable.of(new byte[0], true), Storable.of(large, true), persistent("after")));
      List<StoredMessage> read = store.read(1);
      assertThat(read.get(0).bytes()).isEmpty();
      assertThat(read.get(1).bytes()).isEqualTo(large);
      assertThat(read.get(2).bytes()).asString().isEqualTo("after");
    }
  }

  @Test
  void settledMessagesAreGone() {
    try (TestStore store = new TestStore(folder)) {
      store.write(appendNumbered(1, 0, 10));
      store.write(settle(1, 8, 7, 0, 1, 3, 3, 99));
      assertThat(store.positions(1)).containsExactly(2L, 4L, 5L, 6L, 8L, 9L);
    }
    try (TestStore store = new TestStore(folder)) {
      assertThat(store.store.recover().queues())
          .containsExactly(new QueueState(1, 2, 10, 6, 12, 0));
      assertThat(store.positions(1)).containsExactly(2L, 4L, 5L, 6L, 8L, 9L);
      store.write(settle(1, 8, 2, 4, 5, 6));
      assertThat(store.store.recover().queues()).containsExactly(new QueueState(1, 8, 10, 2, 4, 0));
    }
  }

  @Test
  void aSettlementCancelsAnAppendOfTheSameBatch() {
    try (TestStore store = new TestStore(folder)) {
      store.write(
          append(1, 0, persistent("a"), TestStore.neverEncoded(), persistent("c")),
          append(2, 0, TestStore.neverEncoded()),
          settle(1, 7, 1),
          settle(2, 7, 0));
      assertThat(store.texts(1)).containsExactly("a", "c");
      assertThat(store.read(2)).isEmpty();
      assertThat(store.store.recover().queues())
          .containsExactly(new QueueState(1, 0, 3, 2, 2, 0), new QueueState(2, 1, 1, 0, 0, 0));
    }
  }

  @Test
  void positionsThatAreLeftOutCountAsSettled() {
    try (TestStore store = new TestStore(folder)) {
      store.write(appendNumbered(1, 1_000_000, 2));
      store.write(appendNumbered(1, 1_000_700, 2));
      assertThat(store.positions(1))
          .containsExactly(1_000_000L, 1_000_001L, 1_000_700L, 1_000_701L);
      store.write(settleNumbered(1, 1_000_000, 1_000_001));
      assertThat(store.store.recover().queues())
          .containsExactly(new QueueState(1, 1_000_700, 1_000_702, 2, 16, 0));
    }
  }

  @Test
  void transientMessagesLieInTheSpillDatabaseAndGoWithARestart() {
    try (TestStore store = new TestStore(folder)) {
      store.write(
          append(1, 0, persistent("a"), fleeting("b"), persistent("c"), fleeting("d")),
          append(2, 5, fleeting("x")));
      assertThat(store.texts(1)).containsExactly("a", "b", "c", "d");
      assertThat(store.read(1))
          .extracting(StoredMessage::persistent)
          .containsExactly(true, false, true, false);
      assertThat(store.texts(2)).containsExactly("x");
      MessageBatch first = store.read(1, 0, 1);
      assertThat(first.messages()).extracting(StoredMessage::position).containsExactly(0L);
      assertThat(first.atEnd()).isFalse();
      assertThat(store.read(1, first.resumeAt(), 1).messages())
          .extracting(StoredMessage::position)
          .containsExactly(1L);
      store.write(settle(1, 1, 0, 1));
      assertThat(store.texts(1)).containsExactly("c", "d");
    }
    try (TestStore store = new TestStore(folder)) {
      assertThat(store.texts(1)).containsExactly("c");
      assertThat(store.read(2)).isEmpty();
      assertThat(store.store.recover().queues()).containsExactly(new QueueState(1, 2, 3, 1, 1, 0));
    }
  }

  @Test
  void readingGoesOnWhereItStopped() {
    try (TestStore store = new TestStore(folder)) {
      store.write(appendNumbered(1, 0, 3000));
      store.write(settleNumbered(1, LongStream.range(1, 2000).toArray()));
      List<Long> seen = new ArrayList<>();
      MessageBatch batch = store.read(1, 0, 2000);
      while (!batch.atEnd()) {
        assertThat(batch.messages()).isNotEmpty();
        batch.messages().forEach(message -> seen.add(message.position()));
        batch = store.read(1, batch.resumeAt(), 2000);
      }
      batch.messages().forEach(message -> seen.add(message.position()));
      assertThat(seen).isEqualTo(store.positions(1)).hasSize(1001).startsWith(0L, 2000L);
      assertThat(batch.resumeAt()).isEqualTo(3000);
    }
  }

  @Test
  void returnsAndTheDeliveredMarkSurvive() {
    try (TestStore store = new TestStore(folder)) {
      store.write(appendNumbered(1, 0, 600));
      store.write(
          new Return(1, new long[] {0, 200, 599}, new int[] {1, 7, 300}, null),
          new Delivered(1, 400));
      store.write(new Return(1, new long[] {200}, new int[] {8}, null), new Delivered(1, 300));
      store.write(settleNumbered(1, 0));
    }
    try (TestStore store = new TestStore(folder)) {
      assertThat(store.store.recover().queues())
          .containsExactly(new QueueState(1, 1, 600, 599, numbered(1, 600), 300));
      assertThat(store.read(1).stream().filter(message -> message.returns() > 0))
          .extracting(StoredMessage::position, StoredMessage::returns)
          .containsExactly(
              org.assertj.core.groups.Tuple.tuple(200L, 8),
              org.assertj.core.groups.Tuple.tuple(599L, 300));
    }
  }

  @Test
  void whatWaitsDoesSoAfterARestart() {
    try (TestStore store = new TestStore(folder)) {
      store.write(appendNumbered(1, 0, 600));
      store.write(
          new Return(1, new long[] {0, 1, 2}, new int[] {1, 1, 1}, new long[] {7, 1L << 60, 9}),
          new Return(1, new long[] {300}, new int[] {5}, null));
      // One comes back again and need not wait; one leaves.
      store.write(new Return(1, new long[] {2}, new int[] {2}, null));
      store.write(settleNumbered(1, 0));
    }
    try (TestStore store = new TestStore(folder)) {
      assertThat(store.read(1).stream().filter(message -> message.returns() > 0))
          .extracting(StoredMessage::position, StoredMessage::returns, StoredMessage::retryAt)
          .containsExactly(
              org.assertj.core.groups.Tuple.tuple(1L, 1, 1L << 60),
              org.assertj.core.groups.Tuple.tuple(2L, 2, Return.AT_ONCE),
              org.assertj.core.groups.Tuple.tuple(300L, 5, Return.AT_ONCE));
      assertThat(store.store.verify().isSound()).isTrue();
    }
  }

  /** Programs that do not know of times read what has none. */
  @Test
  void aRecordWithoutTimesIsWhatItAlwaysWas() {
    SettledEntry.Page page = new SettledEntry.Page();
    page.returned(3, 2, Return.AT_ONCE);
    assertThat(page.encoded()[0]).isEqualTo((byte) 1);
    page.returned(4, 1, 99);
    assertThat(page.encoded()[0]).isEqualTo((byte) 2);
    SettledEntry.Page read = (SettledEntry.Page) SettledEntry.decode(page.encoded());
    assertThat(read.returns(3)).isEqualTo(2);
    assertThat(read.retryAt(3)).isEqualTo(Return.AT_ONCE);
    assertThat(read.retryAt(4)).isEqualTo(99);
    page.settle(4);
    page.returned(3, 3, Return.AT_ONCE);
    assertThat(page.encoded()[0]).isEqualTo((byte) 1);
  }

  @Test
  void aPurgeKeepsWhatIsOut() {
    try (TestStore store = new TestStore(folder)) {
      store.write(appendNumbered(1, 0, 5000));
      store.write(
          appendNumbered(1, 5000, 10),
          new SettleBelow(1, 5005, new long[] {3, 1000, 5001}, numbered(0, 5005) - (2 + 5 + 5)));
      assertThat(store.positions(1))
          .containsExactly(3L, 1000L, 5001L, 5005L, 5006L, 5007L, 5008L, 5009L);
      assertThat(store.store.verify().isSound()).isTrue();
      store.write(settleNumbered(1, 3, 1000, 5001));
      assertThat(store.store.recover().queues())
          .containsExactly(new QueueState(1, 5005, 5010, 5, 25, 0));
    }
  }

  /** The bytes of a turn are told by whatever settles them, in any order. */
  @Test
  void aPurgeAndSettlementsOfOneTurnCountEachMessageOnce() {
    try (TestStore store = new TestStore(folder)) {
      store.write(
          append(1, 0, persistent("first"), fleeting("second"), persistent("third")),
          append(1, 3, TestStore.neverEncoded(), persistent("kept")),
          new SettleBelow(1, 5, new long[] {2, 4}, 7),
          new Settle(1, SettleReason.REJECTED, new long[] {0, 1}, 5),
          new Settle(1, SettleReason.TAKEN, new long[] {2}, 5));
      assertThat(store.store.recover().queues()).containsExactly(new QueueState(1, 4, 5, 1, 4, 0));
      assertThat(store.texts(1)).containsExactly("kept");
      store.write(settle(1, 4, 4));
      assertThat(store.store.recover().queues()).containsExactly(new QueueState(1, 5, 5, 0, 0, 0));
      assertThat(store.store.verify().problems()).isEmpty();
    }
  }

  @Test
  void aDroppedQueueLeavesNothing() {
    try (TestStore store = new TestStore(folder)) {
      store.write(appendNumbered(1, 0, 1000), appendNumbered(2, 0, 5));
      store.write(
          settleNumbered(1, 500), appendNumbered(1, 1000, 5), append(1, 1005, fleeting("t")));
      store.write(new DropQueue(1));
      assertThat(store.read(1)).isEmpty();
      assertThat(store.texts(2)).hasSize(5);
      StoreVerifier.Report report = store.store.verify();
      assertThat(report.problems()).isEmpty();
      assertThat(report.queues()).isEqualTo(1);
    }
  }

  @Test
  void definitionsComeBackByKey() {
    try (TestStore store = new TestStore(folder)) {
      store.write(
          new PutDefinition(new DefinitionKey(2, "b"), new byte[] {1}),
          new PutDefinition(new DefinitionKey(200, ""), new byte[0]),
          new PutDefinition(new DefinitionKey(2, "ä"), new byte[] {2}));
      store.write(
          new PutDefinition(new DefinitionKey(2, "b"), new byte[] {9}),
          new DeleteDefinition(new DefinitionKey(2, "ä")),
          new DeleteDefinition(new DefinitionKey(3, "unknown")));
    }
    try (TestStore store = new TestStore(folder)) {
      assertThat(store.store.recover().definitions())
          .extracting(Recovered.Definition::key)
          .containsExactly(new DefinitionKey(2, "b"), new DefinitionKey(200, ""));
      assertThat(store.store.recover().definitions().getFirst().value()).isEqualTo(new byte[] {9});
    }
  }

  @Test
  void aCheckpointOpensAsAStore() {
    Path copy = folder.resolve("copy");
    try (TestStore store = new TestStore(folder.resolve("store"))) {
      store.write(appendNumbered(1, 0, 100));
      store.store.checkpoint(copy);
      store.write(appendNumbered(1, 100, 100));
      try (TestStore copied = new TestStore(copy)) {
        assertThat(copied.texts(1)).hasSize(100);
      }
      org.assertj.core.api.Assertions.assertThatThrownBy(() -> store.store.checkpoint(copy))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("exists already");
    }
  }

  @Test
  void bufferedWritesSurviveAClose() {
    StoreOptions buffered = TestStore.SMALL.withDurability(Durability.BUFFERED);
    try (TestStore store = new TestStore(folder, buffered)) {
      store.write(appendNumbered(1, 0, 10));
    }
    try (TestStore store = new TestStore(folder, buffered)) {
      assertThat(store.texts(1)).hasSize(10);
    }
  }

  @Test
  void settledMessagesGiveTheirSpaceBack() throws Exception {
    byte[] body = new byte[1000];
    try (TestStore store = new TestStore(folder)) {
      for (int round = 0; round < 30; round++) {
        List<Storable> messages = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
          messages.add(Storable.of(body, true));
        }
        long first = round * 1000L;
        store.write(new WriteRequest.Append(1, first, TestStore.TIME, messages));
        // The first message is never settled.
        long[] positions = LongStream.range(Math.max(1, first), first + 1000).toArray();
        store.write(settle(1, positions.length * 1000L, positions));
      }
      assertThat(store.positions(1)).containsExactly(0L);
      StoreVerifier.Report report = store.store.verify();
      assertThat(report.problems()).isEmpty();
      // 30,000 messages in chunks of 64 were written; 32 pages may wait to be erased.
      assertThat(report.chunks()).isLessThan(200);
    }
  }

  @Test
  void memoryIsAccountedFor() {
    try (TestStore store = new TestStore(folder)) {
      store.write(append(1, 0, Storable.of(new byte[1 << 20], true)));
      MemoryUse use = store.store.memoryUse();
      assertThat(use.memtables()).isGreaterThan(1 << 20);
      assertThat(use.nativeBytes()).isGreaterThanOrEqualTo(use.memtables());
      assertThat(use.pending()).isZero();
      assertThat(Files.isDirectory(store.store.folder())).isTrue();
    }
  }
}
