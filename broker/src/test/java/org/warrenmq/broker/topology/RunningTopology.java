package org.warrenmq.broker.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.warrenmq.broker.ForgetfulStore;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.loop.NodeMemory;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.router.ExchangeTypes;

/** A topology that forgets everything, and a loop that asks it; for a test's thread. */
final class RunningTopology implements AutoCloseable {
  private final DefaultEventLoop thread = new DefaultEventLoop();
  private final RoomLoop loop = new RoomLoop(thread);
  private final LoopStore home = new LoopStore(loop);
  private final Topology topology;

  RunningTopology(NodeMemory memory) {
    topology = new Topology(ExchangeTypes.load(), "/", new ForgetfulStore(), memory);
    topology.start();
  }

  VirtualHost vhost() {
    VirtualHost vhost = topology.vhost("/");
    assertThat(vhost).isNotNull();
    return vhost;
  }

  /** Where queues live. */
  LoopStore home() {
    return home;
  }

  CompletableFuture<TopologyReply> ask(Function<ReplyTo<TopologyReply>, TopologyCommand> command) {
    CompletableFuture<TopologyReply> answer = new CompletableFuture<>();
    topology.room().post(topology.mail(command.apply(new ReplyTo<>(loop, answer::complete))));
    return answer;
  }

  @Override
  public void close() {
    topology.close();
    thread.shutdownGracefully(0, 0, TimeUnit.SECONDS);
  }
}
