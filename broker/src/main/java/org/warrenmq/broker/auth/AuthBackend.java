package org.warrenmq.broker.auth;

import java.util.concurrent.CompletionStage;

/**
 * Says who may log in, and where they may go. Asked on event loops, which it must not block: who
 * has to ask others answers later, on any thread. An answer that fails is a refusal; one that never
 * comes ends with the time that a client has to open its connection.
 */
public interface AuthBackend {
  /**
   * @param peer where the connection comes from
   * @return granted, or refused when name, password or origin are not right
   */
  CompletionStage<Login> login(String name, String password, Peer peer);

  /** The same for mechanism ANONYMOUS, which may stand for a user, or for nobody. */
  CompletionStage<Login> anonymous(Peer peer);

  /** Whether the user may open a virtual host, which exists. */
  CompletionStage<Boolean> mayOpen(User user, String vhost, Peer peer);

  /** Grows whenever anybody's permissions have changed, after they have. At once, any thread. */
  long epoch();

  /** What the user may do in a virtual host, as of now. At once, any thread. */
  Permissions permissions(User user, String vhost);
}
