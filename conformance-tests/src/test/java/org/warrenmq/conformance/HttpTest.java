package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What the tests of the HTTP API have in common, used by the test thread only. What they make over
 * HTTP is deleted after the test.
 */
abstract class HttpTest extends MessagingTest {
  /** RabbitMQ does not like to be asked for HTTP/2 with a body. */
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private final Deque<String> made = new ArrayDeque<>();

  /** An answer of the HTTP API. */
  record Answer(int status, String body, HttpResponse<String> response) {
    JsonObject object() {
      return new JsonObject(body);
    }

    JsonArray array() {
      return new JsonArray(body);
    }

    String reason() {
      return String.valueOf(object().getValue("reason"));
    }

    String error() {
      return object().getString("error");
    }
  }

  @BeforeEach
  void assumeHttp() {
    broker.http();
  }

  @AfterEach
  void deleteWhatWasMade() throws Exception {
    for (String path : made) {
      ask("DELETE", path, null);
    }
    client.close();
  }

  /** Has a path deleted after the test. */
  final String deleteLater(String path) {
    made.push(path);
    return path;
  }

  /** A path of parts with any characters in them. */
  static String path(String... parts) {
    StringBuilder path = new StringBuilder("/api");
    for (String part : parts) {
      path.append('/').append(URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20"));
    }
    return path.toString();
  }

  static String shortName(String hint) {
    return hint + "-" + UUID.randomUUID().toString().substring(0, 8);
  }

  final Answer ask(String method, String path, Object body) throws Exception {
    return ask(method, path, body, broker.user(), broker.password());
  }

  /**
   * @param body null for none; a text as it is, else as JSON
   */
  final Answer ask(String method, String path, Object body, String user, String password)
      throws Exception {
    String text = body == null ? "" : body instanceof String given ? given : Json.encode(body);
    String both = user + ":" + password;
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(broker.http() + path))
            .method(
                method, text.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(text))
            .header(
                "Authorization",
                "Basic "
                    + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8)))
            .header("Content-Type", "application/json")
            .timeout(Duration.ofSeconds(20))
            .build();
    HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
    return new Answer(response.statusCode(), response.body(), response);
  }

  final Answer fetch(String path) throws Exception {
    return ask("GET", path, null);
  }

  final Answer put(String path, Object body) throws Exception {
    return ask("PUT", path, body);
  }

  final Answer post(String path, Object body) throws Exception {
    return ask("POST", path, body);
  }

  final Answer delete(String path) throws Exception {
    return ask("DELETE", path, null);
  }

  /** An object that has to be there. */
  final JsonObject object(String path) throws Exception {
    Answer answer = fetch(path);
    assertThat(answer.status()).as("%s: %s", path, answer.body()).isEqualTo(200);
    return answer.object();
  }

  /** A list that has to be there. */
  final JsonArray array(String path) throws Exception {
    Answer answer = fetch(path);
    assertThat(answer.status()).as("%s: %s", path, answer.body()).isEqualTo(200);
    return answer.array();
  }

  /** Makes something that is deleted after the test. */
  final void make(String path, Object body) throws Exception {
    deleteLater(path);
    Answer answer = put(path, body);
    assertThat(answer.status()).as("%s: %s", path, answer.body()).isIn(201, 204);
  }

  /** A fresh virtual host in which the default user may do everything. */
  final String vhost() throws Exception {
    String name = shortName("vhost");
    make(path("vhosts", name), new JsonObject());
    make(path("permissions", name, broker.user()), everything());
    return name;
  }

  static JsonObject everything() {
    return new JsonObject().put("configure", ".*").put("write", ".*").put("read", ".*");
  }

  /** A fresh user with a tag and the password "secret". */
  final String user(String tags) throws Exception {
    String name = shortName("user");
    make(path("users", name), new JsonObject().put("password", "secret").put("tags", tags));
    return name;
  }
}
