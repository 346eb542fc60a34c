package org.warrenmq.broker.cli;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.warrenmq.admin.local.LocalApi;

/** The verbs that do something to queues and connections. Stateless. */
final class OperationVerbs {
  private static final String PRECONDITION = "PRECONDITION_FAILED - ";

  private OperationVerbs() {}

  static List<Verb> all() {
    return List.of(
        Verb.of("purge_queue", "Removes all messages of a queue that are ready", "<queue>")
            .says("Purging queue '{0}' in vhost '{vhost}' ...")
            .does(OperationVerbs::purge),
        Verb.of("delete_queue", "Deletes a queue", "<queue>")
            .with(Flag.IF_EMPTY, Flag.IF_UNUSED)
            .saying(OperationVerbs::deleting)
            .does(OperationVerbs::delete),
        Verb.of("close_connection", "Closes a connection", "<pid|name>", "<reason>")
            .says("Closing connection {0}, reason: {1}...")
            .does(OperationVerbs::close),
        Verb.of("close_all_connections", "Closes connections, of a virtual host or all", "<reason>")
            .with(Flag.GLOBAL, Flag.LIMIT, Flag.PER_CONNECTION_DELAY)
            .saying(
                call ->
                    call.fill(
                        call.has(Flag.GLOBAL)
                            ? "Closing all connections to node {node} (across all vhosts), reason:"
                                + " {0}..."
                            : "Closing all connections in vhost {vhost}, reason: {0}..."))
            .does(OperationVerbs::closeAll),
        Verb.of(
                "close_all_user_connections",
                "Closes the connections of a user",
                "<username>",
                "<reason>")
            .says("Closing connections of user {0}, reason: {1}...")
            .does(
                call ->
                    Call.done(
                        call.api()
                            .delete(
                                LocalApi.path("connections", "username", call.given(0)),
                                call.given(1)))));
  }

  private static String queue(Call call) {
    return LocalApi.path("queues", call.vhost(), call.given(0));
  }

  private static Answer purge(Call call) throws IOException, Refused {
    LocalApi.Answer answer = call.api().delete(queue(call) + "/contents");
    if (answer.status() == Call.NOT_FOUND) {
      throw Refused.noObject();
    }
    return Call.done(answer);
  }

  private static String deleting(Call call) throws IOException, Refused {
    StringBuilder how = new StringBuilder("Deleting queue '{0}' on vhost '{vhost}' ");
    if (call.has(Flag.IF_EMPTY)) {
      how.append("if queue is empty ");
    }
    if (call.has(Flag.IF_UNUSED)) {
      how.append(call.has(Flag.IF_EMPTY) ? "and " : "").append("if queue is unused ");
    }
    return call.fill(how.append("...").toString());
  }

  private static Answer delete(Call call) throws IOException, Refused {
    LocalApi.Answer there = call.api().get(queue(call));
    if (there.status() == Call.NOT_FOUND) {
      throw Refused.error(Refused.USAGE, "Queue not found");
    }
    int ready =
        Call.good(there).json() instanceof JsonObject queue
            ? queue.getInteger("messages_ready", 0)
            : 0;
    LocalApi.Answer answer =
        call.api()
            .delete(
                "%s?if-empty=%s&if-unused=%s"
                    .formatted(queue(call), call.has(Flag.IF_EMPTY), call.has(Flag.IF_UNUSED)));
    if (!answer.isGood() && answer.reason().startsWith(PRECONDITION)) {
      throw Refused.error(
          Refused.UNAVAILABLE,
          "{:amqp_error, :precondition_failed, ~c\"%s\", :none}"
              .formatted(answer.reason().substring(PRECONDITION.length())));
    }
    Call.good(answer);
    return new Answer.Text(
        "Queue was successfully deleted with %d ready messages".formatted(ready));
  }

  // Connections.

  private static Answer close(Call call) throws IOException, Refused {
    String wanted = call.given(0);
    for (JsonObject connection : call.rows("/connections")) {
      String name = String.valueOf(connection.getValue("name"));
      if (wanted.equals(name) || wanted.equals(Names.connection(connection))) {
        return Call.gone(call.api().delete(LocalApi.path("connections", name), call.given(1)));
      }
    }
    if (!wanted.startsWith("<") && !wanted.contains(":")) {
      throw Refused.error(
          Refused.UNAVAILABLE, "Error:\n{:invalid_pid_syntax, \"%s\"}".formatted(wanted));
    }
    return new Answer.Nothing();
  }

  private static Answer closeAll(Call call) throws IOException, Refused {
    long limit = limit(call);
    int closed = 0;
    for (JsonObject connection : call.rows("/connections")) {
      boolean meant = call.has(Flag.GLOBAL) || call.vhost().equals(connection.getValue("vhost"));
      if (meant && (limit == 0 || closed < limit)) {
        String name = String.valueOf(connection.getValue("name"));
        Call.gone(call.api().delete(LocalApi.path("connections", name), call.given(0)));
        closed++;
      }
    }
    return new Answer.Text("Closed %d connections".formatted(closed));
  }

  private static long limit(Call call) throws Refused {
    String limit = call.value(Flag.LIMIT, "0");
    try {
      return Long.parseLong(limit);
    } catch (NumberFormatException e) {
      throw Refused.badArgument("Argument must be an integer: " + limit.toLowerCase(Locale.ROOT));
    }
  }
}
