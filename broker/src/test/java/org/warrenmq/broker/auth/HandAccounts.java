package org.warrenmq.broker.auth;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** Users that a test makes, without a topology. */
public final class HandAccounts {
  private HandAccounts() {}

  /** The user guest, who may do everything in "/". */
  public static InternalBackend guest() {
    return guest("guest");
  }

  public static InternalBackend guest(String password) {
    Accounts accounts = new Accounts();
    accounts.put(
        new Account(
            "guest",
            PasswordHash.of(password),
            List.of(),
            Limits.NONE,
            Map.of("/", Permissions.ALL)));
    return new InternalBackend(accounts);
  }

  /** The same, from this machine only, or from everywhere. */
  public static AuthBackend chain(InternalBackend users, boolean loopbackOnly) {
    return new BackendChain(
        List.of(new BackendChain.Link("internal", users, List.of())),
        loopbackOnly ? Set.of("guest") : Set.of());
  }
}
