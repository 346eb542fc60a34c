package org.warrenmq.broker.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.warrenmq.broker.ForgetfulStore;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.loop.NodeMemory;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.router.ExchangeTypes;
import org.warrenmq.store.Recovered;

/** A topology that forgets everything, and a loop that asks it; for a test's thread. */
final class RunningTopology implements AutoCloseable {
  private final DefaultEventLoop thread = new DefaultEventLoop();
  private final RoomLoop loop = new RoomLoop(thread);
  private final Topology topology;

  RunningTopology(NodeMemory memory) {
    topology = running(memory, new LoopStore(loop));
  }

  /**
   * @param home where queues live
   */
  RunningTopology(NodeMemory memory, LoopStore home) {
    topology = running(memory, home);
  }

  private static Topology running(NodeMemory memory, LoopStore home) {
    Topology topology = new Topology(ExchangeTypes.load(), new ForgetfulStore(), memory, false);
    topology.restore(new Recovered(List.of(), List.of()), List.of(home), "/");
    topology.start();
    return topology;
  }

  VirtualHost vhost() {
    VirtualHost vhost = topology.vhost("/");
    assertThat(vhost).isNotNull();
    return vhost;
  }

  CompletableFuture<TopologyReply> ask(TopologyCommand command) {
    return ask(command, () -> false);
  }

  /**
   * @param asker whether who asks has given up its queues
   */
  CompletableFuture<TopologyReply> ask(TopologyCommand command, Asker asker) {
    CompletableFuture<TopologyReply> answer = new CompletableFuture<>();
    ReplyTo<TopologyReply> reply = new ReplyTo<>(loop, answer::complete);
    topology.room().post(topology.mail(new TopologyRequest(command, reply, asker)));
    return answer;
  }

  @Override
  public void close() {
    topology.close();
    thread.shutdownGracefully(0, 0, TimeUnit.SECONDS);
  }
}
