package org.warrenmq.engine.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RoomLoopTest {
  private final HandLoop hand = new HandLoop();
  private final RoomLoop loop = hand.rooms();
  private final List<String> opened = new ArrayList<>();

  @BeforeEach
  void forgetErrors() {
    RecordedErrors.instance().drain();
  }

  private Mail mail(String name) {
    return () -> opened.add(name);
  }

  @Test
  void opensNothingInsideItsSender() {
    loop.send(loop, mail("local"));
    assertThat(opened).isEmpty();

    hand.run();
    assertThat(opened).containsExactly("local");
    assertThat(hand.isIdle()).isTrue();
  }

  @Test
  void localMailGoesBeforeTheInbox() {
    loop.post(
        () -> {
          opened.add("first");
          loop.send(loop, mail("sent by the first"));
        });
    loop.post(mail("second"));
    loop.send(loop, mail("local"));
    hand.run();

    assertThat(opened).containsExactly("local", "first", "sent by the first", "second");
  }

  @Test
  void oneParcelPerRoomAndTurn() {
    List<Mail> posted = new ArrayList<>();
    Room there = posted::add;
    Room elsewhere = posted::add;
    loop.send(there, mail("a"));
    loop.send(elsewhere, mail("x"));
    loop.send(there, mail("b"));
    assertThat(posted).isEmpty();
    hand.run();

    assertThat(posted).hasSize(2);
    posted.forEach(Mail::open);
    assertThat(opened).containsExactly("a", "b", "x");
    loop.send(there, mail("c"));
    hand.run();
    assertThat(posted).hasSize(3);
  }

  @Test
  void outgoingMailCanLeaveEarly() {
    List<Mail> posted = new ArrayList<>();
    long before = loop.epoch();
    loop.send(posted::add, mail("a"));
    loop.postOutgoing();

    assertThat(posted).hasSize(1);
    assertThat(loop.epoch()).isGreaterThan(before);
  }

  @Test
  void longInboxIsOpenedOverSeveralTurns() {
    for (int i = 0; i < 1000; i++) {
      loop.post(mail("m" + i));
    }
    long before = loop.epoch();
    hand.run();

    assertThat(opened).hasSize(1000).startsWith("m0", "m1").endsWith("m999");
    // 256 a turn, and the sockets get their chance in between.
    assertThat(loop.epoch() - before).isEqualTo(4);
  }

  @Test
  void turnEndsAfterItsMailLeft() {
    Room elsewhere = _ -> opened.add("posted");
    loop.atTurnEnd(() -> opened.add("end"));
    loop.send(elsewhere, mail("never opened here"));
    loop.send(loop, mail("local"));
    hand.run();
    hand.run();

    assertThat(opened).containsExactly("local", "posted", "end");
  }

  @Test
  void mailSentAtTurnEndIsNotForgotten() {
    Room elsewhere = Mail::open;
    loop.atTurnEnd(
        () -> {
          loop.send(loop, mail("local"));
          loop.send(elsewhere, mail("outgoing"));
          loop.atTurnEnd(() -> opened.add("second end"));
        });
    hand.run();

    assertThat(opened).containsExactly("local", "outgoing", "second end");
    assertThat(hand.isIdle()).isTrue();
  }

  /** Each look at the clock finds that the turn has taken long enough. */
  private static HandLoop slow() {
    long[] now = {0};
    return new HandLoop(null, Long.MAX_VALUE, () -> now[0] += 10_000_000);
  }

  @Test
  void whatATurnHasNoTimeForWaitsForTheNext() {
    HandLoop slow = slow();
    for (int i = 0; i < 20; i++) {
      slow.rooms().send(slow.rooms(), mail("m" + i));
    }
    slow.rooms().atTurnEnd(() -> opened.add("first end"));
    slow.run();

    assertThat(opened).hasSize(21).startsWith("m0").endsWith("m19");
    assertThat(opened.indexOf("first end")).isEqualTo(8);
    assertThat(slow.isIdle()).isTrue();
  }

  @Test
  void theInboxWaitsForTheLocalMailThatWasThereBeforeAndNoLonger() {
    HandLoop slow = slow();
    for (int i = 0; i < 20; i++) {
      // Each sets off another one: there is always local mail.
      Mail second = mail("later");
      slow.rooms()
          .send(
              slow.rooms(),
              () -> {
                opened.add("early");
                slow.rooms().send(slow.rooms(), second);
              });
    }
    slow.rooms().post(mail("posted"));
    slow.run();

    int posted = opened.indexOf("posted");
    assertThat(opened.subList(0, posted)).filteredOn("early"::equals).hasSize(20);
    assertThat(opened.subList(posted, opened.size())).contains("later");
  }

  @Test
  void aParcelIsOpenedBeforeWhatItSetsOffAndOverSeveralTurns() {
    HandLoop slow = slow();
    for (int i = 0; i < 20; i++) {
      int number = i;
      loop.send(
          slow.rooms(),
          () -> {
            opened.add("p" + number);
            slow.rooms().send(slow.rooms(), mail("set off"));
          });
    }
    hand.run();
    long before = slow.rooms().turns();
    slow.run();

    assertThat(opened.subList(0, 20)).startsWith("p0").endsWith("p19").doesNotContain("set off");
    assertThat(opened).hasSize(40);
    assertThat(slow.rooms().turns() - before).isGreaterThan(2);
  }

  @Test
  void inputThatWaitsGoesOnInTheOrderOfAskingWhenNothingElseIsLeft() {
    loop.whenCaughtUp(
        () -> {
          opened.add("a");
          loop.whenCaughtUp(() -> opened.add("a again"));
        });
    loop.whenCaughtUp(() -> opened.add("b"));
    loop.send(loop, mail("local"));
    loop.post(mail("posted"));
    hand.run();

    assertThat(opened).containsExactly("local", "posted", "a", "b", "a again");
  }

  /** Each piece of input takes its time and sets off one piece of mail, which is soon opened. */
  @Test
  void inputThatTakesLongIsNotAllForOneTurn() {
    long[] now = {0};
    HandLoop slow = new HandLoop(null, Long.MAX_VALUE, () -> now[0]);
    int[] left = {20};
    slow.rooms().whenCaughtUp(() -> read(slow.rooms(), now, left));
    long before = slow.rooms().turns();

    slow.run();

    assertThat(left[0]).isZero();
    assertThat(slow.rooms().turns() - before).isGreaterThan(10);
  }

  private static void read(RoomLoop rooms, long[] now, int[] left) {
    now[0] += 6_000_000;
    rooms.send(rooms, () -> {});
    if (--left[0] > 0) {
      rooms.whenCaughtUp(() -> read(rooms, now, left));
    }
  }

  @Test
  void aLoopIsBehindWhileMuchIsLeftToDo() {
    assertThat(loop.isBehind(false)).isFalse();
    for (int i = 0; i < 5000; i++) {
      loop.send(loop, mail("m"));
    }
    assertThat(loop.isFull()).isTrue();
    assertThat(loop.isBehind(false)).isTrue();
    assertThat(loop.isBehind(true)).as("who sends little").isFalse();
    hand.run();
    assertThat(loop.isFull()).isFalse();
    assertThat(loop.isBehind(false)).isFalse();
  }

  /** What its rooms own may be anything then; in a broker's process the node ends. */
  @Test
  void aLoopDoesNotTurnAfterAFault() {
    HandLoop sender = new HandLoop();
    for (Throwable fault : List.of(new IllegalStateException("a room"), new OutOfMemoryError())) {
      HandLoop failing = new HandLoop();
      opened.clear();
      Mail broken =
          () -> {
            if (fault instanceof Error error) {
              throw error;
            }
            throw new IllegalStateException(fault.getMessage());
          };
      sender.rooms().send(failing.rooms(), mail("before"));
      sender.rooms().send(failing.rooms(), broken);
      sender.rooms().send(failing.rooms(), mail("after"));
      sender.run();
      long turns = failing.rooms().turns();
      failing.run();
      failing.rooms().post(mail("later"));
      failing.rooms().send(failing.rooms(), mail("later"));
      failing.run();

      assertThat(opened).containsExactly("before");
      assertThat(failing.rooms().turns()).isEqualTo(turns);
      assertThat(RecordedErrors.instance().drain())
          .singleElement()
          .satisfies(error -> assertThat(error).hasSameClassAs(fault));
    }
  }

  @Test
  void theFaultOfATimerIsReportedToo() {
    loop.schedule(10, () -> opened.add("due"));
    loop.scheduleEvery(
        20,
        () -> {
          throw new IllegalStateException("a timer");
        });
    hand.pass(10);
    hand.run();
    assertThat(opened).containsExactly("due");
    assertThat(RecordedErrors.instance().drain()).isEmpty();

    hand.pass(10);
    hand.run();
    assertThat(RecordedErrors.instance().drain())
        .singleElement()
        .satisfies(error -> assertThat(error).hasMessage("a timer"));
  }

  @Test
  void everyMailMakesItTurn() {
    long turns = loop.turns();
    loop.post(mail("beat"));
    hand.run();
    assertThat(loop.turns()).isGreaterThan(turns);
  }

  @Test
  void mailForALoopThatHasEndedIsNobodysFailure() {
    DefaultEventLoop ended = new DefaultEventLoop();
    ended.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
    RoomLoop gone = new RoomLoop(ended);

    gone.post(mail("first"));
    gone.post(mail("second"));
    assertThat(opened).isEmpty();
  }
}
