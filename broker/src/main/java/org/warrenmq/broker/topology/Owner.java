package org.warrenmq.broker.topology;

/** A connection, as far as exclusive queues are concerned; compared by identity. */
public interface Owner {
  /** True once it has given up its queues: it gets no new ones. Any thread. */
  boolean hasEnded();
}
