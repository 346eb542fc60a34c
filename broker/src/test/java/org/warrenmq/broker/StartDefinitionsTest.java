package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.admin.local.LocalApi;
import picocli.CommandLine;

/** Definitions that a start imports, by processes. On the test thread. */
class StartDefinitionsTest {
  private static final String QUEUE =
      """
      {"name":"%s","vhost":"shop","durable":true,"auto_delete":false,"arguments":{%s}}\
      """;

  @TempDir private Path folder;

  private Path data() {
    return folder.resolve("data");
  }

  private MainProcess launch(String... conf) throws IOException {
    Path file = folder.resolve("rabbitmq.conf");
    Files.writeString(
        file,
        "listeners.tcp.default = 127.0.0.1:0\nmanagement.tcp.port = 0\n"
            + String.join("\n", conf)
            + "\n");
    return MainProcess.start(
        folder, List.of(), "--config", file.toString(), "--data", data().toString());
  }

  private MainProcess start(String... conf) throws IOException {
    return launch(conf).awaitStarted();
  }

  private String file(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Files.writeString(file, text);
    return file.toString();
  }

  private static String shop(String... queues) {
    return """
    {"users":[{"name":"alice","password":"secret","tags":"administrator"}],
     "vhosts":[{"name":"shop"}],
     "permissions":[
      {"user":"alice","vhost":"shop","configure":".*","write":".*","read":".*"}],
     "queues":[%s]}
    """
        .formatted(String.join(",", queues));
  }

  private List<String> names(String... path) throws IOException {
    LocalApi.Answer answer = new LocalApi(data()).get(LocalApi.path(path));
    return new JsonArray(answer.body())
        .stream().map(each -> ((JsonObject) each).getString("name")).toList();
  }

  @Test
  @DisplayName("what is neither a file nor a folder is told, and not waited for")
  void pipe() throws Exception {
    Path pipe = folder.resolve("pipe.json");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    for (Path path : List.of(pipe, folder)) {
      try (MainProcess broker = launch("load_definitions = " + path)) {
        assertThat(broker.process().waitFor(15, TimeUnit.SECONDS)).isTrue();
        assertThat(broker.says("load_definitions = " + pipe + ": it is not a file")).isTrue();
      }
    }
  }

  @Test
  @DisplayName("a new folder begins with what definitions bring, and without the usual user")
  void firstStart() throws Exception {
    String load = "load_definitions = " + file("d.json", shop(QUEUE.formatted("q", "")));
    try (MainProcess broker = start(load)) {
      assertThat(names("users")).containsExactly("alice");
      assertThat(names("vhosts")).containsExactly("shop");
      assertThat(names("queues", "shop")).containsExactly("q");
      assertThat(broker.says("listening on")).isTrue();
    }
  }

  @Test
  @DisplayName("where definitions bring no users, the usual one is there")
  void withoutUsers() throws Exception {
    String load = "definitions.local.path = " + file("d.json", "{\"vhosts\":[{\"name\":\"v\"}]}");
    try (MainProcess broker = start("definitions.import_backend = local_filesystem", load)) {
      assertThat(names("users")).containsExactly("guest");
      assertThat(names("vhosts")).containsExactly("v");
      assertThat(broker.says("ERROR")).isFalse();
    }
  }

  @Test
  @DisplayName("each start brings back what is missing; a folder's files come by their names")
  void eachStart() throws Exception {
    file("all/1.json", shop());
    file("all/2.json", "{\"queues\":[%s]}".formatted(QUEUE.formatted("q", "")));
    file("all/notes.txt", "{");
    String load = "load_definitions = " + folder.resolve("all");
    try (MainProcess first = start(load)) {
      new LocalApi(data()).delete(LocalApi.path("queues", "shop", "q"));
      assertThat(names("queues", "shop")).isEmpty();
      assertThat(first.says("not imported")).isFalse();
    }
    try (MainProcess again = start(load)) {
      assertThat(names("queues", "shop")).containsExactly("q");
      assertThat(again.says("are imported: 1 changes, 0 refused")).isTrue();
    }
  }

  @Test
  @DisplayName(
      "skip_if_unchanged leaves alone what was changed since, until the file is another one")
  void skipped() throws Exception {
    String load = "load_definitions = " + file("d.json", shop(QUEUE.formatted("q", "")));
    String skip = "definitions.skip_if_unchanged = true";
    try (MainProcess first = start(load, skip)) {
      new LocalApi(data()).delete(LocalApi.path("queues", "shop", "q"));
      assertThat(first.says("not imported again")).isFalse();
      assertThat(new LocalApi(data()).get("/definitions").body()).doesNotContain("imported_def");
    }
    try (MainProcess again = start(load, skip)) {
      assertThat(again.says("not imported again")).isTrue();
      assertThat(names("queues", "shop")).isEmpty();
    }
    file("d.json", shop(QUEUE.formatted("q", ""), QUEUE.formatted("r", "")));
    try (MainProcess third = start(load, skip)) {
      assertThat(third.says("not imported again")).isFalse();
      assertThat(names("queues", "shop")).containsExactly("q", "r");
    }
  }

  @Test
  @DisplayName("what cannot be is logged by name, and the broker starts with the rest")
  void refused() throws Exception {
    String stream = QUEUE.formatted("s", "\"x-queue-type\":\"stream\"");
    String load = "load_definitions = " + file("d.json", shop(stream, QUEUE.formatted("q", "")));
    try (MainProcess broker = start(load)) {
      assertThat(names("queues", "shop")).containsExactly("q");
      assertThat(broker.says("not imported: queue 's' in vhost 'shop': x-queue-type")).isTrue();
    }
  }

  private void refusesToStart(String load, String... says) throws Exception {
    try (MainProcess process = launch(load)) {
      assertThat(process.process().waitFor(15, TimeUnit.SECONDS)).isTrue();
      assertThat(process.process().exitValue()).isEqualTo(CommandLine.ExitCode.SOFTWARE);
      assertThat(process.lines())
          .filteredOn(line -> line.contains("ERROR"))
          .singleElement()
          .asString()
          .contains(says);
      assertThat(process.says("\tat ")).isFalse();
      assertThat(process.says("listening on")).isFalse();
    }
  }

  @Test
  @DisplayName("a broken file stops the start: file, object and field are named")
  void broken() throws Exception {
    String wrong = file("wrong.json", shop(QUEUE.formatted("q", "").replace("true", "\"yes\"")));
    refusesToStart(
        "load_definitions = " + wrong, wrong, "queues[0]", "name 'q'", "durable", "\"yes\"");
    String argument = file("ttl.json", shop(QUEUE.formatted("q", "\"x-message-ttl\":\"soon\"")));
    refusesToStart("load_definitions = " + argument, argument, "queue 'q'", "x-message-ttl");
    String nowhere = file("nowhere.json", "{\"queues\":[%s]}".formatted(QUEUE.formatted("q", "")));
    refusesToStart(
        "management.load_definitions = " + nowhere, nowhere, "queue 'q'", "vhost 'shop'");
    String cut = file("cut.json", "{\"queues\": [");
    refusesToStart("load_definitions = " + cut, cut, "not JSON", "line 1");
    refusesToStart("load_definitions = " + folder.resolve("none.json"), "none.json");
    try (MainProcess withoutThem = start()) {
      assertThat(names("users")).as("%s", withoutThem.lines()).containsExactly("guest");
      assertThat(names("vhosts")).containsExactly("/");
    }
  }
}
