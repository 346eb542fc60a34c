package org.warrenmq.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.warrenmq.store.TestStore.append;
import static org.warrenmq.store.TestStore.fleeting;
import static org.warrenmq.store.TestStore.persistent;
import static org.warrenmq.store.TestStore.settle;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.warrenmq.store.TurnWrites.TransactionPart;
import org.warrenmq.store.WriteRequest.DropQueue;
import org.warrenmq.store.WriteRequest.Hold;
import org.warrenmq.store.WriteRequest.PutPiece;
import org.warrenmq.store.WriteRequest.Refer;
import org.warrenmq.store.WriteRequest.Release;
import org.warrenmq.store.WriteRequest.SettleBelow;

/** Large bodies in the store: how long they stay, and that they come back. */
class LargeBodyTest {
  @TempDir private Path folder;

  private static long put(TestStore store, int pieces, boolean persistent) {
    long body = store.store.newBody();
    for (int i = 0; i < pieces; i++) {
      store.write(new PutPiece(body, i, new byte[] {(byte) i, 42}, persistent));
    }
    return body;
  }

  private static int pieces(Database database) {
    int count = 0;
    try (RocksIterator it = database.db.newIterator(database.pieces)) {
      for (it.seekToFirst(); it.isValid(); it.next()) {
        count++;
      }
      it.status();
    } catch (RocksDBException e) {
      throw new AssertionError(e);
    }
    return count;
  }

  private static int pieces(TestStore store) {
    return pieces(store.store.main()) + pieces(store.store.spill());
  }

  private static void assertSound(TestStore store) {
    assertThat(store.store.verify().problems()).isEmpty();
  }

  @Test
  void aBodyLastsAsLongAsItIsHeldOrReferredTo() {
    try (TestStore store = new TestStore(folder)) {
      long body = put(store, 3, true);
      store.write(new Refer(body, 1, 0, true), new Release(body), append(1, 0, persistent("head")));
      assertThat(store.piece(body, 2, true)).containsExactly(2, 42);
      assertSound(store);
      store.write(new Hold(body, 2), settle(1, 4, 0));
      store.write(new Release(body));
      assertThat(store.piece(body, 0, true)).containsExactly(0, 42);
      store.write(new Release(body));
      assertThat(pieces(store)).isZero();
      assertSound(store);
    }
  }

  @Test
  void aBodyOfManyMessagesGoesWithTheLastOfThem() {
    try (TestStore store = new TestStore(folder)) {
      long body = put(store, 100, false);
      store.write(new Hold(body, 3));
      store.write(new Refer(body, 1, 0, false), new Release(body));
      store.write(new Refer(body, 2, 7, false), new Release(body));
      store.write(new Refer(body, 3, 1, false), new Release(body), append(3, 1, fleeting("head")));
      store.write(new Refer(body, 3, 2, false), new Release(body));
      store.write(new DropQueue(1), settle(2, 0, 7));
      store.write(new SettleBelow(3, 10, new long[] {1}, 0));
      assertThat(pieces(store)).isEqualTo(100);
      store.write(settle(3, 0, 1));
      assertThat(pieces(store)).isZero();
    }
  }

  @Test
  void anAbandonedBodyGoesAtOnce() {
    try (TestStore store = new TestStore(folder)) {
      store.write(new Release(put(store, 2, true)));
      store.write(new Release(put(store, 2, false)));
      assertThat(pieces(store)).isZero();
    }
  }

  @Test
  void afterARestartOnlyWhatMessagesReferToIsLeft() {
    long kept;
    try (TestStore store = new TestStore(folder)) {
      kept = put(store, 70, true);
      long held = put(store, 2, true);
      long ofTransient = put(store, 2, true);
      long settled = put(store, 2, true);
      store.write(new Refer(kept, 1, 5, true), append(1, 5, persistent("head")));
      store.write(new Refer(ofTransient, 1, 6, false), append(1, 6, fleeting("head")));
      store.write(new Refer(settled, 1, 7, true), append(1, 7, persistent("head")));
      store.write(new Release(settled), settle(1, 4, 7));
      assertThat(pieces(store)).isEqualTo(74);
      assertThat(held).isPositive();
    }
    try (TestStore store = new TestStore(folder)) {
      assertThat(store.store.newBody()).isGreaterThan(kept);
      store.write(append(2, 0, persistent("any write")));
      assertThat(pieces(store)).isEqualTo(70);
      assertThat(store.piece(kept, 69, true)).containsExactly(69, 42);
      assertSound(store);
      store.write(settle(1, 4, 5));
      assertThat(pieces(store)).isZero();
    }
  }

  @Test
  void aReferenceWithoutItsMessageIsGoneAfterARestart() {
    try (TestStore store = new TestStore(folder)) {
      long body = put(store, 2, true);
      store.write(append(1, 0, persistent("first")));
      // The crash comes before the message.
      store.write(new Refer(body, 1, 1, true));
    }
    try (TestStore store = new TestStore(folder)) {
      store.write(append(1, 1, persistent("another")));
      assertThat(pieces(store)).isZero();
      assertSound(store);
    }
    try (TestStore store = new TestStore(folder)) {
      assertThat(store.positions(1)).containsExactly(0L, 1L);
    }
  }

  @Test
  void piecesDoNotWaitForATransaction() {
    try (TestStore store = new TestStore(folder)) {
      CompletableFuture<Void> whole = new CompletableFuture<>();
      store
          .store
          .writer()
          .submit(
              new TurnWrites(
                  List.of(append(1, 0, persistent("part"))),
                  true,
                  () -> whole.complete(null),
                  new TransactionPart(1, 2)));
      long body = put(store, 1, true);
      assertThat(store.piece(body, 0, true)).containsExactly(0, 42);
      assertThat(whole).isNotDone();
      store
          .store
          .writer()
          .submit(
              new TurnWrites(
                  List.of(append(2, 0, persistent("part"))),
                  true,
                  () -> {},
                  new TransactionPart(1, 2)));
      TestStore.await(whole);
    }
  }

  @Test
  void youngBodiesAreInMemoryAndFleetingOnesNowhereElse() {
    try (TestStore store = new TestStore(folder, TestStore.SMALL.withBodyBytes(10))) {
      long lasting = put(store, 2, true);
      assertThat(pieces(store)).isEqualTo(2);
      long fleeting = put(store, 3, false);
      // Of ten bytes, the three pieces of two bytes each and one of the others: the older one goes.
      assertThat(pieces(store)).isEqualTo(2);
      assertThat(store.piece(fleeting, 2, false)).containsExactly(2, 42);
      assertThat(store.piece(lasting, 0, true)).containsExactly(0, 42);
      long another = put(store, 4, false);
      assertThat(pieces(store.store.spill())).isEqualTo(3);
      assertThat(store.piece(fleeting, 0, false)).containsExactly(0, 42);
      assertThat(store.piece(another, 3, false)).containsExactly(3, 42);
      store.write(new Release(another), new Release(fleeting));
      store.write(new Release(lasting));
      assertThat(pieces(store)).isZero();
    }
  }

  @Test
  void aBodyThatLeavesMemoryBeforeItIsWholeIsWrittenAsItComes() {
    try (TestStore store = new TestStore(folder, TestStore.SMALL.withBodyBytes(3))) {
      long body = put(store, 4, false);
      for (int i = 0; i < 4; i++) {
        assertThat(store.piece(body, i, false)).containsExactly(i, 42);
      }
      assertThat(pieces(store.store.spill())).isEqualTo(4);
      store.write(new Release(body));
      assertThat(pieces(store)).isZero();
    }
  }

  @Test
  void missingPiecesAreNoticed() throws Exception {
    try (TestStore store = new TestStore(folder)) {
      long body = put(store, 3, true);
      store.write(new Refer(body, 1, 0, true), append(1, 0, persistent("head")));
      Database main = store.store.main();
      main.db.delete(main.pieces, Keys.piece(body, 1));
      assertThat(store.store.verify().problems())
          .containsExactly("queue 1: of the body of the message at 0 2 pieces are there, not 3");
    }
  }

  @Test
  void aReferenceToABodyThatIsNotThereIsRefusedAtTheStart() throws Exception {
    try (TestStore store = new TestStore(folder)) {
      long body = put(store, 3, true);
      store.write(new Refer(body, 1, 0, true), append(1, 0, persistent("head")));
      Database main = store.store.main();
      main.db.delete(main.bodies, Keys.body(body));
    }
    assertThatThrownBy(() -> new TestStore(folder))
        .isInstanceOf(StoreException.class)
        .hasMessage("body 1 is not in the store");
  }
}
