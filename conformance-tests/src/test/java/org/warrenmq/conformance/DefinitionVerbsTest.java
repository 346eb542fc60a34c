package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.warrenmq.broker.Broker;
import org.warrenmq.broker.config.BrokerConfig;
import org.warrenmq.conformance.crash.OwnBrokerOnly;

/**
 * What RabbitMQ has exported comes over by the command line: each of the files was written by a
 * real one of that version. On the test thread.
 */
@ExtendWith(OwnBrokerOnly.class)
class DefinitionVerbsTest {
  private static final List<String> LISTS =
      List.of(
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

  @TempDir private Path folder;

  private Broker start(String name) throws Exception {
    return Broker.start(
        BrokerConfig.defaults()
            .withPort(0)
            .withManagementPort(0)
            .withDataDir(folder.resolve(name)));
  }

  private String run(String name, String... words) {
    return ControlRequest.succeed(folder.resolve(name), List.of(words));
  }

  private String export(String of) throws Exception {
    try (InputStream in =
        Objects.requireNonNull(getClass().getResourceAsStream("/definitions/" + of + ".json"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private Path write(String name, JsonObject document) throws Exception {
    return Files.writeString(folder.resolve(name), document.encode());
  }

  /** Without the queue that is a stream. */
  private static JsonObject withoutStreams(JsonObject document) {
    for (String list : List.of("queues", "bindings")) {
      document.put(
          list,
          new JsonArray(
              document.getJsonArray(list).stream()
                  .filter(
                      each ->
                          !"log".equals(((JsonObject) each).getString("name"))
                              && !"log".equals(((JsonObject) each).getString("destination")))
                  .toList()));
    }
    return document;
  }

  @ParameterizedTest
  @ValueSource(strings = {"rabbitmq-3.10.8", "rabbitmq-4.0.5"})
  @DisplayName("an export of RabbitMQ comes over, is there, and is exported as it was")
  void fromRabbitmq(String version) throws Exception {
    JsonObject original = withoutStreams(new JsonObject(export(version)));
    Path file = write("original.json", original);
    try (Broker broker = start("one")) {
      assertThat(broker.httpPort()).isPositive();
      assertThatThrownBy(() -> run("one", "diff_definitions", file.toString()));
      run("one", "import_definitions", "--strict", file.toString());
      assertThat(run("one", "diff_definitions", file.toString())).isEmpty();
      Path again = folder.resolve("again.json");
      run("one", "export_definitions", again.toString());
      JsonObject exported = new JsonObject(Files.readString(again));
      for (String list : LISTS) {
        assertThat(exported.getJsonArray(list)).as(list).hasSameSizeAs(original.getJsonArray(list));
      }
      assertThat(bare(exported, "permissions")).isEqualTo(bare(original, "permissions"));
      assertThat(bare(exported, "policies")).isEqualTo(bare(original, "policies"));
      assertThat(bare(exported, "bindings")).isEqualTo(bare(original, "bindings"));
      try (Broker other = start("other")) {
        assertThat(other.httpPort()).isPositive();
        run("other", "import_definitions", "--strict", again.toString());
        assertThat(run("other", "diff_definitions", again.toString())).isEmpty();
        assertThat(run("other", "diff_definitions", file.toString())).isEmpty();
      }
    }
  }

  /** The objects of a list, in any order, with their fields in any order. */
  private static Set<String> bare(JsonObject document, String list) {
    return document.getJsonArray(list).stream()
        .map(each -> sorted((JsonObject) each))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String sorted(JsonObject object) {
    return object.fieldNames().stream()
        .sorted()
        .map(
            key ->
                key
                    + "="
                    + (object.getValue(key) instanceof JsonObject inner
                        ? sorted(inner)
                        : object.getValue(key)))
        .collect(Collectors.joining(",", "{", "}"));
  }

  @Test
  @DisplayName("what cannot be is said, and is a difference; with --strict nothing is done")
  void streams() throws Exception {
    Path file = Files.writeString(folder.resolve("d.json"), export("rabbitmq-4.0.5"));
    try (Broker broker = start("one")) {
      assertThat(broker.httpPort()).isPositive();
      assertThatThrownBy(() -> run("one", "import_definitions", "--strict", file.toString()))
          .hasMessageContaining("queue 'log' in vhost 'telemetry'");
      assertThat(run("one", "export_definitions", "-")).doesNotContain("telemetry");
      assertThat(run("one", "import_definitions", file.toString()))
          .contains("definitions are imported");
      String exported = run("one", "export_definitions", "-");
      assertThat(new JsonObject(exported).getJsonArray("queues")).isNotEmpty();
      assertThat(exported).contains("\"telemetry\"").doesNotContain("\"log\"");
      assertThat(run("one", "export_definitions", "-p", "orders", "--format", "json", "-"))
          .contains("\"original_vhost_name\":\"orders\"");
      assertThatThrownBy(() -> run("one", "export_definitions", "--format", "erlang", "-"))
          .hasMessageContaining("erlang");
      assertThatThrownBy(() -> run("one", "import_definitions", folder + "/none.json"))
          .hasMessageContaining("none.json");
    }
  }
}
