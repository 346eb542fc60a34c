package org.warrenmq.broker.amqp;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.warrenmq.broker.config.NodeLimits;

/**
 * How many connections are open on the node, in each virtual host and of each user, and how many
 * channels those have. Any thread; who counts is a {@link Presence}.
 */
public final class Usage {
  /** By this name the node's are counted. */
  static final String NODE = "";

  final NodeLimits limits;
  final Counts nodeConnections = new Counts();
  final Counts nodeChannels = new Counts();
  final Counts vhostConnections = new Counts();
  final Counts userConnections = new Counts();
  final Counts userChannels = new Counts();

  /**
   * @param limits of the node
   */
  public Usage(NodeLimits limits) {
    this.limits = limits;
  }

  /** Of a node without limits. */
  public Usage() {
    this(NodeLimits.NONE);
  }

  /** So many of each name; there are no entries for none. */
  static final class Counts {
    private final Map<String, Integer> byName = new ConcurrentHashMap<>();

    /**
     * There is one more, unless there are as many as may be.
     *
     * @param most negative: however many
     */
    boolean enter(String name, int most) {
      AtomicBoolean entered = new AtomicBoolean();
      byName.compute(
          name,
          (_, count) -> {
            int present = count == null ? 0 : count;
            entered.setPlain(most < 0 || present < most);
            return entered.getPlain() ? Integer.valueOf(present + 1) : count;
          });
      return entered.getPlain();
    }

    /** There are so many less. */
    void leave(String name, int gone) {
      byName.computeIfPresent(name, (_, count) -> count > gone ? count - gone : null);
    }
  }
}
