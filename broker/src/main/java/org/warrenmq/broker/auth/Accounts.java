package org.warrenmq.broker.auth;

import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The users of this node's own. Changed by one room, the topology's; read from any thread, without
 * a lock.
 */
public final class Accounts {
  private final Map<String, Account> byName = new ConcurrentHashMap<>();
  private volatile long epoch;

  /** The user of that name, or null. */
  public @Nullable Account find(String name) {
    return byName.get(name);
  }

  /** All there are at about this time. */
  public Collection<Account> all() {
    return Collections.unmodifiableCollection(byName.values());
  }

  /** Grows with every change, after it: who read permissions at another one reads them again. */
  public long epoch() {
    return epoch;
  }

  /** What a user may do in a virtual host: nothing if there is no such user. */
  public Permissions permissions(String user, String vhost) {
    Account account = byName.get(user);
    return account == null ? Permissions.NONE : account.in(vhost);
  }

  /** What there may be of a user. */
  public Limits limits(String user) {
    Account account = byName.get(user);
    return account == null ? Limits.NONE : account.limits();
  }

  /** A user is there, or is another one from now on. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  public void put(Account account) {
    byName.put(account.name(), account);
    epoch++;
  }

  /** A user is gone. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  public void remove(String name) {
    byName.remove(name);
    epoch++;
  }
}
