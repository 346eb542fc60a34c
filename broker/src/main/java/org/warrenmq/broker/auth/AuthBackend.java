package org.warrenmq.broker.auth;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** Checks credentials. Called on event loops: an answer must not block. */
public interface AuthBackend {
  /**
   * @param peer where the connection comes from
   * @return the user, or null when name, password or origin are refused
   */
  @Nullable User login(String name, String password, InetAddress peer);

  /** The user that mechanism ANONYMOUS stands for, or null when it stands for nobody. */
  @Nullable User anonymous(InetAddress peer);
}
