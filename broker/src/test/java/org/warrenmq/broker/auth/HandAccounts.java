package org.warrenmq.broker.auth;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** Users that a test makes, without a topology. */
public final class HandAccounts {
  private HandAccounts() {}

  /** The user guest, who may do everything in "/". */
  public static InternalBackend guest(boolean loopbackOnly) {
    return guest("guest", loopbackOnly);
  }

  public static InternalBackend guest(String password, boolean loopbackOnly) {
    Accounts accounts = new Accounts();
    accounts.put(
        new Account(
            "guest",
            PasswordHash.of(password),
            List.of(),
            Limits.NONE,
            Map.of("/", Permissions.ALL)));
    return new InternalBackend(accounts, loopbackOnly ? Set.of("guest") : Set.of());
  }
}
