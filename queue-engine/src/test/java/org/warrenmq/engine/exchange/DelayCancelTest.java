package org.warrenmq.engine.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.warrenmq.codec.Body;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.loop.RecordedErrors;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.message.MessageStore;
import org.warrenmq.engine.message.Messages;
import org.warrenmq.store.TurnWrites;

/**
 * A delayed message is to be cancelled, and while that waits for its turn to be read the message
 * comes into memory; later all that is in memory stands before it again.
 */
class DelayCancelTest {
  private static final long OWNER = 7;

  /** So many stay in memory when there is none to spare. */
  private static final int LEAST = 16;

  private final Store store = new Store();
  private final HandLoop home = new HandLoop(store, 1);

  /** Routing keys of what became due. */
  private final List<String> sent = new ArrayList<>();

  private final Delays delays =
      Delays.open(
          OWNER,
          home.store(),
          true,
          (message, now) -> now + Long.parseLong(message.routingKey()),
          (message, _, _) -> {
            sent.add(message.routingKey());
            return 0;
          },
          null);

  private final Place late = new Place(home.rooms().clock().millis() + 9000, 1);
  private final List<@Nullable Boolean> answers = new ArrayList<>();

  @BeforeEach
  void isCancelledWhileReadIntoMemory() {
    RecordedErrors.instance().drain();
    publish(9000);
    for (int i = 0; i < LEAST; i++) {
      publish(1000);
    }
    run();
    store.read();
    cancel();
    assertThat(answers).as("it has to be read").isEmpty();
    home.pass(1000);
    run();
    assertThat(sent).as("there is room for it").hasSize(LEAST);
    store.answer();
    run();
    // What is asked of the store now finds it there.
    store.read();
  }

  @Test
  void aSecondCancelComesTooLate() {
    cancel();
    othersTakeTheMemory();
    store.answer();
    run();
    assertThat(answers).containsExactlyInAnyOrder(true, false);
    assertThat(sent).doesNotContain("9000");
    verifyCount();
  }

  @Test
  void whatWasCancelledIsNotSent() {
    home.pass(8000);
    run();
    home.turnClock(-8000);
    othersTakeTheMemory();
    store.answer();
    run();
    assertThat(answers).containsExactly(true);
    assertThat(sent).doesNotContain("9000");
    verifyCount();
  }

  /** What stands before it is all that stays in memory. */
  private void othersTakeTheMemory() {
    for (int i = 0; i <= LEAST; i++) {
      publish(2000);
    }
    run();
  }

  private void publish(int delay) {
    home.rooms().post(() -> delays.publish(Messages.lasting("" + delay, 10), null, 0, 0));
  }

  private void cancel() {
    home.rooms()
        .post(new DelayCommand.Cancel(delays, late, new ReplyTo<>(home.rooms(), answers::add)));
    run();
  }

  private void run() {
    home.run();
    RecordedErrors.instance().rethrow();
  }

  /** As many wait as the store has. */
  private void verifyCount() {
    List<@Nullable Long> count = new ArrayList<>();
    home.rooms().post(new DelayCommand.Count(delays, new ReplyTo<>(home.rooms(), count::add)));
    run();
    assertThat(count).containsExactly((long) store.disk.waiting.size());
  }

  /** Writes at once, and reads and answers when the test says so. */
  private static final class Store implements MessageStore {
    final DelayDisk disk = new DelayDisk();
    private final ArrayDeque<Runnable> reads = new ArrayDeque<>();
    private final ArrayDeque<Runnable> answers = new ArrayDeque<>();

    /** What was asked for is read. */
    void read() {
      while (!reads.isEmpty()) {
        reads.remove().run();
      }
    }

    /** What was read arrives. */
    void answer() {
      while (!answers.isEmpty()) {
        answers.remove().run();
      }
    }

    @Override
    public void submit(TurnWrites turn) {
      turn.requests().forEach(disk::apply);
      Runnable completion = turn.completion();
      if (completion != null) {
        completion.run();
      }
    }

    @Override
    public boolean readScheduled(
        long owner, long due, long id, long maxBytes, Consumer<SchedulePage> callback) {
      reads.add(
          () -> {
            SchedulePage page = disk.read(new Place(due, id), maxBytes);
            answers.add(() -> callback.accept(page));
          });
      return true;
    }

    @Override
    public boolean hasRoom() {
      return true;
    }

    @Override
    public void whenRoom(Runnable action) {
      action.run();
    }

    @Override
    public boolean read(long queueId, long from, long maxBytes, Consumer<Page> callback) {
      throw new AssertionError("a queue is read");
    }

    @Override
    public long newBody() {
      throw new AssertionError("a large body");
    }

    @Override
    public boolean readPiece(Body.Stored body, int index, Consumer<byte @Nullable []> callback) {
      throw new AssertionError("a large body");
    }

    @Override
    public long newTransaction() {
      throw new AssertionError("a transaction");
    }

    @Override
    public void broken(String what) {
      throw new AssertionError(what);
    }
  }
}
