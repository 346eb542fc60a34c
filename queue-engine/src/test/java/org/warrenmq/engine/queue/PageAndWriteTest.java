package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.codec.Body;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.loop.RecordedErrors;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.loop.Room;
import org.warrenmq.engine.message.DiskMessageStore;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.MessageStore;
import org.warrenmq.engine.message.Messages;
import org.warrenmq.engine.queue.QueueCommand.Get;
import org.warrenmq.engine.queue.QueueCommand.GetReply;
import org.warrenmq.engine.queue.QueueCommand.Publish;
import org.warrenmq.store.Storable;
import org.warrenmq.store.Store;
import org.warrenmq.store.StoreOptions;
import org.warrenmq.store.TurnWrites;
import org.warrenmq.store.WriteRequest;

/**
 * A page that is read while a turn is being written: one of the two databases has it, the other has
 * not. Over the real store, on a real disk.
 */
class PageAndWriteTest {
  private static final int PATIENCE_SECONDS = 30;

  @TempDir Path folder;

  private HeldStore store;
  private HandLoop loop;
  private QueueAddress queue;
  private long published;

  /** The real store; what its threads have to say waits until the test wants to hear it. */
  private static final class HeldStore implements MessageStore {
    final LinkedBlockingQueue<Runnable> written = new LinkedBlockingQueue<>();
    final LinkedBlockingQueue<Page> pages = new LinkedBlockingQueue<>();
    final List<Consumer<Page>> readers = new ArrayList<>();
    final Store store;
    final DiskMessageStore real;
    Function<Storable, Storable> wrapping = Function.identity();

    HeldStore(Path folder) {
      store =
          Store.open(
              folder,
              StoreOptions.within(16 << 20),
              DiskMessageStore.bodySize(),
              failure -> {
                throw new AssertionError("the store failed", failure);
              });
      real = new DiskMessageStore(store);
    }

    @Override
    public void submit(TurnWrites turn) {
      List<WriteRequest> requests = new ArrayList<>();
      for (WriteRequest request : turn.requests()) {
        requests.add(
            request
                    instanceof
                    WriteRequest.Append(long queueId, long first, long time, var messages)
                ? new WriteRequest.Append(
                    queueId, first, time, messages.stream().<Storable>map(wrapping).toList())
                : request);
      }
      Runnable completion = turn.completion();
      Runnable held = completion == null ? null : () -> written.add(completion);
      real.submit(new TurnWrites(requests, turn.needsSync(), held, turn.transaction()));
    }

    @Override
    public boolean read(long queueId, long from, long maxBytes, Consumer<Page> callback) {
      readers.add(callback);
      return real.read(queueId, from, maxBytes, pages::add);
    }

    @Override
    public long newBody() {
      return real.newBody();
    }

    @Override
    public boolean readPiece(Body.Stored body, int index, Consumer<byte @Nullable []> callback) {
      return real.readPiece(body, index, callback);
    }

    @Override
    public boolean hasRoom() {
      return real.hasRoom();
    }

    @Override
    public void whenRoom(Runnable action) {
      real.whenRoom(action);
    }

    @Override
    public long newTransaction() {
      return real.newTransaction();
    }

    @Override
    public void broken(String what) {
      throw new AssertionError(what);
    }
  }

  /** Stops the store's writer when it is about to write a persistent message. */
  private record Barrier(CountDownLatch reached, CountDownLatch open) {
    Storable before(Storable message) {
      return message.persistent() ? new Stopped(message, this) : message;
    }

    void pass() {
      reached.countDown();
      awaitLatch(open);
    }
  }

  private record Stopped(Storable message, Barrier barrier) implements Storable {
    @Override
    public int storedSize() {
      return message.storedSize();
    }

    @Override
    public long bodySize() {
      return message.bodySize();
    }

    @Override
    public void store(ByteBuffer target) {
      barrier.pass();
      message.store(target);
    }

    @Override
    public boolean persistent() {
      return true;
    }
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      assertThat(latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  @BeforeEach
  void open() {
    RecordedErrors.instance().drain();
    store = new HeldStore(folder);
    loop = new HandLoop(store, 1024);
    QueueOwner nobody =
        new QueueOwner() {
          @Override
          public Room room() {
            return loop.rooms();
          }

          @Override
          public <T> void gone(QueueAddress gone, ReplyTo<T> reply, T answer) {
            throw new AssertionError("the queue ended");
          }
        };
    queue =
        Queues.open(
            1, loop.store(), new QueueTraits(true, false, false), QueueSettings.NONE, nobody);
  }

  @AfterEach
  void close() {
    store.store.close();
    RecordedErrors.instance().rethrow();
  }

  private void publish(boolean persistent) {
    Message plain = Messages.of(published++);
    Message message = new Message("x", plain.routingKey(), plain.content(), persistent);
    loop.rooms().send(loop.rooms(), new Publish(queue, message, null, 0));
  }

  private List<GetReply> get() {
    List<GetReply> replies = new ArrayList<>();
    loop.rooms()
        .send(loop.rooms(), new Get(queue, true, new ReplyTo<>(loop.rooms(), replies::add)));
    loop.run();
    return replies;
  }

  private void hearOfAWrite() throws InterruptedException {
    Runnable completion = store.written.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(completion).as("a turn that was written").isNotNull();
    completion.run();
    loop.run();
    RecordedErrors.instance().rethrow();
  }

  private MessageStore.Page nextPage() throws InterruptedException {
    MessageStore.Page page = store.pages.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(page).as("a page").isNotNull();
    return page;
  }

  private void hearOf(MessageStore.Page page) {
    store.readers.removeFirst().accept(page);
    loop.run();
    RecordedErrors.instance().rethrow();
  }

  /** The position of the front message, which is taken; a page is read for it if it must be. */
  private long take() throws InterruptedException {
    List<GetReply> replies = get();
    if (replies.isEmpty()) {
      hearOf(nextPage());
    }
    assertThat(replies).singleElement().isInstanceOf(GetReply.Got.class);
    return ((GetReply.Got) replies.getFirst()).position();
  }

  @Test
  void whatWasWrittenBetweenTwoReadsIsReadAgain() throws InterruptedException {
    for (int i = 0; i < 10; i++) {
      publish(true);
    }
    loop.run();
    hearOfAWrite();
    List<GetReply> first = get();
    hearOf(nextPage());
    // It waited for the delivered mark.
    hearOfAWrite();
    assertThat(first).hasSize(1);

    // The spill database has its message of the next turn, the main database has not.
    Barrier barrier = new Barrier(new CountDownLatch(1), new CountDownLatch(1));
    store.wrapping = barrier::before;
    publish(true);
    publish(false);
    loop.run();
    awaitLatch(barrier.reached);
    List<GetReply> second = get();
    MessageStore.Page page = nextPage();
    assertThat(page.messages().stream().map(MessageStore.Loaded::position))
        .as("a page with half of a turn")
        .contains(9L, 11L)
        .doesNotContain(10L);

    // The queue hears that the whole turn is written, and forgets it, before the page arrives.
    barrier.open.countDown();
    hearOfAWrite();
    hearOf(page);
    assertThat(second).hasSize(1);
    for (long position = 2; position < published; position++) {
      assertThat(take()).isEqualTo(position);
    }
    assertThat(get()).containsExactly(new GetReply.Empty());
  }
}
