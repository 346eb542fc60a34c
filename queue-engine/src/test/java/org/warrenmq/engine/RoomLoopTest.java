package org.warrenmq.engine;

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

  @Test
  void failingRoomDoesNotTakeTheOthersWithIt() {
    HandLoop sender = new HandLoop();
    Mail broken =
        () -> {
          throw new IllegalStateException("broken room");
        };
    sender.rooms().send(loop, mail("before"));
    sender.rooms().send(loop, broken);
    sender.rooms().send(loop, mail("after"));
    sender.run();
    loop.send(loop, broken);
    hand.run();

    assertThat(opened).containsExactly("before", "after");
    assertThat(RecordedErrors.instance().drain())
        .hasSize(2)
        .allSatisfy(error -> assertThat(error).hasMessage("broken room"));
  }

  @Test
  void failingOverAnAnswerOfTheStoreBreaksTheStore() {
    PatientStore store = new PatientStore();
    loop.postAnswer(store, mail("taken"));
    hand.run();
    assertThat(opened).containsExactly("taken");
    assertThat(store.faults).isEmpty();

    loop.postAnswer(
        store,
        () -> {
          throw new IllegalStateException("not that page");
        });
    hand.run();
    assertThat(store.faults).singleElement().asString().contains("not that page");
    assertThat(RecordedErrors.instance().drain()).hasSize(1);
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
