package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
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
import org.warrenmq.engine.queue.QueueCommand.Inspect;
import org.warrenmq.engine.queue.QueueCommand.Publish;
import org.warrenmq.engine.queue.QueueCommand.QueueStatus;
import org.warrenmq.store.QueueState;
import org.warrenmq.store.WriteRequest.Return;

/** A queue that came back with more than it may have, of which nothing is in memory. */
class LengthLimitAndDiskTest {
  private static final int DEPTH = 3;

  private final PatientStore store = new PatientStore();
  private final HandLoop loop = new HandLoop(store, Long.MAX_VALUE);
  private final QueueAddress queue =
      Queues.open(
          1,
          loop.store(),
          new QueueTraits(true, false, false),
          QueueSettings.NONE.withMaxLength(DEPTH, QueueSettings.Overflow.DROP_HEAD),
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

  private void run() {
    loop.run();
    store.finishAll();
    loop.run();
  }

  private <T> List<T> ask(Function<ReplyTo<T>, QueueCommand> command) {
    List<T> replies = new ArrayList<>();
    loop.rooms().post(command.apply(new ReplyTo<>(loop.rooms(), replies::add)));
    run();
    return replies;
  }

  private List<@Nullable QueueStatus> count() {
    return ask(reply -> new Inspect(queue, reply));
  }

  @Test
  void whatWaitsToBeReadAndDroppedDoesNotCount() {
    run();
    QueueStatus full = new QueueStatus(DEPTH, 0);
    assertThat(count()).containsExactly(full);

    loop.rooms().post(new Publish(queue, Messages.lasting("m3", 1), null, 0));
    run();
    assertThat(store.reads).as("the front is read, to be dropped").hasSize(1);
    assertThat(count()).containsExactly(full);
    List<GetReply> got = ask(reply -> new Get(queue, true, reply));
    assertThat(got).isEmpty();

    isRead(0, DEPTH);
    assertThat(got)
        .singleElement()
        .isInstanceOfSatisfying(
            GetReply.Got.class,
            first -> {
              assertThat(first.message().routingKey()).isEqualTo("m1");
              assertThat(first.remaining()).isEqualTo(DEPTH - 1);
            });
  }

  private void isRead(int from, int to) {
    List<Loaded> messages =
        IntStream.range(from, to)
            .mapToObj(
                at -> new Loaded(at, Messages.lasting("m" + at, 1), 0, Return.AT_ONCE, Stamps.NONE))
            .toList();
    store.reads.remove().accept(new Page(messages, to));
    run();
  }
}
