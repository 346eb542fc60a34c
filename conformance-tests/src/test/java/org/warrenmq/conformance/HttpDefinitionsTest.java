package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Definitions by the HTTP API, as one document. */
class HttpDefinitionsTest extends HttpTest {
  private static final String ALL = path("definitions");

  /** Those of a list that are in a virtual host, or are it. */
  private static List<JsonObject> of(JsonObject document, String list, String vhost) {
    String key = list.equals("vhosts") ? "name" : "vhost";
    return document.getJsonArray(list).stream()
        .map(JsonObject.class::cast)
        .filter(each -> vhost.equals(each.getString(key)))
        .toList();
  }

  private static JsonArray list(JsonObject... objects) {
    return new JsonArray(List.of(objects));
  }

  private static JsonObject queue(String vhost, String name, Map<String, Object> arguments) {
    return new JsonObject()
        .put("name", name)
        .put("vhost", vhost)
        .put("durable", true)
        .put("auto_delete", false)
        .put("arguments", new JsonObject(arguments));
  }

  /** A virtual host with some of everything in it. */
  private String furnished() throws Exception {
    String vhost = vhost();
    make(path("vhosts", vhost), new JsonObject().put("description", "a shop").put("tags", "a,b"));
    make(path("queues", vhost, "q"), queue("", "", Map.of("x-message-ttl", 60000)));
    make(path("queues", vhost, "going"), new JsonObject().put("durable", false));
    make(
        path("exchanges", vhost, "x"),
        new JsonObject()
            .put("type", "topic")
            .put("durable", true)
            .put("arguments", new JsonObject().put("alternate-exchange", "amq.fanout")));
    make(
        path("exchanges", vhost, "inner"),
        new JsonObject().put("type", "fanout").put("internal", true).put("durable", true));
    post(path("bindings", vhost, "e", "x", "q", "q"), new JsonObject().put("routing_key", "a.#"));
    post(
        path("bindings", vhost, "e", "x", "e", "inner"),
        new JsonObject().put("routing_key", "b").put("arguments", new JsonObject().put("h", 1)));
    make(
        path("policies", vhost, "p"),
        new JsonObject()
            .put("pattern", "^q")
            .put("definition", new JsonObject().put("max-length", 5))
            .put("priority", 3)
            .put("apply-to", "queues"));
    make(
        path("operator-policies", vhost, "o"),
        new JsonObject()
            .put("pattern", ".*")
            .put("definition", new JsonObject().put("max-length", 7))
            .put("apply-to", "queues"));
    put(path("vhost-limits", vhost, "max-queues"), new JsonObject().put("value", 100));
    return vhost;
  }

  @Test
  @Behaviour(191)
  @DisplayName("an export has all there is, with RabbitMQ's fields in RabbitMQ's order")
  void export() throws Exception {
    String vhost = furnished();
    String user = user("management,policymaker");
    make(path("permissions", vhost, user), everything());
    put(
        path("topic-permissions", vhost, user),
        new JsonObject().put("exchange", "amq.topic").put("write", "^a").put("read", "^b"));
    put(path("user-limits", user, "max-connections"), new JsonObject().put("value", 5));
    make(path("global-parameters", vhost), new JsonObject().put("value", new JsonArray().add(1)));

    Answer answer = fetch(ALL);
    JsonObject all = answer.object();
    assertThat(all.fieldNames())
        .containsExactly(
            "rabbit_version",
            "rabbitmq_version",
            "product_name",
            "product_version",
            "rabbitmq_definition_format",
            "original_cluster_name",
            "explanation",
            "users",
            "vhosts",
            "permissions",
            "topic_permissions",
            "parameters",
            "global_parameters",
            "policies",
            "queues",
            "exchanges",
            "bindings");
    JsonObject known =
        all.getJsonArray("users").stream()
            .map(JsonObject.class::cast)
            .filter(each -> each.getString("name").equals(user))
            .findFirst()
            .orElseThrow();
    assertThat(known.fieldNames())
        .containsExactly("name", "password_hash", "hashing_algorithm", "tags", "limits");
    assertThat(known.getJsonArray("tags")).containsExactlyInAnyOrder("management", "policymaker");
    assertThat(known.getJsonObject("limits").encode()).isEqualTo("{\"max-connections\":5}");
    assertThat(of(all, "permissions", vhost))
        .extracting(JsonObject::encode)
        .contains(
            "{\"user\":\"%s\",\"vhost\":\"%s\",\"configure\":\".*\",\"write\":\".*\",\"read\":\".*\"}"
                .formatted(user, vhost));
    assertThat(of(all, "topic_permissions", vhost))
        .extracting(JsonObject::encode)
        .containsExactly(
            "{\"user\":\"%s\",\"vhost\":\"%s\",\"exchange\":\"amq.topic\",\"write\":\"^a\",\"read\":\"^b\"}"
                .formatted(user, vhost));
    assertThat(all.getJsonArray("global_parameters").encode())
        .contains("{\"name\":\"%s\",\"value\":[1]}".formatted(vhost));
  }

  @Test
  @Behaviour(191)
  @DisplayName("the objects of a virtual host are exported with RabbitMQ's fields in its order")
  void exportOfObjects() throws Exception {
    String vhost = furnished();
    JsonObject all = object(ALL);
    assertThat(of(all, "vhosts", vhost))
        .singleElement()
        .asString()
        .isEqualTo(
            """
            {"name":"%s","description":"a shop",\
            "metadata":{"description":"a shop","tags":["a","b"],"default_queue_type":"classic"},\
            "tags":["a","b"],"default_queue_type":"classic"}\
            """
                .formatted(vhost));
    assertThat(of(all, "policies", vhost))
        .extracting(JsonObject::encode)
        .containsExactly(
            """
            {"vhost":"%s","name":"p","pattern":"^q","apply-to":"queues",\
            "definition":{"max-length":5},"priority":3}\
            """
                .formatted(vhost));
    assertThat(of(all, "parameters", vhost))
        .extracting(JsonObject::encode)
        .containsExactlyInAnyOrder(
            """
            {"value":{"max-queues":100},"vhost":"%s","component":"vhost-limits","name":"limits"}\
            """
                .formatted(vhost),
            """
            {"value":{"pattern":".*","definition":{"max-length":7},"priority":0,\
            "apply-to":"queues"},"vhost":"%s","component":"operator_policy","name":"o"}\
            """
                .formatted(vhost));
    assertThat(of(all, "exchanges", vhost))
        .extracting(JsonObject::encode)
        .contains(
            """
            {"name":"x","vhost":"%s","type":"topic","durable":true,"auto_delete":false,\
            "internal":false,"arguments":{"alternate-exchange":"amq.fanout"}}\
            """
                .formatted(vhost));
    assertThat(of(all, "bindings", vhost))
        .extracting(JsonObject::encode)
        .containsExactlyInAnyOrder(
            """
            {"source":"x","vhost":"%s","destination":"q","destination_type":"queue",\
            "routing_key":"a.#","arguments":{}}\
            """
                .formatted(vhost),
            """
            {"source":"x","vhost":"%s","destination":"inner","destination_type":"exchange",\
            "routing_key":"b","arguments":{"h":1}}\
            """
                .formatted(vhost));
    assertThat(of(all, "queues", vhost))
        .extracting(q -> q.getString("name"))
        .contains("q", "going");
    JsonObject queue =
        of(all, "queues", vhost).stream()
            .filter(q -> q.getString("name").equals("q"))
            .findFirst()
            .orElseThrow();
    assertThat(queue.fieldNames())
        .containsExactly("name", "vhost", "durable", "auto_delete", "arguments");
    assertThat(queue.getJsonObject("arguments").getInteger("x-message-ttl")).isEqualTo(60000);
  }

  @Test
  @Behaviour(191)
  @DisplayName("what is a connection's own is not exported, nor what every virtual host has")
  void notExported() throws Exception {
    AMQP.Queue.DeclareOk own = channel().queueDeclare("", false, true, true, null);
    channel().queueBind(own.getQueue(), "amq.direct", "x");
    JsonObject all = object(ALL);
    String vhost = broker.vhost();
    assertThat(of(all, "queues", vhost))
        .extracting(q -> q.getString("name"))
        .doesNotContain(own.getQueue());
    assertThat(of(all, "bindings", vhost))
        .extracting(b -> b.getString("destination"))
        .doesNotContain(own.getQueue());
    assertThat(of(all, "exchanges", vhost))
        .extracting(x -> x.getString("name"))
        .noneMatch(name -> name.isEmpty() || name.startsWith("amq."));
    assertThat(of(all, "bindings", vhost))
        .extracting(b -> b.getString("source"))
        .doesNotContain("");
  }

  @Test
  @Behaviour(191)
  @DisplayName("the document of a virtual host is imported into another one")
  void ofOneVhost() throws Exception {
    String from = furnished();
    Answer exported = fetch(path("definitions", from));
    JsonObject one = exported.object();
    assertThat(one.fieldNames())
        .containsExactly(
            "rabbit_version",
            "rabbitmq_version",
            "product_name",
            "product_version",
            "rabbitmq_definition_format",
            "original_vhost_name",
            "explanation",
            "metadata",
            "description",
            "default_queue_type",
            "limits",
            "parameters",
            "policies",
            "queues",
            "exchanges",
            "bindings");
    assertThat(one.getJsonArray("queues").encode()).doesNotContain("\"vhost\"");
    String to = vhost();
    assertThat(post(path("definitions", to), exported.body()).status()).isEqualTo(204);
    JsonObject other = object(path("definitions", to));
    for (String list : List.of("parameters", "policies", "queues", "exchanges", "bindings")) {
      assertThat(other.getJsonArray(list).getList())
          .as(list)
          .containsExactlyInAnyOrderElementsOf(one.getJsonArray(list).getList());
    }
    assertThat(fetch(path("definitions", shortName("none"))).reason()).contains("vhost_not_found");
    assertThat(post(path("definitions", shortName("none")), new JsonObject()).status())
        .isEqualTo(404);
  }

  @Test
  @Behaviour(191)
  @DisplayName("a document is imported, and again, and what is there stays")
  void importing() throws Exception {
    String vhost = shortName("vhost");
    String user = shortName("user");
    deleteLater(path("vhosts", vhost));
    deleteLater(path("users", user));
    JsonObject document =
        new JsonObject()
            .put(
                "bindings",
                list(
                    new JsonObject()
                        .put("source", "x")
                        .put("vhost", vhost)
                        .put("destination", "q")
                        .put("destination_type", "queue")
                        .put("routing_key", "k")
                        .put("arguments", new JsonObject())))
            .put("queues", list(queue(vhost, "q", Map.of("x-max-length", 5))))
            .put(
                "exchanges",
                list(
                    new JsonObject()
                        .put("name", "x")
                        .put("vhost", vhost)
                        .put("type", "direct")
                        .put("durable", true)
                        .put("auto_delete", false)
                        .put("internal", false)
                        .put("arguments", new JsonObject())))
            .put("permissions", list(everything().put("user", user).put("vhost", vhost)))
            .put("vhosts", list(new JsonObject().put("name", vhost)))
            .put(
                "users",
                list(
                    new JsonObject()
                        .put("name", user)
                        .put("password", "secret")
                        .put("tags", "management")));
    for (int i = 0; i < 2; i++) {
      Answer answer = post(ALL, document);
      assertThat(answer.status()).as(answer.body()).isEqualTo(204);
    }
    assertThat(ask("GET", path("whoami"), null, user, "secret").status()).isEqualTo(200);
    assertThat(array(path("bindings", vhost)).encode()).contains("\"routing_key\":\"k\"");
    JsonObject queue = object(path("queues", vhost, "q"));
    assertThat(queue.getJsonObject("arguments").getInteger("x-max-length")).isEqualTo(5);
  }

  @Test
  @Behaviour(191)
  @DisplayName("a console posts a file in a form, and is led on")
  void form() throws Exception {
    String vhost = shortName("vhost");
    deleteLater(path("vhosts", vhost));
    HttpResponse<String> led =
        postForm(
            part("redirect", "../#/import-succeeded")
                + part(
                    "file\"; filename=\"d.json",
                    "{\"vhosts\":[{\"name\":\"%s\"}]}".formatted(vhost)));
    assertThat(led.statusCode()).isEqualTo(303);
    assertThat(led.headers().firstValue("location")).contains("../#/import-succeeded");
    assertThat(object(path("vhosts", vhost)).getString("name")).isEqualTo(vhost);
    assertThat(postForm(part("file\"; filename=\"d.json", "{}")).statusCode()).isEqualTo(204);
    assertThat(postForm(part("other", "{}")).statusCode()).isEqualTo(400);
    assertThat(
            fetch(ALL + "?download=mine.json")
                .response()
                .headers()
                .firstValue("content-disposition"))
        .contains("attachment; filename=mine.json");
  }

  private static String part(String name, String text) {
    return "--XX\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + text + "\r\n";
  }

  private HttpResponse<String> postForm(String parts) throws Exception {
    String both = broker.user() + ":" + broker.password();
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      return client.send(
          HttpRequest.newBuilder(URI.create(broker.http() + ALL))
              .POST(BodyPublishers.ofString(parts + "--XX--\r\n"))
              .header(
                  "Authorization",
                  "Basic "
                      + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8)))
              .header("Content-Type", "multipart/form-data; boundary=XX")
              .build(),
          BodyHandlers.ofString());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"management", "policymaker", "monitoring"})
  @DisplayName("they are an administrator's business")
  void administrators(String tag) throws Exception {
    String vhost = vhost();
    String user = user(tag);
    make(path("permissions", vhost, user), everything());
    for (String path : List.of(ALL, path("definitions", vhost))) {
      for (String method : List.of("GET", "POST")) {
        Answer answer = ask(method, path, null, user, "secret");
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.reason()).isEqualTo("Not administrator user");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"users\":[{\"name\":\"u\"}]}",
        "{\"users\":[{\"tags\":\"\"}]}",
        "{\"users\":[{\"name\":\"u\",\"tags\":\"\",\"password_hash\":\"!\"}]}",
        "{\"permissions\":[{\"user\":\"nobody at"
            + " all\",\"vhost\":\"/\",\"configure\":\"\",\"write\":\"\",\"read\":\"\"}]}",
        "{\"queues\":[{\"name\":\"q\",\"vhost\":\"no such"
            + " vhost\",\"durable\":true,\"auto_delete\":false,\"arguments\":{}}]}",
        "{\"queues\":[{\"name\":\"q\",\"vhost\":\"/\",\"durable\":\"yes\",\"auto_delete\":false,\"arguments\":{}}]}",
        "{\"policies\":[{\"vhost\":\"/\",\"name\":\"p\",\"pattern\":\"(\",\"definition\":{\"max-length\":5}}]}",
        "{\"policies\":[{\"vhost\":\"/\",\"name\":\"p\",\"pattern\":\"x\",\"definition\":{\"max-lengh\":5}}]}",
        "{\"bindings\":[{\"vhost\":\"/\",\"source\":\"no"
            + " such\",\"destination\":\"none\",\"destination_type\":\"queue\",\"routing_key\":\"\",\"arguments\":{}}]}",
        "{\"bindings\":[{\"vhost\":\"/\",\"source\":\"amq.direct\",\"destination\":\"none\",\"destination_type\":\"thing\",\"routing_key\":\"\",\"arguments\":{}}]}",
        "{\"queues\":[",
        "[]"
      })
  @DisplayName("what cannot be a document is refused")
  void refused(String document) throws Exception {
    Answer answer = post(ALL, document);
    assertThat(answer.status()).as(answer.body()).isEqualTo(400);
    assertThat(answer.error()).isEqualTo("bad_request");
  }

  @Test
  @DisplayName("what there cannot be is told by name, and the rest is done; or nothing is")
  void partly() throws Exception {
    Assumptions.assumeFalse(BrokerUnderTest.isForeign(), "RabbitMQ has streams");
    String vhost = vhost();
    make(path("queues", vhost, "there"), queue("", "", Map.of()));
    JsonObject document =
        new JsonObject()
            .put(
                "queues",
                list(
                    queue(vhost, "s", Map.of("x-queue-type", "stream")),
                    queue(vhost, "q", Map.of()),
                    queue(vhost, "there", Map.of("x-max-length", 5))))
            .put(
                "bindings",
                list(
                    new JsonObject()
                        .put("source", "amq.topic")
                        .put("vhost", vhost)
                        .put("destination", "s")
                        .put("destination_type", "queue")
                        .put("routing_key", "")))
            .put(
                "parameters",
                list(
                    new JsonObject()
                        .put("component", "shovel")
                        .put("vhost", vhost)
                        .put("name", "away")
                        .put("value", new JsonObject().put("src-uri", "amqp://"))));
    Answer strict = post(ALL + "?strict=true", document);
    assertThat(strict.status()).isEqualTo(400);
    assertThat(strict.reason()).contains("queue 's' in vhost '" + vhost + "'", "x-queue-type");
    assertThat(fetch(path("queues", vhost, "q")).status()).isEqualTo(404);

    JsonObject report = post(ALL, document).object();
    assertThat(report.getInteger("changed")).isEqualTo(2);
    assertThat(report.getJsonArray("refused").encode())
        .contains(
            "queue 's' in vhost '" + vhost + "'",
            "queue 'there' in vhost '" + vhost + "'",
            "it has not the argument x-max-length",
            "binding of queue 's'");
    assertThat(report.getJsonArray("without_effect").encode()).contains("shovel parameter 'away'");
    assertThat(fetch(path("queues", vhost, "q")).status()).isEqualTo(200);
    assertThat(array(path("parameters", "shovel", vhost)).encode()).contains("away");

    JsonObject differences = post(path("diff", "definitions"), document).object();
    assertThat(differences.getJsonArray("differences").encode())
        .contains("queue 's'", "queue 'there'", "binding of queue 's'")
        .doesNotContain("queue 'q'", "shovel");
  }
}
