package org.warrenmq.broker.topology;

import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.queue.QueueAddress;
import org.warrenmq.router.QueueDestination;

/**
 * A queue as the rest of the broker knows it: its name, its declaration, its owner and the address
 * of its room. Immutable; made by the topology, read from any thread.
 */
public final class QueueEntry implements QueueDestination {
  private final VirtualHost vhost;
  private final QueueSpec spec;
  private final @Nullable Owner owner;
  private final QueueAddress room;

  /**
   * @param owner the connection an exclusive queue belongs to, compared by identity
   */
  QueueEntry(VirtualHost vhost, QueueSpec spec, @Nullable Owner owner, QueueAddress room) {
    this.vhost = vhost;
    this.spec = spec;
    this.owner = owner;
    this.room = room;
  }

  @Override
  public String name() {
    return spec.name();
  }

  public VirtualHost vhost() {
    return vhost;
  }

  public QueueSpec spec() {
    return spec;
  }

  public QueueAddress room() {
    return room;
  }

  /** Whether this connection may use the queue: it is not exclusive, or it is its own. */
  public boolean isOpenTo(Owner connection) {
    return owner == null || owner == connection;
  }

  /** Whether a declaration by this owner (null for a shared queue) means the same ownership. */
  boolean isOwnedBy(@Nullable Owner connection) {
    return owner == connection;
  }

  @Nullable Owner owner() {
    return owner;
  }
}
