package org.warrenmq.broker.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * How many logins from each address went well, or not, lately. Any thread; an address is forgotten
 * when nobody has come from there for {@link #MEMORY}, and the oldest of more than {@value #MOST}.
 */
public final class LoginAttempts {
  private static final int MOST = 10_000;
  private static final Duration MEMORY = Duration.ofMinutes(10);

  private final Cache<InetAddress, Count> byAddress =
      Caffeine.newBuilder().maximumSize(MOST).expireAfterWrite(MEMORY).build();

  /**
   * Logins from an address.
   *
   * @param refusedInRow since the last that was granted
   */
  public record Count(long granted, long refused, long refusedInRow) {
    static final Count NONE = new Count(0, 0, 0);
  }

  /** One was granted. */
  void granted(InetAddress from) {
    byAddress
        .asMap()
        .merge(from, new Count(1, 0, 0), (old, _) -> new Count(old.granted + 1, old.refused, 0));
  }

  /**
   * One was refused.
   *
   * @return how many were, in a row, before it
   */
  long refused(InetAddress from) {
    Count now =
        byAddress
            .asMap()
            .merge(
                from,
                new Count(0, 1, 1),
                (old, _) -> new Count(old.granted, old.refused + 1, old.refusedInRow + 1));
    return now == null ? 0 : now.refusedInRow - 1;
  }

  /** All that are remembered. */
  public Map<InetAddress, Count> all() {
    return new HashMap<>(byAddress.asMap());
  }
}
