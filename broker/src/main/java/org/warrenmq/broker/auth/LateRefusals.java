package org.warrenmq.broker.auth;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.warrenmq.broker.auth.LoginAttempts.Protocol;

/**
 * Lets those wait who are refused again and again: from the fourth refusal of an address on a
 * quarter of a second, doubled with each, four seconds at most. Who is let in never waits, wherever
 * he comes from. Any thread.
 */
public final class LateRefusals implements AuthBackend {
  /** So many may be wrong before. */
  private static final int FREE = 3;

  private static final long FIRST_MILLIS = 250;
  private static final int MOST_DOUBLED = 4;

  /** So many wait at once; beyond that a refusal is told at once. */
  private static final int MOST_WAITING = 512;

  private final AuthBackend backend;
  private final LoginAttempts attempts;
  private final Protocol protocol;
  private final AtomicInteger waiting = new AtomicInteger();

  /**
   * @param backend decides
   * @param attempts told of all
   * @param protocol by which all come
   */
  public LateRefusals(AuthBackend backend, LoginAttempts attempts, Protocol protocol) {
    this.backend = backend;
    this.attempts = attempts;
    this.protocol = protocol;
  }

  @Override
  public CompletionStage<Login> login(Credentials who, Peer peer) {
    return backend.login(who, peer).thenCompose(login -> answered(login, who, peer));
  }

  private CompletionStage<Login> answered(Login login, Credentials who, Peer peer) {
    return switch (login) {
      case Login.Granted granted -> {
        attempts.granted(protocol, peer.address(), granted.user().name());
        yield CompletableFuture.completedStage(granted);
      }
      case Login.Refused(String name, _) -> {
        long before = attempts.refused(protocol, peer.address(), name);
        yield late(new Login.Refused(name, before), before);
      }
      case Login.Malformed malformed ->
          late(malformed, attempts.refused(protocol, peer.address(), who.name()));
      case Login.Failed failed -> CompletableFuture.completedStage(failed);
    };
  }

  private CompletionStage<Login> late(Login refusal, long before) {
    if (before < FREE || waiting.get() >= MOST_WAITING) {
      return CompletableFuture.completedStage(refusal);
    }
    long millis = FIRST_MILLIS << Math.min(before - FREE, MOST_DOUBLED);
    waiting.incrementAndGet();
    CompletableFuture<Login> later = new CompletableFuture<>();
    return later
        .completeOnTimeout(refusal, millis, TimeUnit.MILLISECONDS)
        .whenComplete((_, _) -> waiting.decrementAndGet());
  }
}
