package org.warrenmq.broker.http;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.topology.Topology;
import org.warrenmq.broker.topology.TopologyCommand;
import org.warrenmq.broker.topology.TopologyReply;
import org.warrenmq.broker.topology.TopologyRequest;
import org.warrenmq.codec.AmqpError;
import org.warrenmq.engine.loop.Mail;
import org.warrenmq.engine.loop.ReplyTo;

/** Waits for what rooms answer; not on an event loop. Stateless. */
final class Answers {
  /** A queue with a hundred thousand bindings goes in less. */
  private static final long MOST_SECONDS = 60;

  private Answers() {}

  /**
   * Waits.
   *
   * @throws AmqpError when it is refused
   * @throws IllegalStateException when there is no answer
   */
  static <T extends @Nullable Object> T await(CompletableFuture<T> answer) {
    try {
      return answer.get(MOST_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | CompletionException e) {
      if (e.getCause() instanceof AmqpError refused) {
        throw refused;
      }
      throw new IllegalStateException("a room failed", e);
    } catch (TimeoutException e) {
      throw new IllegalStateException("no answer within " + MOST_SECONDS + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** What becomes of a command, once it is decided and lasts. */
  static TopologyReply ask(Topology topology, TopologyCommand command) {
    return await(asked(topology, command));
  }

  /** The same, to be waited for later. */
  static CompletableFuture<TopologyReply> asked(Topology topology, TopologyCommand command) {
    CompletableFuture<TopologyReply> answer = new CompletableFuture<>();
    ReplyTo<TopologyReply> reply = new ReplyTo<>(Mail::open, answer::complete);
    topology.room().post(topology.mail(new TopologyRequest(command, reply)));
    return answer;
  }
}
