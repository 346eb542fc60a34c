package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.warrenmq.codec.Body;
import org.warrenmq.codec.Content;
import org.warrenmq.engine.home.Journal;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.loop.SeededRuns;
import org.warrenmq.engine.message.Message;
import org.warrenmq.store.SettleReason;
import org.warrenmq.store.TurnWrites;
import org.warrenmq.store.WriteRequest;
import org.warrenmq.store.WriteRequest.Append;
import org.warrenmq.store.WriteRequest.Delivered;
import org.warrenmq.store.WriteRequest.DropQueue;
import org.warrenmq.store.WriteRequest.Refer;
import org.warrenmq.store.WriteRequest.Release;
import org.warrenmq.store.WriteRequest.Return;
import org.warrenmq.store.WriteRequest.Settle;
import org.warrenmq.store.WriteRequest.SettleBelow;

/** What a queue hands to the store, and when its messages may leave. */
class QueueJournalTest {
  private static final long ID = 7;

  private final PatientStore store = new PatientStore();
  private final HandLoop loop = new HandLoop(store, Long.MAX_VALUE);
  private final QueueLog log = new QueueLog(loop.store().memory());
  private final List<Long> ends = new ArrayList<>();
  private final QueueJournal journal = journal(true);

  private QueueJournal journal(boolean durable) {
    Journal ofLoop = loop.store().journal();
    return new QueueJournal(ID, new QueueTraits(durable, false, false), log, ofLoop, ends::add);
  }

  private static Message message(int size, boolean persistent) {
    return new Message(
        "x", "k", new Content(new byte[2], new Body.Inline(new byte[size])), persistent);
  }

  private void append(int count) {
    for (int i = 0; i < count; i++) {
      Message message = message(1, true);
      journal.appended(log.append(message, 0, 0), message);
    }
  }

  private void endTurn() {
    loop.rooms().postOutgoing();
    loop.run();
  }

  private void complete() {
    store.finishAll();
    loop.run();
  }

  private boolean mayDeliver(long position) {
    return journal.mayDeliver(position, Objects.requireNonNull(log.get(position)));
  }

  private void settle(long position) {
    settle(position, SettleReason.ACKED);
  }

  private void settle(long position, SettleReason reason) {
    journal.settled(position, log.settle(position), reason);
  }

  private List<Delivered> marks() {
    return store.requests().stream()
        .filter(Delivered.class::isInstance)
        .map(Delivered.class::cast)
        .toList();
  }

  @Test
  void messagesOfATurnAreOneAppend() {
    append(3);
    endTurn();

    assertThat(store.turns).hasSize(1);
    assertThat(store.requests())
        .singleElement()
        .isInstanceOfSatisfying(
            Append.class,
            append -> {
              assertThat(append.queueId()).isEqualTo(ID);
              assertThat(append.first()).isZero();
              assertThat(append.messages()).hasSize(3);
            });
    complete();
    assertThat(ends).containsExactly(3L);
  }

  @Test
  void whatNeedNotLastIsNotShownToTheStore() {
    append(1);
    Message fleeting = message(1, false);
    journal.appended(log.append(fleeting, 0, 0), fleeting);
    append(1);
    settle(1);
    endTurn();

    assertThat(store.requests())
        .hasSize(2)
        .allSatisfy(request -> assertThat(request).isInstanceOf(Append.class));
    assertThat(journal.isOnDisk(1, fleeting)).isFalse();
  }

  @Test
  void nothingHappenedNothingIsWritten() {
    endTurn();

    assertThat(store.turns).isEmpty();
  }

  @Test
  void settlementsAndReturnsOfATurnGoTogether() {
    append(4);
    endTurn();
    complete();
    log.returned(2);
    log.returned(2);
    journal.returned(new long[] {2, 99}, 1);
    settle(3);
    settle(0);
    endTurn();

    assertThat(store.requests()).hasSize(2);
    assertThat(store.requests().get(0))
        .isInstanceOfSatisfying(
            Return.class,
            returned -> {
              assertThat(returned.positions()).containsExactly(2);
              assertThat(returned.counts()).containsExactly(2);
            });
    assertThat(store.requests().get(1))
        .isInstanceOfSatisfying(
            Settle.class, settled -> assertThat(settled.positions()).containsExactly(3, 0));
  }

  @Test
  void whatHasToWaitIsWrittenWithItsTime() {
    append(20);
    for (int turn = 0; turn < 2; turn++) {
      store.turns.clear();
      for (int i = 0; i < 15; i++) {
        log.returned(i);
        // Some need not wait, the first of them, too.
        log.retryAt(i, i % 3 == 1 ? 1000 + i : Return.AT_ONCE);
        journal.returned(new long[] {i}, 1);
      }
      endTurn();
      assertThat(store.requests())
          .filteredOn(Return.class::isInstance)
          .singleElement()
          .isInstanceOfSatisfying(
              Return.class,
              returned -> {
                assertThat(returned.positions()).hasSize(15);
                for (int i = 0; i < 15; i++) {
                  assertThat(returned.due(i)).isEqualTo(i % 3 == 1 ? 1000 + i : Return.AT_ONCE);
                }
              });
    }
    log.returned(16);
    journal.returned(new long[] {16}, 1);
    store.turns.clear();
    endTurn();
    assertThat(store.requests())
        .singleElement()
        .isInstanceOfSatisfying(Return.class, returned -> assertThat(returned.dues()).isNull());
  }

  private static void assertSettles(
      WriteRequest request, SettleReason reason, long bytes, long... positions) {
    assertThat(request)
        .isInstanceOfSatisfying(
            Settle.class,
            settled -> {
              assertThat(settled.reason()).isEqualTo(reason);
              assertThat(settled.positions()).containsExactly(positions);
              assertThat(settled.bytes()).isEqualTo(bytes);
            });
  }

  @Test
  void settlementsOfATurnAreOneRequestForEachReason() {
    append(6);
    endTurn();
    complete();
    settle(0, SettleReason.REJECTED);
    settle(4, SettleReason.ACKED);
    settle(2, SettleReason.REJECTED);
    settle(1, SettleReason.TAKEN);
    settle(3, SettleReason.ACKED);
    endTurn();

    assertThat(store.requests()).hasSize(3);
    assertSettles(store.requests().get(0), SettleReason.REJECTED, 2, 0, 2);
    assertSettles(store.requests().get(1), SettleReason.ACKED, 2, 4, 3);
    assertSettles(store.requests().get(2), SettleReason.TAKEN, 1, 1);
    complete();

    settle(5, SettleReason.TAKEN);
    endTurn();
    assertSettles(store.requests().getLast(), SettleReason.TAKEN, 1, 5);
  }

  @Test
  void settlementTellsTheBytesOfWhatLastsAlone() {
    Message lasting = message(50, true);
    Message fleeting = message(30, false);
    journal.appended(log.append(lasting, 0, 0), lasting);
    journal.spill(log.append(fleeting, 0, 0), fleeting);
    journal.appended(log.append(lasting, 0, 0), lasting);
    endTurn();
    complete();
    log.pageOut(0);
    log.pageOut(1);
    for (long position = 0; position < 3; position++) {
      settle(position);
    }
    endTurn();

    assertSettles(store.requests().getLast(), SettleReason.ACKED, 100, 0, 1, 2);
  }

  /** Of what is cold it is not known which message has how many, nor which of them last. */
  @Test
  void purgeTellsTheBytesOfWhatLastsAndDoesNotStay() {
    log.restore(10, 20, 5, 500);
    journal.restore(15, 500);
    Message lasting = message(50, true);
    Message fleeting = message(30, false);
    for (int i = 0; i < 3; i++) {
      journal.appended(log.append(lasting, 0, 0), lasting);
      journal.spill(log.append(fleeting, 0, 0), fleeting);
    }
    endTurn();
    complete();
    log.pageOut(20, 22);
    log.pageOut(22);
    log.pageOut(23);
    settle(24);
    journal.purged(26, new long[] {22, 23});
    settle(22);
    endTurn();

    assertThat(store.requests()).hasSize(2);
    assertThat(store.requests().get(0))
        .isInstanceOfSatisfying(
            SettleBelow.class, purge -> assertThat(purge.bytes()).isEqualTo(550));
    assertSettles(store.requests().get(1), SettleReason.ACKED, 100, 24, 22);
    complete();

    journal.purged(26, new long[0]);
    endTurn();
    assertThat(store.requests().getLast())
        .isInstanceOfSatisfying(SettleBelow.class, purge -> assertThat(purge.bytes()).isZero());
  }

  @Test
  void aLargeBodyIsReferredToBeforeAnythingElseAndSettledInAnyCase() {
    Body body = new Body.Stored(9, 3 << 20, true);
    Message fleeting = new Message("x", "k", new Content(new byte[2], body), false);
    journal.appended(log.append(fleeting, 0, 0), fleeting);
    endTurn();
    assertThat(store.turns).hasSize(1);
    assertThat(store.requests()).containsExactly(new Refer(9, ID, 0, false), new Release(9));
    complete();

    settle(0);
    endTurn();
    assertThat(store.requests())
        .singleElement()
        .isInstanceOfSatisfying(
            Settle.class, settled -> assertThat(settled.positions()).containsExactly(0));
    complete();

    Message lasting = new Message("x", "k", new Content(new byte[2], body), true);
    journal.appended(log.append(lasting, 0, 0), lasting);
    endTurn();
    assertThat(store.turns).hasSize(2);
    assertThat(store.turns.getFirst().requests())
        .containsExactly(new Refer(9, ID, 1, true), new Release(9));
  }

  @Test
  void purgeNamesWhatIsKept() {
    append(3);
    journal.purged(3, new long[] {1});
    endTurn();

    assertThat(store.requests().getLast())
        .isInstanceOfSatisfying(
            SettleBelow.class,
            purge -> {
              assertThat(purge.below()).isEqualTo(3);
              assertThat(purge.kept()).containsExactly(1);
            });
  }

  @Test
  void endIsTheLastThingWritten() {
    append(3);
    settle(1);
    journal.dropped();
    endTurn();

    assertThat(store.requests()).containsExactly(new DropQueue(ID));
  }

  // The delivered mark.

  @Test
  void messageOfThisTurnLeavesAtOnceAsItsMarkGoesWithIt() {
    append(2);

    assertThat(mayDeliver(0)).isTrue();
    assertThat(mayDeliver(1)).isTrue();
    endTurn();
    assertThat(store.turns).hasSize(1);
    assertThat(marks()).singleElement().matches(delivered -> delivered.mark() > 1);
    assertThat(store.turns.getFirst().needsSync()).isFalse();
  }

  @Test
  void messageOnDiskWaitsForItsMarkAndThatForItsSync() {
    append(2);
    endTurn();
    complete();

    assertThat(mayDeliver(0)).isFalse();
    endTurn();
    assertThat(marks()).singleElement().matches(delivered -> delivered.mark() > 0);
    assertThat(store.turns).allMatch(TurnWrites::needsSync);
    assertThat(mayDeliver(0)).as("while the mark is under way").isFalse();
    complete();
    assertThat(ends).as("the queue is told").containsExactly(2L, 2L);
    assertThat(mayDeliver(0)).isTrue();
    assertThat(mayDeliver(1)).isTrue();
  }

  @Test
  void messageUnderWayToTheDiskWaitsAsWell() {
    append(1);
    endTurn();

    assertThat(mayDeliver(0)).isFalse();
    complete();
    assertThat(mayDeliver(0)).as("its append was written, not its mark").isFalse();
    endTurn();
    complete();
    assertThat(mayDeliver(0)).isTrue();
  }

  /** A queue that is drained as it is filled never waits, however long. */
  @Test
  void steadyDeliveryNeverWaitsAndNeverSyncs() {
    int marks = 0;
    for (int i = 0; i < 10_000; i++) {
      append(1);
      assertThat(mayDeliver(i)).as("message %s", i).isTrue();
      settle(i);
      endTurn();
      TurnWrites turn = store.turns.getLast();
      assertThat(turn.needsSync()).isFalse();
      marks += turn.requests().stream().anyMatch(Delivered.class::isInstance) ? 1 : 0;
      if (i % 7 == 0) {
        complete();
      }
    }
    assertThat(marks).as("marks for 10,000 messages").isBetween(5, 20);
  }

  /** A backlog waits for the first mark only: the next one is on its way in time. */
  @Test
  void backlogWaitsOncePerStartIfTheDiskKeepsUp() {
    append(10_000);
    endTurn();
    complete();
    int waits = 0;
    for (int i = 0; i < 10_000; i++) {
      if (!mayDeliver(i)) {
        waits++;
      }
      endTurn();
      complete();
      assertThat(mayDeliver(i)).isTrue();
    }
    assertThat(waits).isEqualTo(1);
  }

  /** At no moment may the disk hold a message that was delivered, without a mark beyond it. */
  @Test
  void diskNeverHoldsADeliveredMessageBelowNoMark() {
    SeededRuns.run(
        QueueJournalTest.class,
        (random, trace) -> {
          QueueJournalTest one = new QueueJournalTest();
          MarkChecker checker = new MarkChecker();
          long head = 0;
          for (int i = 0; i < 200; i++) {
            int dice = random.nextInt(10);
            trace.add("dice " + dice);
            if (dice < 3) {
              one.append(1 << random.nextInt(11));
            } else if (dice < 6) {
              long end = head + (1L << random.nextInt(11));
              while (head < Math.min(end, one.log.next()) && one.mayDeliver(head)) {
                head++;
              }
            } else if (dice < 9) {
              one.endTurn();
              checker.look(List.copyOf(one.store.turns), head);
            } else {
              checker.look(List.copyOf(one.store.turns), head);
              one.complete();
            }
          }
          one.endTurn();
          one.complete();
          one.endTurn();
          one.complete();
          assertThat(head == one.log.next() || one.mayDeliver(head)).as("it goes on").isTrue();
        });
  }

  /** Applies each turn once, in order, and compares. */
  private static final class MarkChecker {
    private final List<TurnWrites> seen = new ArrayList<>();
    private long end;
    private long mark;

    void look(List<TurnWrites> turns, long head) {
      for (TurnWrites turn : turns) {
        if (seen.stream().noneMatch(known -> known == turn)) {
          seen.add(turn);
          for (WriteRequest request : turn.requests()) {
            if (request instanceof Append append) {
              end = append.first() + append.messages().size();
            } else if (request instanceof Delivered delivered) {
              assertThat(delivered.mark()).as("the mark grows").isGreaterThan(mark);
              mark = delivered.mark();
            }
          }
        }
      }
      assertThat(mark)
          .as("mark with %s delivered", head)
          .isGreaterThanOrEqualTo(Math.min(end, head));
    }
  }

  @Test
  void stopEndsTheMarkWhereDeliveriesDid() {
    append(10);
    assertThat(mayDeliver(3)).isTrue();
    endTurn();
    complete();
    journal.stopAt(4);
    endTurn();

    assertThat(store.requests()).containsExactly(new Delivered(ID, 4));
  }

  @Test
  void stopWithoutDeliveriesWritesNothing() {
    append(10);
    endTurn();
    complete();
    journal.stopAt(0);
    endTurn();

    assertThat(store.requests()).isEmpty();
  }

  @Test
  void afterAStartTheMarkIsCutToTheEndOfTheLog() {
    log.restore(10, 20, 5, 5);
    journal.restore(20, 5);
    Message message = message(1, true);
    journal.appended(log.append(message, 0, 0), message);
    endTurn();

    assertThat(marks()).containsExactly(new Delivered(ID, 20));
  }

  @Test
  void afterAStartWhatLiesBelowTheMarkNeedsNoOther() {
    log.restore(0, 5000, 5000, 5000);
    journal.restore(5000, 5000);

    assertThat(journal.mayDeliver(10, message(1, true))).isTrue();
    endTurn();
    assertThat(store.turns).isEmpty();
  }

  // Messages that need not last.

  @Test
  void spilledMessagesAreOnDiskOnceWritten() {
    QueueJournal fleeting = journal(false);
    Message message = message(1, true);
    long first = log.append(message, 0, 0);
    fleeting.spill(first, message);
    fleeting.spill(log.append(message, 0, 0), message);
    assertThat(fleeting.isOnDisk(first, message)).isFalse();
    endTurn();

    assertThat(store.requests())
        .singleElement()
        .isInstanceOfSatisfying(
            Append.class,
            append ->
                assertThat(append.messages())
                    .hasSize(2)
                    .allMatch(stored -> !stored.persistent())
                    .allMatch(stored -> stored.storedSize() == message.storedSize()));
    complete();
    assertThat(fleeting.isOnDisk(first, message)).isTrue();
    assertThat(fleeting.mayDeliver(first, message)).as("without any mark").isTrue();
  }

  @Test
  void whatWasNotSpilledBetweenTwoStretchesIsNotOnDisk() {
    QueueJournal fleeting = journal(false);
    Message message = message(1, false);
    fleeting.spill(log.append(message, 0, 0), message);
    long between = log.append(message, 0, 0);
    long after = log.append(message, 0, 0);
    fleeting.spill(after, message);
    endTurn();
    complete();

    assertThat(fleeting.isOnDisk(between, message)).isFalse();
    assertThat(fleeting.isOnDisk(after, message)).isTrue();
  }
}
