package org.warrenmq.broker.auth;

import java.util.concurrent.CompletionStage;

/**
 * Says who may log in. Asked on event loops, which it must not block: who has to ask others answers
 * later, on any thread. An answer that fails is a refusal; one that never comes ends with the time
 * that a client has to open its connection.
 */
public interface AuthBackend {
  /**
   * @param peer where the connection comes from
   * @return granted, or refused when name, secret or origin are not right
   */
  CompletionStage<Login> login(Credentials who, Peer peer);

  /**
   * What a user may do whom somebody else has let in.
   *
   * @param who with the name that the other one has found
   */
  default CompletionStage<Login> authorise(Credentials who, Peer peer) {
    return login(who, peer);
  }
}
