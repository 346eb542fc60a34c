package org.warrenmq.broker.http;

import static org.warrenmq.broker.auth.Operation.CONFIGURE;
import static org.warrenmq.broker.auth.Operation.READ;
import static org.warrenmq.broker.auth.Operation.WRITE;
import static org.warrenmq.codec.ReplyCode.ACCESS_REFUSED;
import static org.warrenmq.codec.ReplyCode.PRECONDITION_FAILED;

import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.node.Caller;
import org.warrenmq.broker.auth.Operation;
import org.warrenmq.broker.auth.User;
import org.warrenmq.broker.auth.Wish;
import org.warrenmq.broker.topology.VirtualHost;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.WireString;
import org.warrenmq.router.Exchange;

/**
 * What a caller may do in a virtual host: the same as by AMQP. Who owns the data folder may do
 * everything. Immutable; asked on threads that may wait.
 */
final class CallerAccess {
  private static final String DEFAULT_EXCHANGE = "amq.default";
  private static final String TOPIC = "topic";

  private final Caller caller;
  private final VirtualHost vhost;

  CallerAccess(Caller caller, VirtualHost vhost) {
    this.caller = caller;
    this.vhost = vhost;
  }

  static User user(Caller caller) {
    return new User(caller.name(), caller.tags());
  }

  private boolean may(Wish wish) {
    return caller.standing() instanceof CallerStanding standing
        ? standing.may(vhost.name(), wish)
        : caller.isLocal();
  }

  private void check(Operation operation, String kind, String given) {
    checkLength(kind + " name", given);
    String name = given.isEmpty() ? DEFAULT_EXCHANGE : given;
    if (!may(new Wish(operation, kind, name))) {
      throw new ChannelError(
          ACCESS_REFUSED,
          "%s access to %s '%s' in vhost '%s' refused for user '%s'"
              .formatted(operation, kind, name, vhost.name(), caller.name()));
    }
  }

  void checkConfigureQueue(String name) {
    check(CONFIGURE, "queue", name);
  }

  void checkReadQueue(String name) {
    check(READ, "queue", name);
  }

  void checkConfigureExchange(String name) {
    if (!name.isEmpty()) {
      check(CONFIGURE, "exchange", name);
    }
  }

  /**
   * A new queue or exchange sends messages to an exchange by itself.
   *
   * @param exchange null if it does not
   */
  void checkLeads(String kind, String name, @Nullable String exchange) {
    if (exchange != null) {
      check(READ, kind, name);
      check(WRITE, "exchange", exchange);
    }
  }

  void checkBind(String source, String destination, boolean toQueue, String key) {
    check(WRITE, toQueue ? "queue" : "exchange", destination);
    check(READ, "exchange", source);
    checkTopic(READ, source, key);
  }

  void checkPublish(String exchange, String key) {
    check(WRITE, "exchange", exchange);
    checkTopic(WRITE, exchange, key);
  }

  /** JSON has room for what no method of AMQP could name. */
  private static void checkLength(String what, String text) {
    if (WireString.encodedLength(text) > WireString.MAX_SHORT) {
      throw new ChannelError(
          PRECONDITION_FAILED,
          "the %s has more than %d octets".formatted(what, WireString.MAX_SHORT));
    }
  }

  private void checkTopic(Operation operation, String name, String key) {
    checkLength("routing key", key);
    Exchange exchange = vhost.exchanges().find(name);
    if (exchange != null
        && exchange.spec().type().equals(TOPIC)
        && !may(Wish.topic(operation, name, key))) {
      throw new ChannelError(
          ACCESS_REFUSED,
          "%s access to topic '%s' in exchange '%s' in vhost '%s' refused for user '%s'"
              .formatted(operation, key, name, vhost.name(), caller.name()));
    }
  }
}
