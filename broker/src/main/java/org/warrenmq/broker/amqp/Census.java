package org.warrenmq.broker.amqp;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.warrenmq.admin.node.Facts;

/** What operators see of open connections, and how they close some. Immutable, any thread. */
public record Census(List<AmqpServer> servers) {
  public Census {
    servers = List.copyOf(servers);
  }

  /** All that are open, by name. */
  public CompletableFuture<List<Facts.Connection>> connections() {
    List<Facts.Connection> all = Collections.synchronizedList(new ArrayList<>());
    return forEach(connection -> all.add(connection.facts()))
        .thenApply(_ -> all.stream().sorted(Comparator.comparing(Facts.Connection::name)).toList());
  }

  /** Closes those of some names; done when they have been told. */
  public CompletableFuture<Void> close(Set<String> names, String reason) {
    return forEach(
        connection -> {
          if (names.contains(connection.facts().name())) {
            connection.force(reason);
          }
        });
  }

  private CompletableFuture<Void> forEach(Consumer<OpenConnection> each) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    AtomicInteger left = new AtomicInteger(servers.size());
    for (AmqpServer server : servers) {
      server.forEach(
          each,
          () -> {
            if (left.decrementAndGet() == 0) {
              done.complete(null);
            }
          });
    }
    return done;
  }
}
