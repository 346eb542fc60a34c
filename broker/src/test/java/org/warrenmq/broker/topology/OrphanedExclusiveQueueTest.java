package org.warrenmq.broker.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.warrenmq.broker.topology.TopologyCommand.DeclareQueue;
import org.warrenmq.broker.topology.TopologyCommand.DeleteQueue;
import org.warrenmq.broker.topology.TopologyCommand.ReleaseConnection;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.loop.NodeMemory;
import org.warrenmq.engine.loop.RoomLoop;

/** A connection that ends while its exclusive declare still waits for another's delete. */
class OrphanedExclusiveQueueTest {
  private final DefaultEventLoop slow = new DefaultEventLoop();
  private final RunningTopology topology =
      new RunningTopology(NodeMemory.unlimited(), new LoopStore(new RoomLoop(slow)));

  @AfterEach
  void stop() {
    topology.close();
    slow.shutdownGracefully(0, 0, TimeUnit.SECONDS);
  }

  private CompletableFuture<TopologyReply> declare(boolean exclusive, ConnectionId connection) {
    return declare(exclusive, connection, () -> false);
  }

  private CompletableFuture<TopologyReply> declare(
      boolean exclusive, ConnectionId connection, Asker ended) {
    QueueSpec spec = new QueueSpec("q", false, exclusive, false, FieldTable.EMPTY);
    return topology.ask(new DeclareQueue("/", spec, connection), ended);
  }

  @Test
  @DisplayName("a name is free after its would-be owner has gone")
  void nameStaysUsable() throws Exception {
    AtomicBoolean ended = new AtomicBoolean();
    ConnectionId first = new ConnectionId(0, 1);
    ConnectionId dying = new ConnectionId(0, 2);
    ConnectionId third = new ConnectionId(0, 3);
    declare(false, first).get(5, TimeUnit.SECONDS);
    CountDownLatch busy = new CountDownLatch(1);
    slow.execute(
        () -> {
          try {
            busy.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    // The queue is asked whether it may go, and does not answer yet.
    CompletableFuture<TopologyReply> deleted =
        topology.ask(new DeleteQueue("/", "q", false, false, first));
    CompletableFuture<TopologyReply> orphan = declare(true, dying, ended::get);
    ended.set(true);
    topology.ask(new ReleaseConnection(dying)).get(5, TimeUnit.SECONDS);
    busy.countDown();
    deleted.get(5, TimeUnit.SECONDS);
    orphan.get(5, TimeUnit.SECONDS);

    assertThat(declare(false, third).get(5, TimeUnit.SECONDS))
        .isInstanceOf(TopologyReply.QueueDeclared.class);
  }
}
