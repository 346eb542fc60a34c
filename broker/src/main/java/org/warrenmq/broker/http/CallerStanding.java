package org.warrenmq.broker.http;

import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.node.Standing;
import org.warrenmq.broker.auth.Authority;
import org.warrenmq.broker.auth.Operation;
import org.warrenmq.broker.auth.Peer;
import org.warrenmq.broker.auth.Rights;
import org.warrenmq.broker.auth.User;
import org.warrenmq.broker.auth.Verdict;
import org.warrenmq.broker.auth.Wish;

/**
 * Who has logged in over HTTP, and what says what they may do. Immutable; asked on threads that may
 * wait.
 */
record CallerStanding(User user, Authority authority, Peer peer) implements Standing {
  @Override
  public boolean mayEnter(String vhost) {
    return isAllowed(Answers.await(authority.mayOpen(vhost, peer).toCompletableFuture()));
  }

  /** Whether something may be done with a queue or an exchange, or with a routing key. */
  boolean may(String vhost, Wish wish) {
    @Nullable Rights known = authority.rights(vhost);
    String key = wish.key();
    Operation operation = wish.operation();
    if (known == null) {
      return isAllowed(Answers.await(authority.ask(vhost, wish).toCompletableFuture()));
    }
    return key == null
        ? known.allow(operation, wish.name())
        : known.allowTopic(operation, wish.name(), key);
  }

  private static boolean isAllowed(Verdict verdict) {
    return verdict instanceof Verdict.Allowed;
  }
}
