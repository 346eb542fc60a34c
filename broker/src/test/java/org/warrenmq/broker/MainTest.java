package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.warrenmq.broker.TestBroker.await;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The broker as a process of its own: how it starts, why it does not, how it stops. */
@Execution(ExecutionMode.CONCURRENT)
class MainTest {
  private static final Duration START_LIMIT = MainProcess.START_LIMIT;
  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

  @TempDir private Path folder;
  private Path config;
  private final List<MainProcess> started = new ArrayList<>();

  @BeforeEach
  void configure() throws IOException {
    config = folder.resolve("warren.conf");
    Files.write(config, List.of("listeners.tcp.default = 127.0.0.1:0", "management.tcp.port = 0"));
  }

  @AfterEach
  void killAll() throws InterruptedException {
    for (MainProcess running : started) {
      running.close();
    }
  }

  private MainProcess run(String... arguments) throws IOException {
    MainProcess running = MainProcess.start(folder, List.of(), arguments);
    started.add(running);
    return running;
  }

  /**
   * Starts a broker.
   *
   * @param before the beginning of the command, which runs the rest of it
   */
  private MainProcess broker(String... before) throws IOException {
    String data = folder.resolve("data").toString();
    MainProcess running =
        MainProcess.start(
            folder, List.of(before), List.of(), "--config", config.toString(), "--data", data);
    started.add(running);
    return running.awaitStarted();
  }

  /** Exactly one line of output with all of this in it, and an exit code that is not 0. */
  private static void refuses(MainProcess running, String... parts) throws Exception {
    assertThat(running.process().waitFor(START_LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(running.process().exitValue()).isNotZero();
    assertThat(running.lines()).hasSize(1);
    assertThat(running.lines().getFirst()).contains(parts);
  }

  @Test
  @DisplayName("a taken port")
  void takenPort() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = String.valueOf(taken.getLocalPort());
      refuses(
          run("--config", config.toString(), "--port", port),
          "ERROR",
          "cannot listen on 127.0.0.1:" + port,
          "Address already in use");
    }
  }

  @Test
  @DisplayName("a data folder that cannot be made, or is a file")
  void unusableDataFolder() throws Exception {
    Path file = Files.createFile(folder.resolve("occupied"));
    MainProcess inItsPlace = run("--config", config.toString(), "--data", file.toString());
    MainProcess below =
        run("--config", config.toString(), "--data", file.resolve("below").toString());
    refuses(inItsPlace, "ERROR", "data folder", file.toString());
    refuses(below, "ERROR", "data folder", file.resolve("below").toString());
  }

  @Test
  @DisplayName("a data folder of a newer broker, of another program, or in use")
  void dataFolderOfOthers() throws Exception {
    Path newer = Files.createDirectory(folder.resolve("newer"));
    Files.writeString(newer.resolve("FORMAT"), "warrenmq-store 7\n");
    Path foreign = Files.createDirectory(folder.resolve("foreign"));
    Files.writeString(foreign.resolve("letters.txt"), "dear reader");
    MainProcess first = broker();
    String used = folder.resolve("data").toString();
    MainProcess onNewer = run("--config", config.toString(), "--data", newer.toString());
    MainProcess onForeign = run("--config", config.toString(), "--data", foreign.toString());
    MainProcess second = run("--config", config.toString(), "--data", used);
    refuses(onNewer, "ERROR", newer.toString(), "format version 7", "version 5");
    refuses(onForeign, "ERROR", foreign.toString(), "does not hold a store of WarrenMQ");
    refuses(second, "ERROR", used, "in use by another process");
    assertThat(first.process().isAlive()).isTrue();
    assertThat(newer).isDirectoryNotContaining("glob:**/main");
    assertThat(foreign).isDirectoryNotContaining("glob:**/main");
  }

  @Test
  @DisplayName("a second start on a data folder warns of nothing")
  void secondStart() throws Exception {
    broker().close();
    assertThat(broker().lines()).noneMatch(line -> line.contains("ERROR") || line.contains("WARN"));
  }

  @Test
  @DisplayName("a command that fails says why, and its exit code is 1")
  void failingCommands() throws Exception {
    Path missing = folder.resolve("missing");
    MainProcess verify = run("verify", "--data", missing.toString());
    MainProcess backup = run("backup", "--data", missing.toString(), "copy");
    refuses(verify, "warren: there is no data folder " + missing);
    refuses(backup, "warren: no broker answers in the data folder " + missing);
    assertThat(verify.process().exitValue()).isEqualTo(1);
    assertThat(backup.process().exitValue()).isEqualTo(1);
  }

  @Test
  @DisplayName("an option that does not exist, or cannot be")
  void badOptions() throws Exception {
    MainProcess unknown = run("--frobnicate");
    MainProcess noNumber = run("start", "--port", "many");
    MainProcess noPort = run("--port", "65536");
    MainProcess noCommand = run("frobnicate");
    refuses(unknown, "warren:", "--frobnicate");
    refuses(noNumber, "warren:", "--port", "many");
    refuses(noPort, "--port", "65536");
    refuses(noCommand, "warren:", "frobnicate");
  }

  @Test
  @DisplayName("a configuration that is not there, or has a wrong value")
  void unusableConfiguration() throws Exception {
    Path missing = folder.resolve("missing.conf");
    Path wrong = Files.writeString(folder.resolve("wrong.conf"), "heartbeat = often\n");
    Path noEquals = Files.writeString(folder.resolve("secret.conf"), "#\ndefault_pass hidden\n");
    MainProcess ofMissing = run("--config", missing.toString());
    MainProcess ofWrong = run("--config", wrong.toString());
    refuses(ofMissing, "ERROR", missing.toString());
    MainProcess ofNoEquals = run("--config", noEquals.toString());
    refuses(ofWrong, "ERROR", "heartbeat = often");
    refuses(ofNoEquals, "ERROR", noEquals + ":2:", "this line is not 'key = value'");
    assertThat(ofNoEquals.says("hidden")).isFalse();
  }

  @Test
  @DisplayName("--help and --version answer and end")
  void helpAndVersion() throws Exception {
    MainProcess help = run("--help");
    MainProcess version = run("--version");
    assertThat(help.process().waitFor(START_LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(version.process().waitFor(START_LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(help.process().exitValue()).isZero();
    assertThat(version.process().exitValue()).isZero();
    assertThat(help.lines()).anyMatch(line -> line.contains("start"));
    assertThat(version.lines()).singleElement().asString().startsWith("WarrenMQ ");
  }

  @Test
  @DisplayName("a start says where it listens and how long it took, and makes its data folder")
  void startLines() throws Exception {
    MainProcess running = broker();
    String listening = "AMQP 0-9-1 listening on 127.0.0.1:" + running.port();
    assertThat(running.lines()).filteredOn(line -> line.endsWith(listening)).hasSize(1);
    assertThat(running.lines()).filteredOn(line -> line.matches(".*started in \\d+ ms")).hasSize(1);
    assertThat(running.lines())
        .filteredOn(line -> line.contains("ERROR") || line.contains("WARN"))
        .singleElement()
        .asString()
        .endsWith("data is new: this broker begins empty");
    assertThat(folder.resolve("data")).isDirectory();
  }

  @Test
  @DisplayName("SIGTERM: clients are told 320, and the process ends at once")
  void stops() throws Exception {
    MainProcess running = broker();
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(running.port());
    factory.setAutomaticRecoveryEnabled(false);
    List<CompletableFuture<ShutdownSignalException>> ends = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      Connection connection = factory.newConnection();
      connection.createChannel();
      CompletableFuture<ShutdownSignalException> end = new CompletableFuture<>();
      connection.addShutdownListener(end::complete);
      ends.add(end);
    }
    running.process().destroy();
    for (CompletableFuture<ShutdownSignalException> end : ends) {
      AMQP.Connection.Close close =
          (AMQP.Connection.Close) end.get(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS).getReason();
      assertThat(close.getReplyCode()).isEqualTo(320);
      assertThat(close.getReplyText()).startsWith("CONNECTION_FORCED - ");
    }
    // All have answered: nothing is left to wait for.
    assertThat(running.process().waitFor(4, TimeUnit.SECONDS)).isTrue();
    assertThat(running.lines()).noneMatch(line -> line.contains("ERROR"));
  }

  @Test
  @DisplayName("SIGTERM: clients that answer nothing, or read nothing, hold nothing up for long")
  void stopsDespiteSilence() throws Exception {
    MainProcess running = broker();
    try (RawClient silent = RawClient.connect(running.port());
        RawClient halfOpen = RawClient.connect(running.port());
        RawClient deaf = RawClient.connect(running.port(), 16 * 1024)) {
      silent.open(Map.of());
      halfOpen.send(RawClient.PROTOCOL_HEADER);
      halfOpen.expect(0, AMQP.Connection.Start.class);
      consumeWithoutReading(deaf);
      running.process().destroy();
      AMQP.Connection.Close close = silent.expect(0, AMQP.Connection.Close.class);
      assertThat(close.getReplyCode()).isEqualTo(320);
      assertThat(close.getReplyText()).startsWith("CONNECTION_FORCED - ");
      assertThat(running.process().waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(halfOpen.reachesEnd()).isTrue();
    }
  }

  @Test
  @DisplayName("idle sockets leave the store its files: those beyond the limit are closed")
  void filesForTheStore() throws Exception {
    MainProcess running = broker("bash", "-c", "ulimit -n 200; exec \"$@\"", "broker");
    // 200, without 25 for each database, 96 for the rest and 4 for each way to the HTTP API.
    assertThat(running.says("at most 46 connections at a time")).isTrue();
    List<RawClient> strangers = new ArrayList<>();
    try (RawClient publisher = RawClient.connect(running.port())) {
      publisher.open(Map.of());
      publisher.send(
          1, new AMQP.Queue.Declare.Builder().queue("kept").durable(true).exclusive(false).build());
      publisher.expect(1, AMQP.Queue.DeclareOk.class);
      publisher.send(1, new AMQP.Confirm.Select.Builder().build());
      publisher.expect(1, AMQP.Confirm.SelectOk.class);
      for (int i = 0; i < 300; i++) {
        strangers.add(RawClient.connect(running.port()));
      }
      assertThat(strangers.getLast().reachesEnd()).isTrue();
      for (int i = 0; i < 100; i++) {
        publisher.publish(1, "kept", new byte[100_000]);
        publisher.expect(1, AMQP.Basic.Ack.class);
      }
    } finally {
      for (RawClient stranger : strangers) {
        stranger.close();
      }
    }
    await("a place").until(() -> getsIn(running.port()));
    assertThat(running.process().isAlive()).isTrue();
  }

  private static boolean getsIn(int port) throws IOException {
    try (RawClient client = RawClient.connect(port)) {
      client.send(RawClient.PROTOCOL_HEADER);
      client.expect(0, AMQP.Connection.Start.class);
      return true;
    } catch (EOFException | SocketException e) {
      return false;
    }
  }

  @Test
  @DisplayName("0.0.0.0 is IPv4 alone, [::] is both, and guest is on this machine either way")
  void addresses() throws Exception {
    Files.writeString(config, "listeners.tcp.default = 0.0.0.0:0\nmanagement.tcp.port = 0\n");
    assertThat(loginsBy("127.0.0.1", "::1")).containsExactly(true, false);
    Files.writeString(config, "listeners.tcp.default = [::]:0\nmanagement.tcp.port = 0\n");
    assertThat(loginsBy("127.0.0.1", "::1")).containsExactly(true, true);
  }

  /** Whether guest gets in by each address of a new broker. */
  private List<Boolean> loginsBy(String... addresses) throws Exception {
    MainProcess running = broker();
    Matcher listening = Pattern.compile("listening on .*:(\\d+)").matcher("");
    int port =
        running.lines().stream()
            .filter(line -> listening.reset(line).find())
            .mapToInt(_ -> Integer.parseInt(listening.group(1)))
            .findFirst()
            .orElseThrow();
    List<Boolean> answers = new ArrayList<>();
    for (String address : addresses) {
      ConnectionFactory factory = new ConnectionFactory();
      factory.setHost(address);
      factory.setPort(port);
      try (Connection connection = factory.newConnection()) {
        answers.add(connection.isOpen());
      } catch (ConnectException e) {
        answers.add(false);
      }
    }
    running.process().destroyForcibly().waitFor();
    return answers;
  }

  /** Far more deliveries than the system's socket buffers take. */
  private static void consumeWithoutReading(RawClient client) throws IOException {
    client.open(Map.of());
    client.send(1, new AMQP.Queue.Declare.Builder().queue("unread").build());
    client.expect(1, AMQP.Queue.DeclareOk.class);
    for (int i = 0; i < 300; i++) {
      client.publish(1, "unread", new byte[100_000]);
    }
    client.send(1, new AMQP.Basic.Consume.Builder().queue("unread").consumerTag("c").build());
    client.expect(1, AMQP.Basic.ConsumeOk.class);
  }
}
