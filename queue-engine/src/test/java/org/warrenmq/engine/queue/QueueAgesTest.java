package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.loop.RecordedErrors;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.loop.Room;
import org.warrenmq.engine.message.HeaderMarks;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.MessageStore.Loaded;
import org.warrenmq.engine.message.MessageStore.Page;
import org.warrenmq.engine.message.MessageTraits;
import org.warrenmq.engine.message.Messages;
import org.warrenmq.engine.message.Stamps;
import org.warrenmq.engine.queue.QueueCommand.Get;
import org.warrenmq.engine.queue.QueueCommand.GetReply;
import org.warrenmq.engine.queue.QueueCommand.Measure;
import org.warrenmq.engine.queue.QueueCommand.Publish;
import org.warrenmq.engine.queue.QueueCommand.Purge;
import org.warrenmq.engine.queue.QueueCommand.QueueAges;
import org.warrenmq.engine.queue.QueueCommand.Seal;
import org.warrenmq.engine.queue.QueueCommand.Sojourns;
import org.warrenmq.store.QueueState;
import org.warrenmq.store.WriteRequest.Return;

/** How old a queue says that its messages are. On the test's thread, which turns the clock. */
class QueueAgesTest {
  private static final QueueTraits DURABLE = new QueueTraits(true, false, false);
  private static final QueueTraits WITH_PRIORITIES =
      new QueueTraits(true, false, false, 5, 0, false, false, null, null);

  private static final int LARGE = 300;

  @TempDir Path folder;

  private HandLoop loop = new HandLoop();
  private final List<QueueAddress> gone = new ArrayList<>();
  private long published;

  @AfterEach
  void noRoomFailed() {
    RecordedErrors.instance().rethrow();
  }

  private QueueAddress queue(QueueTraits traits, QueueSettings settings, List<QueueState> stored) {
    HandLoop home = loop;
    QueueOwner owner =
        new QueueOwner() {
          @Override
          public Room room() {
            return home.rooms();
          }

          @Override
          public <T> void gone(QueueAddress ended, ReplyTo<T> reply, T answer) {
            gone.add(ended);
          }
        };
    return Queues.open(1, home.store(), traits, settings, owner, DeadLetterRoute.NOWHERE, stored);
  }

  private QueueAddress queue() {
    return queue(DURABLE, QueueSettings.NONE, List.of());
  }

  private void tell(QueueCommand command) {
    loop.rooms().send(loop.rooms(), command);
    loop.run();
  }

  private void publish(QueueAddress queue, int priority) {
    Message plain = Messages.of(published++);
    MessageTraits traits =
        new MessageTraits(true, HeaderMarks.NONE, MessageTraits.NO_TTL, priority);
    Message message = new Message("x", plain.routingKey(), plain.content(), traits);
    tell(new Publish(queue, message, null, 0));
  }

  private void publish(QueueAddress queue) {
    publish(queue, MessageTraits.NO_PRIORITY);
  }

  private void pass(long millis) {
    loop.pass(millis);
    loop.run();
    // Timers may have sent something.
    loop.run();
  }

  private List<@Nullable QueueAges> ask(QueueAddress queue, boolean sojourns) {
    List<@Nullable QueueAges> answers = new ArrayList<>();
    var reply = new ReplyTo<@Nullable QueueAges>(loop.rooms(), answers::add);
    tell(new Measure(queue, sojourns, reply));
    return answers;
  }

  private QueueAges ages(QueueAddress queue, boolean sojourns) {
    QueueAges ages = ask(queue, sojourns).getFirst();
    assertThat(ages).isNotNull();
    return ages;
  }

  private long oldest(QueueAddress queue) {
    return ages(queue, false).oldestReady();
  }

  private Sojourns sojourns(QueueAddress queue) {
    Sojourns sojourns = ages(queue, true).sojourns();
    assertThat(sojourns).isNotNull();
    return sojourns;
  }

  private long take(QueueAddress queue, boolean noAck) {
    List<GetReply> replies = new ArrayList<>();
    tell(new Get(queue, noAck, new ReplyTo<>(loop.rooms(), replies::add)));
    assertThat(replies).singleElement().isInstanceOf(GetReply.Got.class);
    return ((GetReply.Got) replies.getFirst()).position();
  }

  private void settle(QueueAddress queue, Settlement settlement, long position) {
    SettleBatch.open(null, loop.rooms(), queue, null, settlement).add(position);
    loop.run();
  }

  @Test
  void theOldestReadyMessageIsMeant() {
    QueueAddress queue = queue();
    assertThat(oldest(queue)).isEqualTo(QueueAges.NONE_READY);
    publish(queue);
    assertThat(oldest(queue)).isZero();
    pass(1000);
    publish(queue);
    pass(500);
    assertThat(oldest(queue)).isEqualTo(1500);
    long first = take(queue, false);
    assertThat(oldest(queue)).isEqualTo(500);
    settle(queue, Settlement.REQUEUED, first);
    pass(1);
    assertThat(oldest(queue)).as("it came back").isEqualTo(1501);
    settle(queue, Settlement.ACKED, take(queue, false));
    assertThat(oldest(queue)).isEqualTo(501);
    assertThat(ages(queue, false).sojourns()).isNull();
    var unused = take(queue, true);
    assertThat(oldest(queue)).isEqualTo(QueueAges.NONE_READY);
  }

  @Test
  void everyPriorityCounts() {
    QueueAddress queue = queue(WITH_PRIORITIES, QueueSettings.NONE, List.of());
    publish(queue, 1);
    pass(700);
    publish(queue, 5);
    pass(1000);
    assertThat(oldest(queue)).isEqualTo(1700);
    var unused = take(queue, true);
    assertThat(oldest(queue)).as("the one of priority 1").isEqualTo(1700);
  }

  /** Nothing is kept of each where many come at once; but of each where they come slowly. */
  @Test
  void noneIsSaidToBeMuchOlderThanItIs() {
    for (int pause : new int[] {1, 7, 30, 99, 101, 1000, 3_600_000}) {
      QueueAddress queue = queue();
      for (int i = 0; i < 300; i++) {
        pass(pause);
        publish(queue);
      }
      for (int left = 300; left > 0; left--) {
        long age = (left - 1) * (long) pause;
        assertThat(oldest(queue)).isBetween(age, age + LogSegment.COARSE);
        var unused = take(queue, true);
      }
    }
  }

  @Test
  void aClockThatIsSetBackMakesNoneYoungerThanNothing() {
    QueueAddress queue = queue();
    publish(queue);
    loop.turnClock(-5000);
    assertThat(oldest(queue)).isZero();
    publish(queue);
    pass(100);
    var unused = take(queue, true);
    assertThat(oldest(queue)).isEqualTo(100);
  }

  @Test
  void sojournsAreKnownWhileSomebodyAsks() {
    QueueAddress queue = queue();
    assertThat(sojourns(queue)).isEqualTo(new Sojourns(0, 0, 0, 0, 0));
    for (int i = 1; i <= 100; i++) {
      publish(queue);
      pass(i);
      long position = take(queue, i % 2 == 0);
      if (i % 2 == 1) {
        settle(queue, Settlement.ACKED, position);
      }
    }
    assertThat(sojourns(queue)).isEqualTo(new Sojourns(100, 50, 95, 99, 100));
    pass(QueueGauge.LEASE - 1);
    assertThat(sojourns(queue).count()).as("those of a minute ago").isZero();
    publish(queue);
    var unused = take(queue, true);
    assertThat(sojourns(queue).count()).isEqualTo(1);
    pass(QueueGauge.LEASE + 100);
    publish(queue);
    unused = take(queue, true);
    assertThat(sojourns(queue).count()).as("kept though nobody asked").isZero();
  }

  @Test
  void aClockThatIsSetBackStopsNoSojourns() {
    QueueAddress queue = queue();
    assertThat(sojourns(queue).count()).isZero();
    for (int i = 0; i < 10; i++) {
      publish(queue);
    }
    loop.turnClock(-3_600_000);
    for (int i = 0; i < 10; i++) {
      var unused = take(queue, true);
    }
    assertThat(sojourns(queue)).as("how long is not known").isEqualTo(new Sojourns(10, 0, 0, 0, 0));
    publish(queue);
    pass(50);
    var unused = take(queue, true);
    assertThat(sojourns(queue).count()).isEqualTo(11);
    assertThat(sojourns(queue).max()).isEqualTo(50);
    for (int second = 0; second < 90; second++) {
      pass(1000);
      assertThat(sojourns(queue).count()).isIn(0L, 11L);
    }
    assertThat(sojourns(queue).count()).as("those of more than a minute ago").isZero();
  }

  @Test
  void sojournsOfTheLastHalfMinuteAreAlwaysAmongThem() {
    QueueAddress queue = queue();
    for (int second = 0; second < 200; second++) {
      publish(queue);
      var unused = take(queue, true);
      if (second > 0) {
        assertThat(sojourns(queue).count()).isBetween(Math.min(second, 30L), 61L);
      } else {
        assertThat(sojourns(queue).count()).isZero();
      }
      pass(1000);
    }
  }

  /** They are known to a tenth of a second only. */
  @Test
  void whatCameBeforeTheFirstQuestionCountsWhenThatMakesNoDifference() {
    QueueAddress queue = queue();
    for (int i = 0; i < 10; i++) {
      publish(queue);
      pass(10);
    }
    assertThat(sojourns(queue).count()).isZero();
    var unused = take(queue, true);
    assertThat(sojourns(queue).count()).isZero();
    pass(2000);
    unused = take(queue, true);
    Sojourns sojourns = sojourns(queue);
    assertThat(sojourns.count()).isEqualTo(1);
    assertThat(sojourns.max()).isBetween(2090L, 2210L);
  }

  @Test
  void aClockThatIsSetAheadEndsNoQueue() {
    QueueAddress queue =
        queue(QueueTraits.PLAIN, QueueSettings.NONE.withIdleTime(60_000), List.of());
    loop.run();
    loop.turnClock(3_600_000);
    pass(30_000);
    assertThat(gone).as("nobody used it for half a minute").isEmpty();
    pass(30_000);
    pass(5000);
    assertThat(gone).containsExactly(queue);
  }

  @Test
  void toAskIsNoUse() {
    QueueAddress queue = queue(QueueTraits.PLAIN, QueueSettings.NONE.withIdleTime(1000), List.of());
    loop.run();
    pass(900);
    assertThat(sojourns(queue).count()).isZero();
    pass(200);
    assertThat(gone).containsExactly(queue);
    assertThat(ask(queue, true)).singleElement().isNull();
  }

  @Test
  void whoWaitsHearsOfTheEnd() {
    try (MirroredStore store = new MirroredStore(folder)) {
      QueueAddress queue = afterARestart(store);
      List<@Nullable QueueAges> answers = ask(queue, true);
      assertThat(answers).isEmpty();
      tell(new Seal(queue, false, false, new ReplyTo<>(loop.rooms(), _ -> {})));
      assertThat(answers).singleElement().isNull();
    }
  }

  @Test
  void whoWaitsHearsOfAPurge() {
    try (MirroredStore store = new MirroredStore(folder)) {
      QueueAddress queue = afterARestart(store);
      // Of what a start has written the queue hears.
      publish(queue);
      work(store);
      List<@Nullable QueueAges> answers = ask(queue, false);
      assertThat(answers).isEmpty();
      tell(new Purge(queue, new ReplyTo<>(loop.rooms(), _ -> {})));
      work(store);
      assertThat(answers).containsExactly(new QueueAges(QueueAges.NONE_READY, null));
    }
  }

  @Test
  void whoWaitsLongGetsAllTheSame() {
    try (MirroredStore store = new MirroredStore(folder)) {
      QueueAddress queue = afterARestart(store);
      List<@Nullable QueueAges> answers = ask(queue, true);
      pass(QueueGauge.LEASE + 100);
      work(store);
      QueueAges ages = answers.getFirst();
      assertThat(ages).isNotNull();
      assertThat(ages.sojourns()).isEqualTo(new Sojourns(0, 0, 0, 0, 0));
    }
  }

  /** As an earlier version left it: without times. */
  @Test
  void whatCameBeforeTimesWereKeptCountsFromTheStart() {
    PatientStore store = new PatientStore();
    loop = new HandLoop(store, Long.MAX_VALUE);
    QueueAddress queue =
        queue(DURABLE, QueueSettings.NONE, List.of(new QueueState(1, 0, 2, 2, 2, 0)));
    pass(10_000);
    List<@Nullable QueueAges> answers = ask(queue, true);
    store.reads.remove().accept(withoutTimes());
    loop.run();
    assertThat(answers).map(ages -> ages.oldestReady()).containsExactly(10_000L);

    pass(5000);
    List<GetReply> replies = new ArrayList<>();
    tell(new Get(queue, true, new ReplyTo<>(loop.rooms(), replies::add)));
    store.reads.remove().accept(withoutTimes());
    loop.run();
    // The mark is written first.
    store.finishAll();
    loop.run();
    assertThat(replies).singleElement().isInstanceOf(GetReply.Got.class);
    assertThat(oldest(queue)).isEqualTo(15_000);
    assertThat(sojourns(queue).max()).isBetween(15_000L, 15_100L);
  }

  /** What a page brings beside what it was read for is in memory before its turn comes. */
  @Test
  void whatWasReadBesideAnotherTakesItsAgeAlong() {
    PatientStore store = new PatientStore();
    loop = new HandLoop(store, 1024);
    QueueAddress queue =
        queue(DURABLE, QueueSettings.NONE, List.of(new QueueState(1, 0, 3, 3, 3 * LARGE, 0)));
    long position = take(queue, false, store, page(0));
    settle(queue, Settlement.REQUEUED, position);
    assertThat(take(queue, true, store, page(0, 1))).isZero();
    assertThat(oldest(queue, store, page(1))).isEqualTo(20_000);
    assertThat(take(queue, true, store, page(1))).isEqualTo(1);
    assertThat(oldest(queue, store, page(2))).isEqualTo(10_000);
  }

  private long take(QueueAddress queue, boolean noAck, PatientStore store, Page page) {
    List<GetReply> replies = new ArrayList<>();
    tell(new Get(queue, noAck, new ReplyTo<>(loop.rooms(), replies::add)));
    store.reads.remove().accept(page);
    loop.run();
    // The mark is written first.
    store.finishAll();
    loop.run();
    assertThat(replies).singleElement().isInstanceOf(GetReply.Got.class);
    return ((GetReply.Got) replies.getFirst()).position();
  }

  private long oldest(QueueAddress queue, PatientStore store, Page page) {
    List<@Nullable QueueAges> answers = ask(queue, false);
    assertThat(answers).as("known without reading").isEmpty();
    store.reads.remove().accept(page);
    loop.run();
    QueueAges ages = answers.getFirst();
    assertThat(ages).isNotNull();
    return ages.oldestReady();
  }

  /** Messages so large that one is too much, each ten seconds before what follows. */
  private Page page(int... positions) {
    List<Loaded> messages = new ArrayList<>();
    for (int at : positions) {
      long enqueued = loop.rooms().clock().millis() - 10_000L * (3 - at);
      Stamps stamps = new Stamps(Stamps.NEVER, enqueued, Stamps.UNKNOWN, null);
      messages.add(new Loaded(at, Messages.lasting("m" + at, LARGE), 0, Return.AT_ONCE, stamps));
    }
    return new Page(messages, positions[positions.length - 1] + 1L);
  }

  private static Page withoutTimes() {
    List<Loaded> messages = new ArrayList<>();
    for (int at = 0; at < 2; at++) {
      messages.add(new Loaded(at, Messages.lasting("m" + at, 1), 0, Return.AT_ONCE, Stamps.NONE));
    }
    return new Page(messages, 2);
  }

  /** Three messages, each ten seconds before what follows, and then a start. */
  private QueueAddress afterARestart(MirroredStore store) {
    loop = new HandLoop(store, Long.MAX_VALUE);
    QueueAddress queue = queue();
    for (int i = 0; i < 3; i++) {
      publish(queue);
      pass(10_000);
    }
    work(store);
    store.restart(false);
    long then = loop.rooms().clock().millis();
    loop = new HandLoop(store, Long.MAX_VALUE);
    loop.turnClock(then - loop.rooms().clock().millis());
    return queue(DURABLE, QueueSettings.NONE, store.disk().states());
  }

  private void work(MirroredStore store) {
    loop.run();
    while (!store.isIdle()) {
      store.work();
      loop.run();
    }
  }

  private long oldest(QueueAddress queue, MirroredStore store) {
    List<@Nullable QueueAges> answers = ask(queue, false);
    work(store);
    QueueAges ages = answers.getFirst();
    assertThat(ages).isNotNull();
    return ages.oldestReady();
  }

  @Test
  void afterARestartTheStoreKnowsAndNothingElseIsRead() {
    try (MirroredStore store = new MirroredStore(folder)) {
      QueueAddress queue = afterARestart(store);
      assertThat(oldest(queue, store)).isEqualTo(30_000);
      Queue resident = (Queue) queue.resident();
      assertThat(resident.lanes().first().log().residentCost()).isZero();
      pass(5000);
      assertThat(oldest(queue)).as("known now, without reading").isEqualTo(35_000);

      List<GetReply> replies = new ArrayList<>();
      tell(new Get(queue, true, new ReplyTo<>(loop.rooms(), replies::add)));
      work(store);
      assertThat(replies).singleElement().isInstanceOf(GetReply.Got.class);
      assertThat(oldest(queue)).isEqualTo(25_000);
    }
  }
}
