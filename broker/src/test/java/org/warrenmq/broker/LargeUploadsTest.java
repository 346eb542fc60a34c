package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.admin.local.LocalApi;

/** The largest bodies over HTTP on a small heap. */
@Timeout(120)
class LargeUploadsTest {
  private static final String BIG = "y".repeat(19_000_000);
  private static final String FITS = "y".repeat(3_900_000);

  @TempDir private Path folder;

  @Test
  @DisplayName("bodies that are large for the heap are refused, and those that fit do not end it")
  void smallHeap() throws Exception {
    Path conf = folder.resolve("rabbitmq.conf");
    Files.writeString(conf, "listeners.tcp.default = 127.0.0.1:0\nmanagement.tcp.port = 0\n");
    Path data = folder.resolve("data");
    String[] words = {"--config", conf.toString(), "--data", data.toString()};
    try (MainProcess broker = MainProcess.start(folder, List.of("-Xmx64m"), words).awaitStarted()) {
      LocalApi api = new LocalApi(data);
      List<Thread> senders = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        String text = i % 2 == 0 ? BIG : FITS;
        senders.add(Thread.ofVirtual().start(() -> send(api, text)));
      }
      for (Thread sender : senders) {
        sender.join();
      }
      JsonObject fits = new JsonObject().put("x", FITS);
      assertThat(api.put(LocalApi.path("queues", "/", "q"), fits).isGood()).isTrue();
      assertThat(broker.process().isAlive()).isTrue();
      assertThat(broker.says("OutOfMemory")).isFalse();
    }
  }

  private static void send(LocalApi api, String text) {
    try {
      api.put(LocalApi.path("queues", "/", "q"), new JsonObject().put("x", text));
    } catch (IOException e) {
      // It is cut off in the middle of what is refused.
    }
  }
}
