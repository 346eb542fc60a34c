package org.warrenmq.broker.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many logins went well, or not: by protocol since the start, and lately by where they came
 * from. Any thread; a source is forgotten when nobody has come from there for {@link #MEMORY}, and
 * the oldest of more than {@value #MOST}.
 */
public final class LoginAttempts {
  private static final int MOST = 10_000;
  private static final Duration MEMORY = Duration.ofMinutes(10);

  /** Of longer names the beginning counts: nobody has one. */
  private static final int LONGEST_NAME = 255;

  private static final Count GRANTED = new Count(1, 0);
  private static final Count REFUSED = new Count(0, 1);

  private final Map<Protocol, Count> byProtocol = new ConcurrentHashMap<>();
  private final Cache<InetAddress, Long> refusedInRow = remembered();
  private final Cache<Source, Count> bySource = remembered();

  private static <K, V> Cache<K, V> remembered() {
    return Caffeine.newBuilder().maximumSize(MOST).expireAfterWrite(MEMORY).build();
  }

  /** By what somebody wants to log in. */
  public enum Protocol {
    AMQP("amqp091"),
    HTTP("http");

    private final String wireName;

    Protocol(String wireName) {
      this.wireName = wireName;
    }

    /** As RabbitMQ calls it. */
    public String wireName() {
      return wireName;
    }
  }

  /**
   * Where logins come from.
   *
   * @param user who it said it was, or has turned out to be
   */
  public record Source(InetAddress address, String user, Protocol protocol) {}

  /** Logins. */
  public record Count(long granted, long refused) {
    private Count and(Count other) {
      return new Count(granted + other.granted, refused + other.refused);
    }
  }

  private void count(Protocol by, InetAddress from, String user, Count one) {
    String name = user.length() <= LONGEST_NAME ? user : user.substring(0, LONGEST_NAME);
    byProtocol.merge(by, one, Count::and);
    bySource.asMap().merge(new Source(from, name, by), one, Count::and);
  }

  /** One was granted. */
  void granted(Protocol by, InetAddress from, String user) {
    count(by, from, user, GRANTED);
    refusedInRow.invalidate(from);
  }

  /**
   * One was refused.
   *
   * @return how many were from there, in a row, before it
   */
  long refused(Protocol by, InetAddress from, String user) {
    count(by, from, user, REFUSED);
    Long now = refusedInRow.asMap().merge(from, 1L, Long::sum);
    return now == null ? 0 : now - 1;
  }

  /** All there were, since they were forgotten. */
  public Map<Protocol, Count> byProtocol() {
    return new TreeMap<>(byProtocol);
  }

  /** Those that are remembered. */
  public Map<Source, Count> bySource() {
    return Map.copyOf(bySource.asMap());
  }

  /** Counts anew; who has to wait goes on waiting. */
  public void forgetProtocols() {
    byProtocol.clear();
  }

  /** Counts anew by source. */
  public void forgetSources() {
    bySource.invalidateAll();
  }
}
