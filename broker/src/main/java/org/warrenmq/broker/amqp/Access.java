package org.warrenmq.broker.amqp;

import static org.warrenmq.codec.ReplyCode.ACCESS_REFUSED;

import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.auth.AuthBackend;
import org.warrenmq.broker.auth.Operation;
import org.warrenmq.broker.auth.Permissions;
import org.warrenmq.broker.auth.User;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.router.Exchange;

/**
 * What the user of a connection may do in its virtual host; refusals are RabbitMQ's. Runs on the
 * connection's loop.
 *
 * <p>Names that were allowed are remembered, {@value #MOST_NAMES} of them with {@value #MOST_COST}
 * bytes at most, until anybody's permissions change: whoever loses one loses it at the next method.
 */
final class Access {
  static final String QUEUE = "queue";
  static final String EXCHANGE = "exchange";

  /** What permissions call the nameless exchange. */
  private static final String DEFAULT_EXCHANGE = "amq.default";

  private static final String TOPIC = "topic";
  private static final int MOST_NAMES = 64;
  private static final int MOST_COST = 8 << 10;

  /** What a name takes beside its characters, in bytes, about. */
  private static final int COST = 120;

  private final AuthBackend auth;
  private final User user;
  private final String vhost;
  private final ReadGate gate;
  private final Map<Operation, Set<String>> allowed = new EnumMap<>(Operation.class);
  private int names;
  private long held;

  /** What there is as of an epoch. */
  private Permissions permissions = Permissions.NONE;

  private long epoch = -1;

  /** The exchange of the last publish, which was allowed; the next mostly goes there, too. */
  private @Nullable String published;

  /**
   * @param gate charged with what is remembered
   */
  Access(AuthBackend auth, User user, String vhost, ReadGate gate) {
    this.auth = auth;
    this.user = user;
    this.vhost = vhost;
    this.gate = gate;
  }

  /** Forgets what is remembered for speed. */
  void forget() {
    allowed.clear();
    published = null;
    names = 0;
    gate.keep(-held);
    held = 0;
  }

  /**
   * Of every publish.
   *
   * @throws ChannelError when the user may not publish there
   */
  void checkPublish(String exchange) {
    if (!exchange.equals(published) || epoch != auth.epoch()) {
      check(Operation.WRITE, EXCHANGE, exchange);
      published = exchange;
    }
  }

  /**
   * Something is to be done with a queue or an exchange, there or not.
   *
   * @throws ChannelError when the user may not do it
   */
  void check(Operation operation, String kind, String given) {
    String name = given.isEmpty() ? DEFAULT_EXCHANGE : given;
    refresh();
    Set<String> known = allowed.get(operation);
    if (known != null && known.contains(name)) {
      return;
    }
    if (!permissions.allow(operation, name)) {
      throw new ChannelError(
          ACCESS_REFUSED,
          "%s access to %s '%s' in vhost '%s' refused for user '%s'"
              .formatted(operation, kind, name, vhost, user.name()));
    }
    remember(operation, name);
  }

  private void refresh() {
    long now = auth.epoch();
    if (now != epoch) {
      forget();
      permissions = auth.permissions(user, vhost);
      epoch = now;
    }
  }

  private void remember(Operation operation, String name) {
    int cost = COST + 2 * name.length();
    if (names == MOST_NAMES || held + cost > MOST_COST) {
      forget();
    }
    names++;
    held += cost;
    gate.keep(cost);
    allowed.computeIfAbsent(operation, _ -> new HashSet<>(4)).add(name);
  }

  /** Whether routing keys matter, as of the last check. */
  boolean limitsTopics() {
    return !permissions.topics().isEmpty();
  }

  /**
   * A routing key is to be used with an exchange, which that was checked for.
   *
   * @throws ChannelError when it is a topic exchange, and the user may not do it
   */
  void checkTopic(Operation operation, Exchange exchange, String key) {
    if (exchange.spec().type().equals(TOPIC)
        && !permissions.allowTopic(operation, exchange.name(), key)) {
      throw new ChannelError(
          ACCESS_REFUSED,
          "%s access to topic '%s' in exchange '%s' in vhost '%s' refused for user '%s'"
              .formatted(operation, key, exchange.name(), vhost, user.name()));
    }
  }
}
