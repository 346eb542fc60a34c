package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.loop.RecordedErrors;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.loop.Room;
import org.warrenmq.engine.message.MessageStore.Loaded;
import org.warrenmq.engine.message.MessageStore.Page;
import org.warrenmq.engine.message.Messages;
import org.warrenmq.engine.message.Stamps;
import org.warrenmq.engine.queue.QueueCommand.Get;
import org.warrenmq.engine.queue.QueueCommand.GetReply;
import org.warrenmq.store.QueueState;
import org.warrenmq.store.WriteRequest.Return;

/** Messages that are due while the disk is asked about others. */
class ExpiryAndDiskTest {
  private static final int DEPTH = 200;
  private static final int IN_MEMORY = 10;

  private final PatientStore store = new PatientStore();
  private final HandLoop loop = new HandLoop(store, Long.MAX_VALUE);
  private final long start = loop.rooms().clock().millis();

  /** Comes back with messages of which none is in memory. */
  private final QueueAddress queue =
      Queues.open(
          1,
          loop.store(),
          new QueueTraits(true, false, false),
          QueueSettings.NONE.withMessageTtl(1_000),
          new NobodyAsks(loop.rooms()),
          DeadLetterRoute.NOWHERE,
          List.of(new QueueState(1, 0, DEPTH, DEPTH, DEPTH, 0)));

  private record NobodyAsks(Room room) implements QueueOwner {
    @Override
    public <T> void gone(QueueAddress queue, ReplyTo<T> reply, T answer) {
      throw new AssertionError("the queue ended");
    }
  }

  @AfterEach
  void noRoomFailed() {
    RecordedErrors.instance().rethrow();
  }

  /** The first ones have 50 ms, those behind them 20. */
  private Page page(int from, int to) {
    List<Loaded> messages =
        IntStream.range(from, to)
            .mapToObj(
                at ->
                    new Loaded(
                        at,
                        Messages.lasting("m" + at, 1),
                        0,
                        Return.AT_ONCE,
                        Stamps.due(start + (at < IN_MEMORY ? 50 : 20))))
            .toList();
    return new Page(messages, to);
  }

  private void isRead(int from, int to) {
    store.reads.remove().accept(page(from, to));
    run();
  }

  private void run() {
    loop.run();
    store.finishAll();
    loop.run();
  }

  private List<GetReply> get() {
    List<GetReply> replies = new ArrayList<>();
    loop.rooms().post(new Get(queue, true, new ReplyTo<>(loop.rooms(), replies::add)));
    run();
    return replies;
  }

  private static String keyOf(GetReply reply) {
    return reply instanceof GetReply.Got got ? got.message().routingKey() : reply.toString();
  }

  @Test
  void whatIsDueInMemoryIsNotGivenOutWhileOthersAreRead() {
    run();
    isRead(0, DEPTH);
    List<GetReply> first = get();
    isRead(0, IN_MEMORY);
    assertThat(first).map(ExpiryAndDiskTest::keyOf).containsExactly("m0");

    loop.pass(25);
    run();
    assertThat(store.reads).as("those behind are due, and looked for").hasSize(1);
    assertThat(get()).map(ExpiryAndDiskTest::keyOf).containsExactly("m1");
    loop.pass(25);
    List<GetReply> late = get();
    assertThat(late).map(ExpiryAndDiskTest::keyOf).doesNotContain("m2");

    while (!store.reads.isEmpty()) {
      isRead(IN_MEMORY, DEPTH);
    }
    assertThat(late).containsExactly(new GetReply.Empty());
  }
}
