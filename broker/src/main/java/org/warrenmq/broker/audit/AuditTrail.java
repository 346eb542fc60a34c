package org.warrenmq.broker.audit;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.auth.Peer;
import org.warrenmq.broker.topology.TopologyCommand;
import org.warrenmq.broker.topology.TopologyReply;
import org.warrenmq.engine.loop.ReplyTo;

/**
 * Takes down what one user changes, from one place. Any thread.
 *
 * @param from null for who is at the node itself, by its command line
 */
public record AuditTrail(AuditLog audit, String user, @Nullable Peer from) {
  /** The same return address, but that what comes of the command is taken down there. */
  public ReplyTo<TopologyReply> follow(TopologyCommand command, ReplyTo<TopologyReply> reply) {
    return new ReplyTo<>(
        reply.room(),
        answer -> {
          record(command, answer);
          reply.action().accept(answer);
        });
  }

  /** A command was carried out, or refused. */
  public void record(TopologyCommand command, TopologyReply answer) {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("user", user);
    details.put("from", from == null ? "command line" : from.toString().substring(1));
    String what = Changes.describe(command, details);
    if (answer instanceof TopologyReply.Refused(var error)) {
      details.put("refused", error.text());
    }
    audit.record(what, details);
  }
}
