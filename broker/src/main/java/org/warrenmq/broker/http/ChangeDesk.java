package org.warrenmq.broker.http;

import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.node.Caller;
import org.warrenmq.admin.node.NodeCommands;
import org.warrenmq.admin.node.NodeDesk;
import org.warrenmq.broker.amqp.Census;
import org.warrenmq.broker.audit.AuditLog;
import org.warrenmq.broker.audit.AuditTrail;
import org.warrenmq.broker.topology.Topology;
import org.warrenmq.store.Store;

/**
 * Takes commands of callers, and has them taken down as theirs. Immutable, any thread.
 *
 * @param audit null where nothing is taken down
 */
public record ChangeDesk(Topology topology, Census census, Store store, @Nullable AuditLog audit)
    implements NodeDesk {
  @Override
  public NodeCommands of(Caller caller) {
    return new NodeChanges(
        topology, census, store, audit == null ? null : trail(audit, caller), caller);
  }

  private static AuditTrail trail(AuditLog audit, Caller caller) {
    return caller.standing() instanceof CallerStanding standing
        ? new AuditTrail(audit, caller.name(), standing.peer())
        : new AuditTrail(audit, "operator", null);
  }
}
