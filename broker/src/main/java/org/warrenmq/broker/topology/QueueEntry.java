package org.warrenmq.broker.topology;

import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.engine.queue.QueueAddress;
import org.warrenmq.router.QueueDestination;

/**
 * A queue as the rest of the broker knows it: its name, its declaration, its owner and the address
 * of its room. Immutable; made by the topology, read from any thread.
 */
public sealed class QueueEntry implements QueueDestination permits RoomEntry {
  private final String vhost;
  private final QueueSpec spec;
  private final @Nullable ConnectionId owner;
  private final QueueAddress room;

  /**
   * @param owner the connection an exclusive queue belongs to
   */
  QueueEntry(String vhost, QueueSpec spec, @Nullable ConnectionId owner, QueueAddress room) {
    this.vhost = vhost;
    this.spec = spec;
    this.owner = owner;
    this.room = room;
  }

  @Override
  public String name() {
    return spec.name();
  }

  @Override
  public String type() {
    return spec.type();
  }

  /** The name of its virtual host. */
  public String vhost() {
    return vhost;
  }

  public QueueSpec spec() {
    return spec;
  }

  public QueueAddress room() {
    return room;
  }

  /**
   * Milliseconds in which what is delivered has to be acked, 0 for any time: no number, or one
   * below 1, sets no bound.
   *
   * @param otherwise what holds where the declaration does not say
   */
  public long ackTimeout(long otherwise) {
    FieldValue own = QueueArgument.CONSUMER_TIMEOUT.in(spec.arguments());
    if (own == null) {
      return otherwise;
    }
    return own.isInteger() ? Math.max(0, own.asLong()) : 0;
  }

  /** Whether this connection may use the queue: it is not exclusive, or it is its own. */
  public boolean isOpenTo(ConnectionId connection) {
    return owner == null || owner.equals(connection);
  }

  /** The connection it belongs to; null for a shared queue. */
  public @Nullable ConnectionId owner() {
    return owner;
  }

  @Override
  public String toString() {
    return "QueueEntry['%s' in '%s']".formatted(spec.name(), vhost);
  }
}
