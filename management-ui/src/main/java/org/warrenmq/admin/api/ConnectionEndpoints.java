package org.warrenmq.admin.api;

import static org.warrenmq.admin.http.Authority.MANAGEMENT;
import static org.warrenmq.admin.http.Authority.OWNER;
import static org.warrenmq.admin.http.Authority.VHOST;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.http.ApiError;
import org.warrenmq.admin.http.Reply;
import org.warrenmq.admin.http.Request;
import org.warrenmq.admin.http.Route;
import org.warrenmq.admin.node.Facts;
import org.warrenmq.admin.node.NodeDesk;
import org.warrenmq.admin.node.NodeView;

/**
 * Connections, channels and consumers of clients. Who may not see everything sees what is their
 * own. Immutable; called on threads that may wait.
 */
final class ConnectionEndpoints {
  private static final String NO_REASON = "Closed via management plugin";

  private final NodeView view;
  private final NodeDesk commands;
  private final Vhosts vhosts;

  private record Channel(Facts.Connection connection, Facts.Channel channel) {
    String name() {
      return connection.name() + " (" + channel.number() + ")";
    }
  }

  private record Consumer(Channel channel, Facts.Consumer consumer) {}

  ConnectionEndpoints(NodeView view, NodeDesk commands) {
    this.view = view;
    this.commands = commands;
    vhosts = new Vhosts(view);
  }

  List<Route> routes() {
    return List.of(
        Route.get("/connections", MANAGEMENT, r -> list(visible(r))),
        Route.get("/connections/{name}", OWNER, r -> Reply.json(shown(find(r)))),
        Route.delete("/connections/{name}", OWNER, this::close),
        Route.get("/connections/username/{user}", OWNER, r -> list(ofUser(r))),
        Route.delete("/connections/username/{user}", OWNER, this::closeOfUser),
        Route.get("/connections/{name}/channels", OWNER, r -> channels(List.of(find(r)))),
        Route.get("/connections/{name}/sessions", OWNER, this::sessions),
        Route.get("/vhosts/{vhost}/connections", VHOST, r -> list(inVhost(r))),
        Route.get("/vhosts/{vhost}/channels", VHOST, r -> channels(inVhost(r))),
        Route.get("/channels", MANAGEMENT, r -> channels(visible(r))),
        Route.get("/channels/{name}", OWNER, this::channel),
        Route.get("/consumers", MANAGEMENT, r -> consumers(view.connections(), r::sees)),
        Route.get("/consumers/{vhost}", VHOST, this::consumersIn));
  }

  private List<Facts.Connection> where(Predicate<Facts.Connection> wanted) {
    return view.connections().stream().filter(wanted).toList();
  }

  private static boolean isVisible(Request request, String user) {
    return request.caller().isMonitoring() || request.caller().name().equals(user);
  }

  private List<Facts.Connection> visible(Request request) {
    return where(connection -> isVisible(request, connection.user()));
  }

  private List<Facts.Connection> inVhost(Request request) {
    String vhost = vhosts.named(request);
    return visible(request).stream()
        .filter(connection -> connection.vhost().equals(vhost))
        .toList();
  }

  private JsonObject shown(Facts.Connection connection) {
    return ShownClients.connection(connection, view.nodeName());
  }

  private Reply list(List<Facts.Connection> connections) {
    return new Reply.Items<>(connections, this::shown);
  }

  private static void checkMaySee(Request request, String user) {
    if (!isVisible(request, user)) {
      throw ApiError.notAuthorised("User not authorised to access object");
    }
  }

  /** To close what is somebody else's takes more than to see it. */
  private static void checkMayClose(Request request, String user) {
    if (!request.caller().isAdministrator() && !request.caller().name().equals(user)) {
      throw ApiError.notAuthorised("User not authorised to access object");
    }
  }

  private Facts.Connection existing(Request request) {
    List<Facts.Connection> found =
        where(connection -> connection.name().equals(request.value("name")));
    if (found.isEmpty()) {
      throw ApiError.notFound();
    }
    return found.getFirst();
  }

  private Facts.Connection find(Request request) {
    Facts.Connection found = existing(request);
    checkMaySee(request, found.user());
    return found;
  }

  private Reply close(Request request) {
    Facts.Connection found = existing(request);
    checkMayClose(request, found.user());
    close(request, List.of(found));
    return Reply.done();
  }

  private void close(Request request, List<Facts.Connection> connections) {
    String given = request.header().apply("X-Reason");
    commands
        .of(request.caller())
        .closeConnections(
            connections.stream().map(Facts.Connection::name).toList(),
            given == null || given.isEmpty() ? NO_REASON : given);
  }

  private List<Facts.Connection> ofUser(Request request) {
    String user = request.value("user");
    checkMaySee(request, user);
    return where(connection -> connection.user().equals(user));
  }

  private Reply closeOfUser(Request request) {
    String user = request.value("user");
    checkMayClose(request, user);
    close(request, where(connection -> connection.user().equals(user)));
    return Reply.done();
  }

  /** AMQP 1.0 has them. */
  private Reply sessions(Request request) {
    find(request);
    return new Reply.Items<>(List.<JsonObject>of(), session -> session);
  }

  private static List<Channel> channelsOf(List<Facts.Connection> connections) {
    List<Channel> channels = new ArrayList<>();
    for (Facts.Connection connection : connections) {
      connection.channels().forEach(channel -> channels.add(new Channel(connection, channel)));
    }
    return channels;
  }

  private JsonObject shown(Channel channel) {
    return ShownClients.channel(
        channel.connection, channel.channel, channel.name(), view.nodeName());
  }

  private Reply channels(List<Facts.Connection> connections) {
    return new Reply.Items<>(channelsOf(connections), this::shown);
  }

  private Reply channel(Request request) {
    String name = request.value("name");
    @Nullable Channel found =
        channelsOf(view.connections()).stream()
            .filter(channel -> channel.name().equals(name))
            .findFirst()
            .orElse(null);
    if (found == null) {
      throw ApiError.notFound();
    }
    checkMaySee(request, found.connection.user());
    return Reply.json(
        shown(found)
            .put(
                "consumer_details",
                ShownClients.array(
                    consumersOf(List.of(found)).stream().map(ConnectionEndpoints::shown))));
  }

  private static List<Consumer> consumersOf(List<Channel> channels) {
    List<Consumer> consumers = new ArrayList<>();
    for (Channel channel : channels) {
      channel
          .channel
          .consumers()
          .forEach(consumer -> consumers.add(new Consumer(channel, consumer)));
    }
    return consumers;
  }

  private static JsonObject shown(Consumer consumer) {
    Channel channel = consumer.channel;
    return ShownClients.consumer(
        channel.connection, channel.channel, channel.name(), consumer.consumer);
  }

  private Reply consumers(List<Facts.Connection> connections, Predicate<String> vhost) {
    return new Reply.Items<>(
        consumersOf(channelsOf(connections)).stream()
            .filter(consumer -> vhost.test(consumer.channel.connection.vhost()))
            .toList(),
        ConnectionEndpoints::shown);
  }

  private Reply consumersIn(Request request) {
    String vhost = vhosts.named(request);
    return consumers(view.connections(), name -> name.equals(vhost));
  }
}
