package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.loop.Mail;
import org.warrenmq.engine.loop.RecordedErrors;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.loop.Room;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.MessageStore;
import org.warrenmq.engine.message.Messages;
import org.warrenmq.engine.queue.QueueCommand.Get;
import org.warrenmq.engine.queue.QueueCommand.GetReply;
import org.warrenmq.engine.queue.QueueCommand.Publish;
import org.warrenmq.engine.queue.QueueCommand.Purge;
import org.warrenmq.engine.queue.QueueCommand.Subscribe;
import org.warrenmq.store.QueueState;
import org.warrenmq.store.TurnWrites;
import org.warrenmq.store.WriteRequest;

/** Deliveries that the disk has a say in: before them, after them, and instead of them. */
class DeliveryAndDiskTest {
  private static final QueueTraits DURABLE = new QueueTraits(true, false, false);

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final PatientStore store = new PatientStore();
  private final RoomLoop loop = new RoomLoop(channel.eventLoop());
  private final LoopStore home = new LoopStore(loop, store, Long.MAX_VALUE);

  @AfterEach
  void noRoomFailed() {
    RecordedErrors.instance().rethrow();
  }

  private QueueAddress queue(QueueState stored) {
    QueueOwner nobody =
        new QueueOwner() {
          @Override
          public Room room() {
            return loop;
          }

          @Override
          public <T> void gone(QueueAddress queue, ReplyTo<T> reply, T answer) {
            throw new AssertionError("the queue ended");
          }
        };
    return Queues.open(
        1,
        home,
        DURABLE,
        QueueSettings.NONE,
        nobody,
        DeadLetterRoute.NOWHERE,
        stored == null ? java.util.List.of() : java.util.List.of(stored),
        java.util.List.of());
  }

  /** A queue that has stored nothing. */
  private QueueAddress empty() {
    return queue(new QueueState(1, 0, 0, 0, 0, 0));
  }

  private void tell(Mail mail) {
    loop.send(loop, mail);
    channel.runPendingTasks();
  }

  private void publish(QueueAddress queue) {
    Message message = Messages.of(0);
    tell(
        new Publish(
            queue,
            new Message(message.exchange(), message.routingKey(), message.content(), true),
            null,
            0));
  }

  private List<GetReply> get(QueueAddress queue) {
    List<GetReply> replies = new ArrayList<>();
    tell(new Get(queue, false, new ReplyTo<>(loop, replies::add)));
    return replies;
  }

  private static List<Long> marks(TurnWrites turn) {
    return turn.requests().stream()
        .filter(WriteRequest.Delivered.class::isInstance)
        .map(request -> ((WriteRequest.Delivered) request).mark())
        .toList();
  }

  @Test
  void aStopForgetsNoDeliveryOfAnEarlierRun() {
    QueueAddress queue = queue(new QueueState(1, 0, 10, 10, 10, 7));
    tell(new QueueCommand.Halt(queue));
    assertThat(store.turns).allSatisfy(turn -> assertThat(marks(turn)).isEmpty());
  }

  @Test
  void aStopTakesTheMarkBackToWhatWasDelivered() {
    QueueAddress queue = empty();
    publish(queue);
    publish(queue);
    store.turns.forEach(PatientStore::finish);
    store.turns.clear();
    List<GetReply> first = get(queue);
    TurnWrites ahead = store.turns.remove();
    assertThat(marks(ahead)).singleElement().satisfies(mark -> assertThat(mark).isGreaterThan(2));
    PatientStore.finish(ahead);
    channel.runPendingTasks();
    assertThat(first).hasSize(1);

    tell(new QueueCommand.Halt(queue));
    assertThat(marks(store.turns.remove())).containsExactly(1L);
  }

  @Test
  void whatLiesOnTheDiskLeavesAfterAMarkThatIsSynced() {
    QueueAddress queue = empty();
    publish(queue);
    PatientStore.finish(store.turns.remove());
    channel.runPendingTasks();

    List<GetReply> replies = get(queue);
    TurnWrites mark = store.turns.remove();
    assertThat(mark.needsSync()).isTrue();
    assertThat(marks(mark)).hasSize(1);
    assertThat(replies).isEmpty();

    PatientStore.finish(mark);
    channel.runPendingTasks();
    assertThat(replies)
        .singleElement()
        .isInstanceOfSatisfying(GetReply.Got.class, got -> assertThat(got.redelivered()).isFalse());
  }

  @Test
  void whatIsNotOnTheDiskYetLeavesAtOnce() {
    QueueAddress queue = empty();
    TestSubscriber subscriber = new TestSubscriber(loop);
    tell(
        new Subscribe(
            subscriber.consumer(queue, 0, 0), new ReplyTo<>(loop, subscriber.events::add)));
    publish(queue);
    assertThat(subscriber.deliveries).hasSize(1);

    TurnWrites turn = store.turns.remove();
    assertThat(turn.requests()).hasAtLeastOneElementOfType(WriteRequest.Append.class);
    assertThat(marks(turn)).hasSize(1);
    assertThat(turn.needsSync()).isFalse();
  }

  @Test
  void aGetThatWaitsForTheDiskIsAnsweredWhenTheQueueIsPurged() {
    QueueAddress queue = queue(new QueueState(1, 0, 10, 10, 10, 0));
    List<GetReply> waiting = get(queue);
    assertThat(waiting).isEmpty();
    assertThat(store.reads).hasSize(1);

    List<Long> purged = new ArrayList<>();
    tell(new Purge(queue, new ReplyTo<>(loop, purged::add)));
    assertThat(purged).containsExactly(10L);
    assertThat(waiting).containsExactly(new GetReply.Empty());
    assertThat(get(queue)).containsExactly(new GetReply.Empty());

    // What was read is too late, and disturbs nothing.
    store.reads.remove().accept(new MessageStore.Page(List.of(), 10));
    channel.runPendingTasks();
  }
}
