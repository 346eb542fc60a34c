package org.warrenmq.broker.amqp;

import static org.warrenmq.codec.ReplyCode.ACCESS_REFUSED;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.auth.Authority;
import org.warrenmq.broker.auth.Operation;
import org.warrenmq.broker.auth.Rights;
import org.warrenmq.broker.auth.User;
import org.warrenmq.broker.auth.Verdict;
import org.warrenmq.broker.auth.Wish;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.router.Exchange;

/**
 * What the user of a connection may do in its virtual host; refusals are RabbitMQ's. Runs on the
 * connection's loop.
 *
 * <p>What was allowed is remembered, {@value #MOST_WISHES} of it with {@value #MOST_COST} bytes at
 * most, until anybody's permissions change: whoever loses one loses it at the next method. Where
 * each wish has to be asked for ({@link Authority#rights} is null), a check that finds none
 * remembered is {@link Undecided}.
 */
final class Access {
  static final String QUEUE = "queue";
  static final String EXCHANGE = "exchange";

  /** What permissions call the nameless exchange. */
  private static final String DEFAULT_EXCHANGE = "amq.default";

  private static final String TOPIC = "topic";
  private static final int MOST_WISHES = 64;
  private static final int MOST_COST = 8 << 10;

  /** What a wish takes beside its characters, in bytes, about. */
  private static final int COST = 120;

  private final User user;
  private final String vhost;
  private final ReadGate gate;

  /** {@link Set#of} until there is anything: most connections stand idle. */
  private Set<Wish> allowed = Set.of();

  private Authority authority;
  private long held;

  /** What there is as of an epoch; null where each wish has to be asked for. */
  private @Nullable Rights rights;

  private long epoch = -1;

  /** The exchange of the last publish, which was allowed; the next mostly goes there, too. */
  private @Nullable String published;

  /**
   * @param gate charged with what is remembered
   */
  Access(Authority authority, User user, String vhost, ReadGate gate) {
    this.authority = authority;
    this.user = user;
    this.vhost = vhost;
    this.gate = gate;
  }

  /** Says what the user may do. */
  Authority authority() {
    return authority;
  }

  /** Somebody else says that from now on. */
  void authority(Authority other) {
    authority = other;
    epoch = -1;
    forget();
  }

  /** Forgets what is remembered for speed. */
  void forget() {
    allowed = Set.of();
    published = null;
    gate.keep(-held);
    held = 0;
  }

  /**
   * Of every publish.
   *
   * @throws ChannelError when the user may not publish there
   */
  void checkPublish(String exchange) {
    if (!exchange.equals(published) || epoch != authority.epoch()) {
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
    check(new Wish(operation, kind, name));
  }

  /**
   * As what a queue is to be checked that the broker has named. Where it has to be asked for, the
   * next time would be another name, without an end: there it is what all of them begin with.
   */
  String namedByServer(String name) {
    refresh();
    return rights == null ? ServerNames.QUEUES : name;
  }

  private void check(Wish wish) {
    refresh();
    if (allowed.contains(wish)) {
      return;
    }
    Rights known = rights;
    if (known == null) {
      throw new Undecided(wish);
    }
    if (!known.allow(wish.operation(), wish.name())) {
      throw refusal(wish, new Verdict.Denied());
    }
    remember(wish);
  }

  /** The refusal of a wish. */
  ChannelError refusal(Wish wish, Verdict verdict) {
    String key = wish.key();
    String text =
        key == null
            ? "%s access to %s '%s' in vhost '%s' refused for user '%s'"
                .formatted(wish.operation(), wish.kind(), wish.name(), vhost, user.name())
            : "%s access to topic '%s' in exchange '%s' in vhost '%s' refused for user '%s'"
                .formatted(wish.operation(), key, wish.name(), vhost, user.name());
    return new ChannelError(ACCESS_REFUSED, verdict.explain(text));
  }

  private void refresh() {
    long now = authority.epoch();
    if (now != epoch) {
      forget();
      rights = authority.rights(vhost);
      epoch = now;
    }
  }

  /** Asks whether a wish is granted. */
  CompletionStage<Verdict> ask(Wish wish) {
    return authority.ask(vhost, wish);
  }

  /** It is. */
  void remember(Wish wish) {
    String key = wish.key();
    int cost = COST + 2 * (wish.name().length() + (key == null ? 0 : key.length()));
    if (allowed.size() == MOST_WISHES || held + cost > MOST_COST) {
      forget();
    }
    if (allowed.isEmpty()) {
      allowed = new HashSet<>(4);
    }
    if (allowed.add(wish)) {
      held += cost;
      gate.keep(cost);
    }
  }

  /** Whether routing keys matter, as of the last check. */
  boolean limitsTopics() {
    return rights == null || rights.limitTopics();
  }

  /**
   * A routing key is to be used with an exchange, which that was checked for.
   *
   * @throws ChannelError when it is a topic exchange, and the user may not do it
   */
  void checkTopic(Operation operation, Exchange exchange, String key) {
    if (!exchange.spec().type().equals(TOPIC)) {
      return;
    }
    Rights known = rights;
    Wish wish = Wish.topic(operation, exchange.name(), key);
    if (known == null) {
      if (!allowed.contains(wish)) {
        throw new Undecided(wish);
      }
    } else if (!known.allowTopic(operation, exchange.name(), key)) {
      throw refusal(wish, new Verdict.Denied());
    }
  }
}
