package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.warrenmq.engine.home.MessageMemory;
import org.warrenmq.engine.loop.SeededRuns;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.Messages;
import org.warrenmq.engine.message.PagedOut;
import org.warrenmq.engine.message.Stamps;

/** A log of which parts are in the store only. */
class QueueLogPagingTest {
  private static final long COST = MessageMemory.cost(Messages.of(0));

  private final MessageMemory memory = new MessageMemory(Long.MAX_VALUE);
  private final QueueLog log = new QueueLog(memory);

  private void append(int count) {
    for (int i = 0; i < count; i++) {
      log.append(Messages.of(log.next()), 0, 0);
    }
  }

  private void load(long from, long to) {
    for (long position = from; position < to; position++) {
      log.load(position, Messages.of(position), 0, 0, Stamps.NEVER, 0);
    }
  }

  private static long coldCount(QueueLog log) {
    ColdStretch cold = log.cold();
    assertThat(cold == null || !cold.isEmpty()).as("there while it has messages").isTrue();
    return cold == null ? 0 : cold.count();
  }

  @Test
  void coldMessagesCountAndTakeNoMemory() {
    append(300);
    log.pageOut(100, 300);

    assertThat(log.size()).isEqualTo(300);
    assertThat(log.bytes()).isEqualTo(900);
    assertThat(coldCount(log)).isEqualTo(200);
    assertThat(memory.used()).isEqualTo(100 * COST).isEqualTo(log.residentCost());
    assertThat(log.get(99)).isNotNull();
    assertThat(log.get(100)).isNull();
    assertThat(log.following(99)).isEqualTo(99);
    assertThat(log.following(100)).as("cold ones come first").isEqualTo(-1);
  }

  @Test
  void whatIsAppendedBehindTheColdStretchIsNotTheFront() {
    append(10);
    log.pageOut(0, 10);
    append(5);

    assertThat(log.following(0)).isEqualTo(-1);
    assertThat(log.get(12)).isNotNull();
    load(0, 10);
    assertThat(log.loadedBelow(10)).isTrue();
    assertThat(log.following(0)).isZero();
    assertThat(coldCount(log)).isZero();
    assertThat(memory.used()).isEqualTo(15 * COST);
  }

  @Test
  void coldStretchGrowsAtItsEndOnly() {
    append(20);
    log.pageOut(5, 10);
    log.pageOut(10, 20);

    assertThat(coldCount(log)).isEqualTo(15);
    append(5);
    assertThatThrownBy(() -> log.pageOut(21, 25)).hasMessage("cold to 20, paging out from 21");
  }

  @Test
  void partOfItReadLeavesTheRestCold() {
    append(1000);
    log.pageOut(0, 1000);
    load(0, 400);

    assertThat(log.loadedBelow(400)).isTrue();
    assertThat(log.coldFrom()).isEqualTo(400);
    assertThat(coldCount(log)).isEqualTo(600);
    assertThat(log.following(399)).isEqualTo(399);
    assertThat(log.following(400)).isEqualTo(-1);
    for (long position = 0; position < 400; position++) {
      log.settle(position);
    }
    assertThat(memory.used()).isZero();
    assertThat(log.size()).isEqualTo(600);
  }

  @Test
  void readToItsEndWithMessagesLeftMeansTheyAreMissing() {
    append(10);
    log.pageOut(0, 10);
    load(0, 9);

    assertThat(log.loadedBelow(10)).isFalse();
  }

  @Test
  void whatWasReadBeforeIsPassedOver() {
    append(10);
    log.pageOut(0, 10);
    load(3, 5);
    load(0, 10);

    assertThat(coldCount(log)).isZero();
    assertThat(log.size()).isEqualTo(10);
    assertThat(log.bytes()).isEqualTo(30);
    assertThat(memory.used()).isEqualTo(10 * COST);
  }

  @Test
  void gapsInTheColdStretchStayGaps() {
    append(300);
    for (long position = 100; position < 260; position++) {
      log.settle(position);
    }
    log.pageOut(50, 300);
    assertThat(coldCount(log)).isEqualTo(90);
    load(50, 100);
    load(260, 300);

    assertThat(log.loadedBelow(300)).isTrue();
    assertThat(log.following(100)).isEqualTo(260);
    assertThat(log.size()).isEqualTo(140);
  }

  @Test
  void deliveredMessageKeepsItsPlaceItsSizeAndItsReturns() {
    append(3);
    log.returned(1);
    log.pageOut(1);

    assertThat(log.get(1)).isNull();
    assertThat(log.entry(1)).isEqualTo(new PagedOut(3, false));
    assertThat(log.returns(1)).isEqualTo(1);
    assertThat(log.size()).isEqualTo(3);
    assertThat(log.bytes()).isEqualTo(9);
    assertThat(memory.used()).isEqualTo(2 * COST);
    log.load(1, Messages.of(1), 0, 0, Stamps.NEVER, 0);
    assertThat(log.get(1)).isNotNull();
    assertThat(log.returns(1)).as("memory knows better than the disk").isEqualTo(1);
    assertThat(memory.used()).isEqualTo(3 * COST);
  }

  @Test
  void settledWhileItWasReadStaysSettled() {
    append(3);
    log.pageOut(1);
    assertThat(log.settle(1)).isEqualTo(new PagedOut(3, false));
    log.load(1, Messages.of(1), 0, 0, Stamps.NEVER, 0);

    assertThat(log.entry(1)).isNull();
    assertThat(log.size()).isEqualTo(2);
    assertThat(memory.used()).isEqualTo(2 * COST);
  }

  @Test
  void pagingOutTwiceOrNothingChangesNothing() {
    append(2);
    log.pageOut(0);
    log.pageOut(0);
    log.pageOut(7);
    log.pageOut(1000);

    assertThat(log.size()).isEqualTo(2);
    assertThat(memory.used()).isEqualTo(COST);
  }

  @Test
  void purgeTakesColdOnesAndKeepsWhatIsHeld() {
    append(500);
    log.pageOut(3);
    log.pageOut(200, 400);
    log.purge(500, new long[] {3, 7});

    assertThat(log.livePositions()).containsExactly(3, 7);
    assertThat(log.size()).isEqualTo(2);
    assertThat(log.bytes()).isEqualTo(6);
    assertThat(coldCount(log)).isZero();
    assertThat(memory.used()).isEqualTo(COST);
    load(200, 400);
    assertThat(log.size()).as("what was read too late").isEqualTo(2);
  }

  @Test
  void clearGivesAllMemoryBack() {
    append(500);
    log.pageOut(3);
    log.pageOut(200, 400);
    log.clear();

    assertThat(log.size()).isZero();
    assertThat(log.bytes()).isZero();
    assertThat(coldCount(log)).isZero();
    assertThat(memory.used()).isZero();
    append(1);
    assertThat(log.livePositions()).containsExactly(500);
  }

  @Test
  void comesBackColdAltogether() {
    log.restore(1_000_000, 1_000_500, 300, 900);

    assertThat(log.bytes()).as("known before anything is read").isEqualTo(900);
    assertThat(log.size()).isEqualTo(300);
    assertThat(log.first()).isLessThanOrEqualTo(1_000_000);
    assertThat(log.following(log.first())).isEqualTo(-1);
    append(1);
    assertThat(log.get(1_000_500)).isNotNull();
    for (long position = 1_000_000; position < 1_000_300; position++) {
      log.load(position, Messages.of(position), 0, position == 1_000_001 ? 4 : 0, Stamps.NEVER, 0);
    }
    assertThat(log.loadedBelow(1_000_500)).isTrue();
    assertThat(log.size()).isEqualTo(301);
    assertThat(log.bytes()).isEqualTo(903);
    assertThat(log.returns(1_000_001)).isEqualTo(4);
    assertThat(log.following(log.first())).isEqualTo(1_000_000);
    assertThat(log.following(1_000_300)).isEqualTo(1_000_500);
  }

  @Test
  void comesBackEmpty() {
    log.restore(77, 77, 0, 0);

    assertThat(log.size()).isZero();
    assertThat(coldCount(log)).isZero();
    assertThat(log.next()).isEqualTo(77);
    append(2);
    assertThat(log.following(log.first())).isEqualTo(77);
  }

  /** Appends, pages out, reads back and settles at random; memory and counts stay exact. */
  @Test
  void doesWhatSetsOfPositionsDo() {
    SeededRuns.run(
        QueueLogPagingTest.class,
        (random, trace) -> {
          MessageMemory charged = new MessageMemory(Long.MAX_VALUE);
          Plain plain = new Plain(new QueueLog(charged));
          for (int i = 0; i < 80; i++) {
            plain.step(random, trace);
            plain.verify(charged);
          }
        });
  }

  /** The same log as sets of positions. */
  private static final class Plain {
    final QueueLog tested;
    final TreeMap<Long, Message> resident = new TreeMap<>();
    final TreeSet<Long> paged = new TreeSet<>();
    final TreeSet<Long> cold = new TreeSet<>();

    Plain(QueueLog tested) {
      this.tested = tested;
    }

    void step(SplittableRandom random, SeededRuns.Trace trace) {
      int dice = random.nextInt(6);
      int count = 1 << random.nextInt(9);
      trace.add("dice " + dice + " count " + count);
      switch (dice) {
        case 0, 1 -> {
          for (int i = 0; i < count; i++) {
            Message message = Messages.of(tested.next());
            resident.put(tested.append(message, 0, 0), message);
          }
        }
        case 2 -> pageOutTail(random);
        case 3 -> readSome(count);
        case 4 -> pageOutOne(random);
        default -> settle(random, count);
      }
    }

    private void pageOutTail(SplittableRandom random) {
      ColdStretch stretch = tested.cold();
      // Only what was never delivered becomes cold: nothing paged out singly lies behind.
      long never = paged.isEmpty() ? random.nextLong(tested.next() + 1) : paged.last() + 1;
      long from = stretch == null ? never : stretch.to();
      tested.pageOut(from, tested.next());
      cold.addAll(resident.tailMap(from).keySet());
      resident.tailMap(from).clear();
    }

    private void readSome(int count) {
      long end = -1;
      for (int i = 0; i < count && !cold.isEmpty(); i++) {
        long position = cold.removeFirst();
        Message message = Messages.of(position);
        tested.load(position, message, 0, 0, Stamps.NEVER, 0);
        resident.put(position, message);
        end = position + 1;
      }
      assertThat(end < 0 || tested.loadedBelow(end)).isTrue();
    }

    private void pageOutOne(SplittableRandom random) {
      Long position = resident.floorKey(random.nextLong(tested.next() + 1));
      // What lies beyond the cold stretch was not delivered.
      if (position != null && (cold.isEmpty() || position < cold.first())) {
        tested.pageOut(position);
        resident.remove(position);
        paged.add(position);
      }
    }

    private void settle(SplittableRandom random, int count) {
      for (int i = 0; i < count; i++) {
        long position = random.nextLong(tested.next() + 1);
        Long taken = random.nextBoolean() ? resident.ceilingKey(position) : paged.floor(position);
        if (taken != null && (cold.isEmpty() || taken < cold.first())) {
          tested.settle(taken);
          resident.remove(taken);
          paged.remove(taken);
        }
      }
    }

    void verify(MessageMemory charged) {
      int size = resident.size() + paged.size() + cold.size();
      assertThat(tested.size()).isEqualTo(size);
      assertThat(tested.bytes()).isEqualTo(size * 3L);
      assertThat(coldCount(tested)).isEqualTo(cold.size());
      assertThat(charged.used()).isEqualTo(resident.size() * COST);
      TreeSet<Long> here = new TreeSet<>(resident.keySet());
      here.addAll(paged);
      assertThat(tested.livePositions()).isEqualTo(here.stream().mapToLong(p -> p).toArray());
      Long first = here.isEmpty() ? null : here.first();
      boolean coldFirst = !cold.isEmpty() && (first == null || cold.first() < first);
      long expected = first == null || coldFirst ? -1 : first;
      assertThat(tested.following(tested.first())).isEqualTo(expected);
    }
  }
}
