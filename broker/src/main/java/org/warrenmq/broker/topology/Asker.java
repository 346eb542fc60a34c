package org.warrenmq.broker.topology;

/** Who waits for the answer to a command on this node: a connection, as a rule. */
@FunctionalInterface
public interface Asker {
  /** Whether it has given up its exclusive queues: it gets no new ones. Any thread. */
  boolean isGone();
}
