package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.warrenmq.broker.TestBroker.await;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** SIGHUP: what a running broker takes from a changed configuration, and what it does not. */
@Execution(ExecutionMode.CONCURRENT)
class ReloadTest {
  @TempDir private Path folder;
  private MainProcess broker;

  /** A JVM that was started so that it ignores the signal, as by nohup, goes on ignoring it. */
  private static boolean ignoresHangUp() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("SigIgn:"))
        .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 1) != 0);
  }

  @BeforeEach
  void start() throws Exception {
    assumeFalse(ignoresHangUp(), "the tests were started with SIGHUP ignored");
    configure("heartbeat = 20");
    broker =
        MainProcess.start(
                folder,
                List.of(),
                "--config",
                conf().toString(),
                "--data",
                data().toString(),
                "--management-port",
                "0")
            .awaitStarted();
  }

  @AfterEach
  void stop() throws Exception {
    if (!ignoresHangUp()) {
      broker.close();
    }
  }

  private Path conf() {
    return folder.resolve("rabbitmq.conf");
  }

  private Path data() {
    return folder.resolve("data");
  }

  private void configure(String... lines) throws IOException {
    List<String> all = new ArrayList<>(List.of("listeners.tcp.default = 127.0.0.1:0"));
    all.addAll(Arrays.asList(lines));
    // Whoever reads it meanwhile finds the old one whole, or the new one.
    Path next = Files.write(folder.resolve("next.conf"), all);
    Files.move(next, conf(), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Waits until the broker has said so. */
  private void hangUp(String says) throws Exception {
    String pid = String.valueOf(broker.process().pid());
    Process kill = new ProcessBuilder("kill", "-HUP", pid).inheritIO().start();
    assertThat(kill.waitFor(10, TimeUnit.SECONDS)).isTrue();
    await(says).until(() -> broker.says(says));
  }

  private Connection connect() throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(broker.port());
    return factory.newConnection();
  }

  @Test
  @DisplayName("connections opened from then on go by new limits; older ones stay as they are")
  void limits() throws Exception {
    try (Connection before = connect()) {
      assertThat(before.getHeartbeat()).isEqualTo(20);
      configure("heartbeat = 10", "channel_max = 7");
      hangUp("configuration reloaded, changed: channel_max, heartbeat");
      try (Connection after = connect()) {
        assertThat(after.getHeartbeat()).isEqualTo(10);
        assertThat(after.getChannelMax()).isEqualTo(7);
      }
      assertThat(before.isOpen()).isTrue();
      before.createChannel().close();
    }
  }

  @Test
  @DisplayName("a watermark below what is in use blocks publishers at once, and lets them go again")
  void watermark() throws Exception {
    configure("heartbeat = 20", "vm_memory_high_watermark.absolute = 1MB");
    hangUp("memory alarm raised");
    configure("heartbeat = 20");
    hangUp("memory alarm cleared");
  }

  @Test
  @DisplayName("the level of the log")
  void logLevel() throws Exception {
    // What is said at that level shows that it was read.
    configure("heartbeat = 20", "log.console.level = warning", "default_user = alice");
    hangUp("hold after a restart: default_user");
    configure("heartbeat = 20", "log.console.level = info");
    hangUp("changed: log.console.level");
  }

  @Test
  @DisplayName("what needs a restart is named; what is wrong changes nothing")
  void notReloaded() throws Exception {
    configure("heartbeat = 20", "default_user = alice");
    hangUp("hold after a restart: default_user");
    configure("heartbeat = 5", "chanel_max = 7");
    hangUp("not reloaded: " + conf() + ":3: chanel_max = 7");
    try (Connection after = connect()) {
      assertThat(after.getHeartbeat()).isEqualTo(20);
    }
  }
}
