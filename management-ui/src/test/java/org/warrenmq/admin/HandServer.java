package org.warrenmq.admin;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.api.Api;
import org.warrenmq.admin.http.HandLogins;
import org.warrenmq.admin.http.RouteTable;

/** The HTTP API of a made-up node on a free port, and a client of it; for one thread. */
final class HandServer implements AutoCloseable {
  static final int CONNECTIONS = 20;
  static final int MAX_BODY = 100_000;

  /** After which a connection is closed on which nothing happens. */
  static final Duration IDLE = Duration.ofSeconds(5);

  /** In which a head is here. */
  static final Duration HEAD = Duration.ofSeconds(1);

  final HandNode node;
  final HandLogins logins = new HandLogins();
  final RouteTable routes;
  final int port;
  private final AdminServer server;
  private final HttpClient client = HttpClient.newHttpClient();

  HandServer(int queues) throws IOException {
    this(queues, config -> config);
  }

  HandServer(int queues, UnaryOperator<AdminConfig> change) throws IOException {
    node = new HandNode(queues);
    routes = Api.routes(node, _ -> node, node, logins);
    AdminConfig config =
        new AdminConfig(
            new AdminConfig.Listener("127.0.0.1", 0, HEAD, IDLE, true),
            null,
            "",
            MAX_BODY,
            Map.of("x-frame-options", "DENY"),
            List.of(),
            Duration.ofSeconds(5));
    AdminConfig changed = change.apply(config);
    server = new AdminServer(changed, CONNECTIONS, routes, logins, node, _ -> {});
    port = server.listen(Objects.requireNonNull(changed.http()), null);
  }

  void listenIn(Path folder) throws IOException {
    server.listenIn(folder);
  }

  /**
   * Asks.
   *
   * @param user whose password is "right"; null for nobody
   */
  HttpResponse<String> ask(String method, String path, @Nullable String user, String body)
      throws Exception {
    return ask(method, path, user, "right", body);
  }

  HttpResponse<String> ask(
      String method, String path, @Nullable String user, String password, String body)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .method(method, BodyPublishers.ofString(body))
            .timeout(Duration.ofSeconds(10));
    if (user != null) {
      request.header("authorization", basic(user, password));
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  static String basic(String user, String password) {
    byte[] both = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(both);
  }

  static JsonObject json(HttpResponse<String> response) {
    return new JsonObject(response.body());
  }

  @Override
  public void close() {
    client.close();
    server.close();
  }
}
