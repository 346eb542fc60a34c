package org.warrenmq.broker.topology;

import static org.warrenmq.codec.ReplyCode.ACCESS_REFUSED;
import static org.warrenmq.codec.ReplyCode.CONNECTION_FORCED;
import static org.warrenmq.codec.ReplyCode.NOT_FOUND;
import static org.warrenmq.codec.ReplyCode.PRECONDITION_FAILED;
import static org.warrenmq.codec.ReplyCode.RESOURCE_LOCKED;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.ConnectionError;
import org.warrenmq.codec.FieldValue;

/** The errors of declarations and look-ups, in RabbitMQ's words: clients match on them. */
public final class Refusal {
  private Refusal() {}

  public static ChannelError noQueue(String name, String vhost) {
    return new ChannelError(NOT_FOUND, "no queue '" + name + "' in vhost '" + vhost + "'");
  }

  /** The virtual host of a connection was deleted. */
  static ConnectionError vhostGone(String name) {
    return new ConnectionError(CONNECTION_FORCED, "vhost '" + name + "' is deleted");
  }

  public static ChannelError noVhost(String name) {
    return new ChannelError(NOT_FOUND, "no vhost '" + name + "'");
  }

  static ChannelError noUser(String name) {
    return new ChannelError(NOT_FOUND, "no user '" + name + "'");
  }

  /** Something about users that cannot be. */
  static ChannelError invalidAccount(String fault) {
    return new ChannelError(PRECONDITION_FAILED, fault);
  }

  /** A policy or parameter that cannot be. */
  static ChannelError invalidParameter(List<String> faults) {
    return new ChannelError(
        PRECONDITION_FAILED, "Validation failed\n\n" + String.join("\n", faults) + "\n");
  }

  static ChannelError policyAsParameter(String done) {
    return new ChannelError(
        PRECONDITION_FAILED, "policies may not be " + done + " using this method");
  }

  /** A policy or parameter that is not there. */
  static ChannelError noParameter() {
    return new ChannelError(NOT_FOUND, "Parameter does not exist");
  }

  static ChannelError tooManyQueues(String queue, String vhost, int limit) {
    return new ChannelError(
        PRECONDITION_FAILED,
        "cannot declare queue '%s': queue limit in vhost '%s' (%d) is reached"
            .formatted(queue, vhost, limit));
  }

  /** There is as much on the node as may be. */
  static ChannelError tooMany(String text) {
    return new ChannelError(PRECONDITION_FAILED, text);
  }

  static ChannelError invalidVhost(String fault) {
    return new ChannelError(PRECONDITION_FAILED, "invalid vhost: " + fault);
  }

  public static ChannelError noExchange(String name, String vhost) {
    return new ChannelError(NOT_FOUND, "no exchange '" + name + "' in vhost '" + vhost + "'");
  }

  public static ChannelError defaultExchange() {
    return new ChannelError(ACCESS_REFUSED, "operation not permitted on the default exchange");
  }

  public static ChannelError reservedPrefix(String kind, String name) {
    return new ChannelError(
        ACCESS_REFUSED, kind + " name '" + name + "' contains reserved prefix 'amq.*'");
  }

  public static ChannelError locked(String queue, String vhost) {
    return new ChannelError(
        RESOURCE_LOCKED,
        "cannot obtain exclusive access to locked queue '"
            + queue
            + "' in vhost '"
            + vhost
            + "'. It could be originally declared on another connection or the exclusive property"
            + " value does not match that of the original declaration.");
  }

  public static ChannelError exclusiveUse(String queue, String vhost) {
    return new ChannelError(
        ACCESS_REFUSED, "queue '" + queue + "' in vhost '" + vhost + "' in exclusive use");
  }

  static ChannelError inUse(String kind, String name, String vhost) {
    return new ChannelError(
        PRECONDITION_FAILED, kind + " '" + name + "' in vhost '" + vhost + "' in use");
  }

  static ChannelError notEmpty(String queue, String vhost) {
    return new ChannelError(
        PRECONDITION_FAILED, "queue '" + queue + "' in vhost '" + vhost + "' not empty");
  }

  static ChannelError systemExchange(String name, String vhost) {
    return new ChannelError(
        ACCESS_REFUSED,
        "deletion of system exchange '" + name + "' in vhost '" + vhost + "' not allowed");
  }

  static ChannelError unknownExchangeType(String type) {
    String word = type.isEmpty() ? "invalid" : "unknown";
    return new ChannelError(PRECONDITION_FAILED, word + " exchange type '" + type + "'");
  }

  /** A property of a declaration differs from what exists. */
  static ChannelError inequivalent(
      String property, String kind, String name, String vhost, Object given, Object current) {
    return new ChannelError(
        PRECONDITION_FAILED,
        inequivalence(property, kind, name, vhost)
            + "received '"
            + given
            + "' but current is '"
            + current
            + "'");
  }

  /** An argument of a declaration differs from what exists. */
  static ChannelError inequivalentArgument(
      String argument,
      String kind,
      String name,
      String vhost,
      @Nullable FieldValue given,
      @Nullable FieldValue current) {
    if (given != null && current != null) {
      return inequivalent(argument, kind, name, vhost, given.display(), current.display());
    }
    return new ChannelError(
        PRECONDITION_FAILED,
        inequivalence(argument, kind, name, vhost)
            + "received "
            + describe(given)
            + " but current is "
            + describe(current));
  }

  private static String inequivalence(String what, String kind, String name, String vhost) {
    return "inequivalent arg '%s' for %s '%s' in vhost '%s': ".formatted(what, kind, name, vhost);
  }

  private static String describe(@Nullable FieldValue value) {
    return value == null
        ? "none"
        : "the value '" + value.display() + "' of type '" + value.typeName() + "'";
  }
}
