package org.warrenmq.broker.topology;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.auth.Limits;
import org.warrenmq.broker.auth.PasswordHash;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.router.ExchangeSpec;

/**
 * Something that was decided: names and values only. Applied to a {@link Catalogue} in the order of
 * the decisions, these make the same catalogue anywhere: when they are decided, and when a start
 * reads them.
 *
 * <p>What goes with something else (the bindings of a queue, an exchange that deletes itself) is
 * not decided but follows, by the same rules everywhere.
 */
public sealed interface TopologyChange {
  /** Something is there from now on, or is another than it was. */
  sealed interface Addition extends TopologyChange {}

  /** Something of a virtual host. */
  sealed interface VhostAddition extends Addition {
    /** The name of the virtual host that it is in, or is. */
    String vhost();
  }

  /** Something about users and what they may do. */
  sealed interface AccountAddition extends Addition {}

  /** Something is there no more. */
  sealed interface Deletion extends TopologyChange {}

  /** Something about users and what they may do. */
  sealed interface AccountDeletion extends Deletion {}

  record VhostAdded(String name) implements VhostAddition {
    @Override
    public String vhost() {
      return name;
    }
  }

  /** It goes with all that is in it. */
  record VhostRemoved(String name) implements Deletion {}

  /**
   * @param rooms where it keeps its state
   */
  record ExchangeAdded(ExchangeSpec spec, RoomIds rooms) implements VhostAddition {
    /** One without state. */
    public ExchangeAdded(ExchangeSpec spec) {
      this(spec, RoomIds.NONE);
    }

    @Override
    public String vhost() {
      return spec.vhost();
    }
  }

  record ExchangeRemoved(String vhost, String name, boolean durable) implements Deletion {}

  /**
   * @param id never used for another queue
   * @param home the event loop on which it lives
   * @param owner the connection that an exclusive queue belongs to
   */
  record QueueAdded(long id, String vhost, QueueSpec spec, int home, @Nullable ConnectionId owner)
      implements VhostAddition {}

  record QueueRemoved(long id, String vhost, String name, boolean durable, int maxPriority)
      implements Deletion {}

  /**
   * @param durable whether both its ends are
   */
  record BindingAdded(String vhost, BindingSpec binding, boolean durable)
      implements VhostAddition {}

  record BindingRemoved(String vhost, BindingSpec binding, boolean durable) implements Deletion {}

  /** What a virtual host may hold. */
  record VhostLimitsSet(String vhost, Limits limits) implements VhostAddition {}

  record VhostLimitsRemoved(String vhost) implements Deletion {}

  /** What is noted of a virtual host. */
  record VhostDescribed(String vhost, VhostTraits traits) implements VhostAddition {}

  /** Nothing is noted of it any more. */
  record VhostUndescribed(String vhost) implements Deletion {}

  /** A policy is there, or is another one. What it matches follows it. */
  record PolicySet(PolicySpec spec) implements VhostAddition {
    @Override
    public String vhost() {
      return spec.vhost();
    }
  }

  record PolicyRemoved(PolicySpec.Kind kind, String vhost, String name) implements Deletion {}

  /** A parameter of a virtual host. */
  record ParameterSet(Parameter parameter) implements VhostAddition {
    @Override
    public String vhost() {
      return parameter.vhost();
    }
  }

  record ParameterRemoved(String vhost, String component, String name) implements Deletion {}

  /** A parameter of the whole node, or all of them. */
  record GlobalParameterSet(String name, FieldValue value) implements Addition {}

  record GlobalParameterRemoved(String name) implements Deletion {}

  /** From now on there are the users that are told of, and no others. */
  record AccountsBegun() implements AccountAddition {}

  /** A user is there, or is another one; permissions stay. */
  record UserSet(String name, PasswordHash password, List<String> tags, Limits limits)
      implements AccountAddition {}

  /** A user goes with all permissions. */
  record UserRemoved(String name) implements AccountDeletion {}

  record PermissionsSet(String user, String vhost, String configure, String write, String read)
      implements AccountAddition {}

  record PermissionsRemoved(String user, String vhost) implements AccountDeletion {}

  record TopicPermissionsSet(String user, String vhost, String exchange, String write, String read)
      implements AccountAddition {}

  record TopicPermissionsRemoved(String user, String vhost, String exchange)
      implements AccountDeletion {}
}
