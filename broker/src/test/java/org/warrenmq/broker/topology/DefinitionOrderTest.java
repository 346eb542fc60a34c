package org.warrenmq.broker.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.DefaultEventLoop;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.warrenmq.broker.topology.TopologyCommand.DeclareExchange;
import org.warrenmq.codec.Body;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.engine.MessageStore;
import org.warrenmq.engine.ReplyTo;
import org.warrenmq.engine.RoomLoop;
import org.warrenmq.router.ExchangeSpec;
import org.warrenmq.router.ExchangeTypes;
import org.warrenmq.store.TurnWrites;

/** Answers about durable objects wait for the disk, whatever order that works in. */
class DefinitionOrderTest {
  private final DefaultEventLoop clients = new DefaultEventLoop();
  private final RoomLoop connection = new RoomLoop(clients);
  private final HeldStore store = new HeldStore();
  private final Topology topology = new Topology(ExchangeTypes.load(), "/", store);
  private final List<String> answered = new CopyOnWriteArrayList<>();

  /** Writes nothing until the test says what has been written. */
  private static final class HeldStore implements MessageStore {
    final List<TurnWrites> turns = new CopyOnWriteArrayList<>();

    @Override
    public void submit(TurnWrites turn) {
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
    public boolean readPiece(Body.Stored body, int index, Consumer<byte[]> callback) {
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
    topology.start();
  }

  @AfterEach
  void stop() {
    topology.close();
    clients.shutdownGracefully(0, 0, TimeUnit.SECONDS);
  }

  private void declare(String name, boolean durable) {
    VirtualHost vhost = topology.vhost("/");
    assertThat(vhost).isNotNull();
    ExchangeSpec spec =
        new ExchangeSpec("/", name, "direct", durable, false, false, FieldTable.EMPTY);
    ReplyTo<TopologyReply> reply = new ReplyTo<>(connection, _ -> answered.add(name));
    topology.room().post(topology.mail(new DeclareExchange(vhost, spec, reply)));
  }

  private void awaitTurns(int count) {
    await().atMost(5, TimeUnit.SECONDS).until(() -> store.turns.size() == count);
  }

  /** After this all mail of the topology and of the clients' loop has been opened. */
  private void settle(String name) {
    declare(name, true);
    awaitTurns(store.turns.size() + 1);
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
  @DisplayName("what need not last is answered at once, and never written")
  void transientObjectsDoNotWait() {
    declare("fleeting", false);
    await().atMost(5, TimeUnit.SECONDS).until(() -> answered.equals(List.of("fleeting")));
    assertThat(store.turns).isEmpty();
  }
}
