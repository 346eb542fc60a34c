package org.warrenmq.broker.auth;

import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Says what one user may do, from his login to the end of his connection. Asked on event loops,
 * which it must not block: what it does not know at once it answers later, on any thread. An answer
 * that fails is a refusal.
 */
public interface Authority {
  /** Whether the user may open a virtual host, which exists. */
  CompletionStage<Verdict> mayOpen(String vhost, Peer peer);

  /** Grows whenever what was allowed may be so no longer, after it. At once. */
  long epoch();

  /**
   * What the user may do in a virtual host, as of now; null where each wish has to be asked for.
   */
  @Nullable Rights rights(String vhost);

  /** Whether a wish is granted. */
  CompletionStage<Verdict> ask(String vhost, Wish wish);

  /** When the user has to have shown a new secret; null: never. */
  default @Nullable Instant expiry() {
    return null;
  }

  /** The client shows a new secret: the login that holds from then on, if it is one. */
  default CompletionStage<Login> renew(User user, String secret) {
    return CompletableFuture.completedStage(new Login.Granted(user, this));
  }
}
