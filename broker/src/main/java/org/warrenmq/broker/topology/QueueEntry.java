package org.warrenmq.broker.topology;

import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.queue.QueueAddress;
import org.warrenmq.router.QueueDestination;

/**
 * A queue as the rest of the broker knows it: its name, its declaration, its owner and the address
 * of its room. Made by the topology, which changes the policies that hold for it; read from any
 * thread.
 */
public sealed class QueueEntry implements QueueDestination permits RoomEntry {
  private final String vhost;
  private final QueueSpec spec;
  private final @Nullable ConnectionId owner;
  private final QueueAddress room;
  private volatile AppliedPolicies policies;

  /**
   * @param owner the connection an exclusive queue belongs to
   * @param policies what holds for it, and its room knows
   */
  QueueEntry(
      String vhost,
      QueueSpec spec,
      @Nullable ConnectionId owner,
      QueueAddress room,
      AppliedPolicies policies) {
    this.vhost = vhost;
    this.spec = spec;
    this.owner = owner;
    this.room = room;
    this.policies = policies;
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

  /** The policies that hold for it. */
  public AppliedPolicies policies() {
    return policies;
  }

  /** Others hold from now on. */
  void policies(AppliedPolicies others) {
    policies = others;
  }

  /**
   * Milliseconds in which what is delivered has to be acked, 0 for any time: no number, or one
   * below 1, sets no bound.
   *
   * @param otherwise what holds where neither declaration nor policies say
   */
  public long ackTimeout(long otherwise) {
    return PolicyMerge.ackTimeout(spec.arguments(), policies.definition(), otherwise);
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
