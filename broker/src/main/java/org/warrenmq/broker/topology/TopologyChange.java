package org.warrenmq.broker.topology;

import org.jspecify.annotations.Nullable;
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
  /** Something is there from now on. */
  sealed interface Addition extends TopologyChange {
    /** The name of the virtual host that it is in, or is. */
    String vhost();
  }

  /** Something is there no more. */
  sealed interface Deletion extends TopologyChange {}

  record VhostAdded(String name) implements Addition {
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
  record ExchangeAdded(ExchangeSpec spec, RoomIds rooms) implements Addition {
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
      implements Addition {}

  record QueueRemoved(long id, String vhost, String name, boolean durable, int maxPriority)
      implements Deletion {}

  /**
   * @param durable whether both its ends are
   */
  record BindingAdded(String vhost, BindingSpec binding, boolean durable) implements Addition {}

  record BindingRemoved(String vhost, BindingSpec binding, boolean durable) implements Deletion {}
}
