package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.loop.RecordedErrors;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.loop.Room;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.MessageStore.Loaded;
import org.warrenmq.engine.message.MessageStore.Page;
import org.warrenmq.engine.message.Messages;
import org.warrenmq.engine.message.Stamps;
import org.warrenmq.engine.queue.QueueCommand.Get;
import org.warrenmq.engine.queue.QueueCommand.GetReply;
import org.warrenmq.engine.queue.QueueCommand.Publish;
import org.warrenmq.engine.queue.QueueCommand.Purge;
import org.warrenmq.store.QueueState;
import org.warrenmq.store.SettleReason;
import org.warrenmq.store.WriteRequest.Return;

/** Dead letters that are under way while the disk has them still. */
class DeadLettersAndDiskTest {
  private static final int DEPTH = 40;

  private final PatientStore store = new PatientStore();

  /** With so little memory that what comes back is given up at once. */
  private final HandLoop loop = new HandLoop(store, 1024);

  private final Elsewhere elsewhere = new Elsewhere();

  /** Comes back with messages of which none is in memory. */
  private final QueueAddress queue =
      Queues.open(
          1,
          loop.store(),
          new QueueTraits(true, false, false),
          QueueSettings.NONE.withDeadLetters(new DeadLetterTarget("x", null, false)),
          new NobodyAsks(loop.rooms()),
          elsewhere,
          List.of(new QueueState(1, 0, DEPTH, DEPTH, DEPTH, 0)));

  private record NobodyAsks(Room room) implements QueueOwner {
    @Override
    public <T> void gone(QueueAddress queue, ReplyTo<T> reply, T answer) {
      throw new AssertionError("the queue ended");
    }
  }

  /** A queue that gets the letters, and does not say for a long time that it has them. */
  private final class Elsewhere implements DeadLetterRoute, QueueAddress.Resident {
    final List<String> letters = new ArrayList<>();

    @Override
    public Copies route(Message message, SettleReason reason, DeadLetterTarget target) {
      QueueAddress address = new QueueAddress(2, loop.store());
      address.moveIn(this);
      return new Copies(message, List.of(address));
    }

    @Override
    public void accept(QueueCommand command) {
      assertThat(command).isInstanceOf(Publish.class);
      letters.add(((Publish) command).message().routingKey());
    }

    @Override
    public void publish(Message message, @Nullable Publisher publisher, long sequence, long cost) {
      letters.add(message.routingKey());
    }
  }

  @AfterEach
  void noRoomFailed() {
    RecordedErrors.instance().rethrow();
  }

  /** Nothing has left the store. */
  private static Page page(int from, int to) {
    List<Loaded> messages =
        IntStream.range(from, to)
            .mapToObj(
                at -> new Loaded(at, Messages.lasting("m" + at, 1), 0, Return.AT_ONCE, Stamps.NONE))
            .toList();
    return new Page(messages, to);
  }

  private void run() {
    run(0, DEPTH);
  }

  /** Whatever is read, this is what comes. */
  private void run(int from, int to) {
    loop.run();
    while (!store.turns.isEmpty() || !store.reads.isEmpty()) {
      store.finishAll();
      loop.run();
      if (!store.reads.isEmpty()) {
        store.reads.remove().accept(page(from, to));
        loop.run();
      }
    }
  }

  private List<GetReply.Got> getAll() {
    List<GetReply> replies = new ArrayList<>();
    for (int i = 0; i < DEPTH; i++) {
      loop.rooms().post(new Get(queue, false, new ReplyTo<>(loop.rooms(), replies::add)));
      run();
    }
    assertThat(replies).hasSize(DEPTH);
    return replies.stream()
        .filter(GetReply.Got.class::isInstance)
        .map(GetReply.Got.class::cast)
        .toList();
  }

  private void settle(Settlement settlement, LongStream positions) {
    loop.rooms()
        .post(
            () -> {
              SettleBatch batch = SettleBatch.open(null, loop.rooms(), queue, null, settlement);
              positions.forEach(batch::add);
            });
  }

  @Test
  void whatIsReadAgainDoesNotBringBackALetterThatIsUnderWay() {
    assertThat(getAll()).hasSize(DEPTH);
    settle(Settlement.REJECTED, LongStream.of(5));
    run(5, 6);
    assertThat(elsewhere.letters).containsExactly("m5");

    settle(Settlement.UNDELIVERED, LongStream.range(0, DEPTH).filter(at -> at != 5));
    assertThat(getAll())
        .map(GetReply.Got::position)
        .containsExactlyElementsOf(
            LongStream.range(0, DEPTH).filter(at -> at != 5).boxed().toList());
  }

  @Test
  void whatIsReadToBeSentIsSentThoughTheRestIsPurged() {
    assertThat(getAll()).hasSize(DEPTH);
    settle(Settlement.REJECTED, LongStream.of(5));
    settle(Settlement.UNDELIVERED, LongStream.of(6));
    loop.run();
    assertThat(store.reads).as("its content is read").hasSize(1);
    List<Long> purged = new ArrayList<>();
    loop.rooms().post(new Purge(queue, new ReplyTo<>(loop.rooms(), purged::add)));
    run(5, 6);
    assertThat(purged).containsExactly(1L);
    assertThat(elsewhere.letters).containsExactly("m5");
  }
}
