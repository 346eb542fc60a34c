package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.admin.local.LocalApi;
import org.warrenmq.conformance.BrokerProcess;

/**
 * A SIGKILL in the middle of an import leaves no half of an object, and the same import again does
 * the rest; what was answered is all there. {@code crash.rounds} says how often that is tried.
 */
@ExtendWith(OwnBrokerOnly.class)
class DefinitionsCrashTest {
  private static final int ROUNDS = Math.max(1, Integer.getInteger("crash.rounds", 3));
  private static final long SEED = Long.getLong("crash.seed", System.nanoTime());
  private static final int SECONDS = 60;
  private static final int QUEUES = 4000;

  @TempDir Path root;

  private @Nullable BrokerProcess broker;

  @AfterEach
  void stop() throws Exception {
    if (broker != null) {
      broker.close();
    }
  }

  private BrokerProcess start(Path data) throws Exception {
    BrokerProcess started = BrokerProcess.start(BrokerProcess.Launch.on(data));
    broker = started;
    return started;
  }

  private static byte[] document() {
    JsonArray users = new JsonArray();
    JsonArray vhosts = new JsonArray();
    JsonArray permissions = new JsonArray();
    JsonArray policies = new JsonArray();
    for (int i = 0; i < 20; i++) {
      users.add(
          new JsonObject()
              .put("name", "u" + i)
              .put("password_hash", "T2sQRxbH02wNml/eDTB/dj/hTiowG93IH4dicN4muDe7je+x")
              .put("tags", new JsonArray().add("monitoring"))
              .put("limits", new JsonObject().put("max-channels", i)));
      vhosts.add(
          new JsonObject()
              .put("name", "v" + i)
              .put("description", "number " + i)
              .put("tags", new JsonArray().add("t")));
      permissions.add(
          new JsonObject()
              .put("user", "u" + i)
              .put("vhost", "v" + i)
              .put("configure", "a")
              .put("write", "b")
              .put("read", "c"));
      policies.add(
          new JsonObject()
              .put("name", "p")
              .put("vhost", "v" + i)
              .put("pattern", "^q")
              .put("definition", new JsonObject().put("max-length", i + 1)));
    }
    JsonArray queues = new JsonArray();
    JsonArray bindings = new JsonArray();
    for (int i = 0; i < QUEUES; i++) {
      queues.add(
          new JsonObject()
              .put("name", "q" + i)
              .put("vhost", "v" + i % 20)
              .put("durable", true)
              .put("auto_delete", false)
              .put("arguments", new JsonObject().put("x-max-priority", i % 5 + 1)));
      bindings.add(
          new JsonObject()
              .put("source", "amq.topic")
              .put("vhost", "v" + i % 20)
              .put("destination", "q" + i)
              .put("destination_type", "queue")
              .put("routing_key", "k." + i)
              .put("arguments", new JsonObject()));
    }
    return new JsonObject()
        .put("users", users)
        .put("vhosts", vhosts)
        .put("permissions", permissions)
        .put("policies", policies)
        .put("queues", queues)
        .put("bindings", bindings)
        .encode()
        .getBytes(StandardCharsets.UTF_8);
  }

  private static boolean isImported(Path data, byte[] document) {
    try {
      LocalApi.Answer answer = new LocalApi(data).post("/definitions", document);
      assertThat(answer.status()).as(answer.body()).isEqualTo(204);
      return true;
    } catch (IOException | RuntimeException killed) {
      return false;
    }
  }

  private static JsonObject differences(Path data, byte[] document) throws IOException {
    return new JsonObject(new LocalApi(data).post("/diff/definitions", document).body());
  }

  @Test
  @DisplayName("killed in an import, a broker has whole objects alone, and takes the rest")
  void killed() throws Exception {
    System.out.println("crash.seed=" + SEED);
    Random random = new Random(SEED);
    byte[] document = document();
    long left = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Path data = root.resolve("data" + round);
      BrokerProcess running = start(data);
      CompletableFuture<Boolean> imported =
          CompletableFuture.supplyAsync(() -> isImported(data, document));
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100 + random.nextInt(900)));
      running.kill();
      boolean isAnswered = imported.get(SECONDS, TimeUnit.SECONDS);

      BrokerProcess again = start(data);
      JsonObject differences = differences(data, document);
      assertThat(differences.getJsonArray("differences"))
          .allSatisfy(
              each ->
                  assertThat(((JsonObject) each).getString("difference"))
                      .as("%s", each)
                      .isEqualTo("is not there"));
      left += differences.getLong("difference_count");
      if (isAnswered) {
        assertThat(differences.getLong("difference_count")).isZero();
      }
      assertThat(isImported(data, document)).isTrue();
      assertThat(differences(data, document).getLong("difference_count")).isZero();
      assertThat(again.errors()).isEmpty();
      again.kill();
    }
    System.out.println("objects that were left after all kills: " + left);
  }
}
