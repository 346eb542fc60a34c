package org.warrenmq.broker.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.DefaultEventLoop;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.warrenmq.broker.topology.TopologyChange.VhostAdded;
import org.warrenmq.broker.topology.TopologyCommand.DeclareExchange;
import org.warrenmq.broker.topology.TopologyCommand.DeclareQueue;
import org.warrenmq.broker.topology.TopologyCommand.DeleteQueue;
import org.warrenmq.codec.Body;
import org.warrenmq.codec.Content;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.engine.home.AcceptedBatch;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.loop.NodeMemory;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.MessageStore;
import org.warrenmq.engine.queue.QueueAddress;
import org.warrenmq.engine.queue.QueueCommand.Publish;
import org.warrenmq.router.ExchangeSpec;
import org.warrenmq.router.ExchangeTypes;
import org.warrenmq.store.Recovered;
import org.warrenmq.store.TurnWrites;
import org.warrenmq.store.WriteRequest;
import org.warrenmq.store.WriteRequest.AddQueue;
import org.warrenmq.store.WriteRequest.DeleteDefinition;
import org.warrenmq.store.WriteRequest.DropQueue;
import org.warrenmq.store.WriteRequest.PutDefinition;

/** Answers about durable objects wait for the disk, whatever order that works in. */
class DefinitionOrderTest {
  private static final ConnectionId CLIENT = new ConnectionId(0, 1);

  private final DefaultEventLoop clients = new DefaultEventLoop();
  private final HeldStore store = new HeldStore();
  private final RoomLoop connection = new RoomLoop(clients);
  private final LoopStore home = new LoopStore(connection, store, Long.MAX_VALUE);
  private final Topology topology =
      new Topology(ExchangeTypes.load(), store, NodeMemory.unlimited(), false);
  private final List<String> answered = new CopyOnWriteArrayList<>();

  /** Writes nothing until the test says what has been written. */
  private static final class HeldStore implements MessageStore {
    final List<TurnWrites> turns = new CopyOnWriteArrayList<>();
    volatile Runnable beforeTurn = () -> {};

    @Override
    public void submit(TurnWrites turn) {
      beforeTurn.run();
      turns.add(turn);
    }

    void wrote(int turn) {
      Runnable completion = turns.get(turn).completion();
      if (completion != null) {
        completion.run();
      }
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
      return false;
    }

    @Override
    public long newBody() {
      return 1;
    }

    @Override
    public boolean readPiece(Body.Stored body, int index, Consumer<byte @Nullable []> callback) {
      return false;
    }

    @Override
    public long newTransaction() {
      return 1;
    }

    @Override
    public void broken(String what) {
      throw new AssertionError(what);
    }
  }

  @BeforeEach
  void start() {
    Recovered.Definition vhost =
        new Recovered.Definition(
            VhostDefinition.key("/"), VhostDefinition.value(new VhostAdded("/")));
    topology.restore(new Recovered(List.of(vhost), List.of()), List.of(home), "/");
    topology.start();
  }

  @AfterEach
  void stop() {
    topology.close();
    clients.shutdownGracefully(0, 0, TimeUnit.SECONDS);
  }

  private VirtualHost vhost() {
    VirtualHost vhost = topology.vhost("/");
    assertThat(vhost).isNotNull();
    return vhost;
  }

  private void send(TopologyCommand command, String answer) {
    ReplyTo<TopologyReply> reply = new ReplyTo<>(connection, _ -> answered.add(answer));
    topology.room().post(topology.mail(new TopologyRequest(command, reply)));
  }

  private void declare(String name, boolean durable) {
    ExchangeSpec spec =
        new ExchangeSpec("/", name, "direct", durable, false, false, FieldTable.EMPTY);
    send(new DeclareExchange(spec), name);
  }

  private void declareQueue(String name) {
    QueueSpec spec = new QueueSpec(name, true, false, false, FieldTable.EMPTY);
    send(new DeclareQueue("/", spec, CLIENT), name);
  }

  private void deleteQueue(String name) {
    send(new DeleteQueue("/", name, false, false, CLIENT), name + " deleted");
  }

  private void awaitTurns(int count) {
    await().atMost(5, TimeUnit.SECONDS).until(() -> store.turns.size() == count);
  }

  /** After this all mail of the topology and of the clients' loop has been opened. */
  private void settle(String name) {
    int before = store.turns.size();
    declare(name, true);
    awaitTurns(before + 1);
  }

  @Test
  @DisplayName("an answer waits for what was changed before it, though that is written later")
  void answersKeepTheirOrder() {
    declare("first", true);
    awaitTurns(1);
    declare("second", true);
    awaitTurns(2);
    declare("fleeting", false);
    store.wrote(1);
    settle("third");
    assertThat(answered).isEmpty();

    store.wrote(0);
    await()
        .atMost(5, TimeUnit.SECONDS)
        .untilAsserted(() -> assertThat(answered).containsExactly("first", "second", "fleeting"));
  }

  @Test
  @DisplayName("a queue's definition is handed over before anybody can publish to the queue")
  void aQueueIsHandedOverBeforeItIsFound() {
    List<Boolean> found = new CopyOnWriteArrayList<>();
    store.beforeTurn = () -> found.add(vhost().queue("orders") != null);
    declare("in the same batch, perhaps", true);
    declareQueue("orders");
    await().atMost(5, TimeUnit.SECONDS).until(() -> vhost().queue("orders") != null);

    assertThat(found).isNotEmpty().doesNotContain(true);
    assertThat(store.turns.getLast().requests())
        .hasAtLeastOneElementOfType(PutDefinition.class)
        .contains(new AddQueue(1));
    assertThat(answered).isEmpty();
  }

  @Test
  @DisplayName("a queue of the same name comes later in the store than the end of the one before")
  void aSuccessorComesAfterTheEnd() {
    declareQueue("orders");
    awaitTurns(1);
    deleteQueue("orders");
    declareQueue("orders");
    await().atMost(5, TimeUnit.SECONDS).until(() -> requests().contains(new AddQueue(2)));

    assertThat(requests().stream().<Object>map(Object::getClass))
        .containsExactly(
            PutDefinition.class,
            AddQueue.class,
            DeleteDefinition.class,
            DropQueue.class,
            PutDefinition.class,
            AddQueue.class);
    assertThat(requests()).contains(new AddQueue(1), new DropQueue(1));
  }

  @Test
  @DisplayName("a message for a deleted queue is confirmed when the queue cannot come back")
  void confirmsWaitForTheEndOfAQueue() {
    declareQueue("orders");
    await().atMost(5, TimeUnit.SECONDS).until(() -> vhost().queue("orders") != null);
    QueueAddress queue = vhost().queue("orders").room();
    deleteQueue("orders");
    awaitTurns(2);

    Message message =
        new Message(
            "", "orders", new Content(new byte[] {0, 0}, new Body.Inline(new byte[1])), true);
    connection.post(new Publish(queue, message, new Client(), 7));
    awaitTurns(3);
    store.wrote(2);
    settle();
    assertThat(answered).isEmpty();

    store.wrote(0);
    store.wrote(1);
    await()
        .atMost(5, TimeUnit.SECONDS)
        .untilAsserted(
            () -> assertThat(answered).contains("orders", "orders deleted", "confirmed 7"));
  }

  private List<WriteRequest> requests() {
    return store.turns.stream().flatMap(turn -> turn.requests().stream()).toList();
  }

  /** After this all mail that the clients' loop had has been opened. */
  private void settle() {
    CompletableFuture<Void> opened = new CompletableFuture<>();
    connection.post(() -> opened.complete(null));
    opened.orTimeout(5, TimeUnit.SECONDS).join();
  }

  /** A publisher with confirms. */
  private final class Client implements Publisher {
    @Override
    public RoomLoop loop() {
      return connection;
    }

    @Override
    public void accepted(AcceptedBatch batch) {
      for (int i = 0; i < batch.count(); i++) {
        answered.add("confirmed " + batch.sequence(i));
      }
    }
  }

  @Test
  @DisplayName("what need not last is answered at once, and never written")
  void transientObjectsDoNotWait() {
    declare("fleeting", false);
    await().atMost(5, TimeUnit.SECONDS).until(() -> answered.equals(List.of("fleeting")));
    assertThat(store.turns).isEmpty();
  }
}
