package org.warrenmq.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.warrenmq.broker.TestBroker.await;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What an operator does with a data folder: copies it, starts a broker on the copy, checks it. */
class BackupAndVerifyTest {
  private static final String QUEUE = "orders";

  @TempDir private Path folder;

  /** How a command ended, and everything it said. */
  private record Result(int code, String out, String err) {}

  private static Result run(Object command, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        new CommandLine(command)
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(arguments);
    return new Result(code, out.toString().strip(), err.toString().strip());
  }

  private static Result backup(Path data, Path target) {
    return run(new BackupCommand(), "--data", data.toString(), target.toString());
  }

  private static Result verify(Path data) {
    return run(new VerifyCommand(), "--data", data.toString());
  }

  private static void refused(Result result, String... parts) {
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).startsWith("warren: ").contains(parts).hasLineCount(1);
  }

  /** Publishes numbers, one confirmed after the other, until told to stop. */
  private static final class Load {
    final AtomicInteger confirmed = new AtomicInteger();
    final AtomicBoolean stopped = new AtomicBoolean();
    final CompletableFuture<Void> done;

    Load(TestBroker broker) throws Exception {
      Connection connection = broker.connect();
      Channel channel = connection.createChannel();
      channel.queueDeclare(QUEUE, true, false, false, null);
      channel.confirmSelect();
      done = CompletableFuture.runAsync(() -> publish(connection, channel));
    }

    private void publish(Connection connection, Channel channel) {
      try (connection) {
        for (int i = 0; !stopped.get(); i++) {
          channel.basicPublish("", QUEUE, MessageProperties.PERSISTENT_BASIC, bytes(i));
          channel.waitForConfirmsOrDie(TestBroker.LIMIT.toMillis());
          confirmed.incrementAndGet();
        }
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }

    private static byte[] bytes(int number) {
      return String.valueOf(number).getBytes(UTF_8);
    }

    void awaitMore(int messages) {
      int before = confirmed.get();
      await("messages").until(() -> confirmed.get() >= before + messages || done.isDone());
    }

    void stop() throws Exception {
      stopped.set(true);
      done.get(TestBroker.LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
  }

  private static List<String> content(TestBroker broker) throws Exception {
    List<String> texts = new ArrayList<>();
    try (Connection connection = broker.connect()) {
      Channel channel = connection.createChannel();
      GetResponse response;
      while ((response = channel.basicGet(QUEUE, true)) != null) {
        texts.add(new String(response.getBody(), UTF_8));
      }
    }
    return texts;
  }

  private static List<String> numbers(int count) {
    return IntStream.range(0, count).mapToObj(String::valueOf).toList();
  }

  @Test
  @DisplayName("a copy made under load holds everything that was confirmed before, in order")
  void backupOfARunningBroker() throws Exception {
    Path copy = folder.resolve("copy");
    int confirmedBefore;
    try (TestBroker broker = TestBroker.startOn(folder.resolve("data"))) {
      Load load = new Load(broker);
      load.awaitMore(50);
      confirmedBefore = load.confirmed.get();
      Result result = backup(broker.dataDir(), copy);
      assertThat(result).isEqualTo(new Result(0, "copied to " + copy, ""));
      load.awaitMore(50);
      load.stop();
      assertThat(content(broker)).isEqualTo(numbers(load.confirmed.get()));
    }
    assertThat(verify(copy).code()).isZero();
    try (TestBroker broker = TestBroker.startOn(copy)) {
      List<String> texts = content(broker);
      assertThat(texts)
          .hasSizeGreaterThanOrEqualTo(confirmedBefore)
          .isEqualTo(numbers(texts.size()));
    }
  }

  @Test
  @DisplayName("a backup over something that exists is refused, and leaves it alone")
  void existingTarget() throws Exception {
    Path taken = Files.createDirectory(folder.resolve("taken"));
    try (TestBroker broker = TestBroker.startOn(folder.resolve("data"))) {
      refused(backup(broker.dataDir(), taken), taken.toString(), "exists already");
      assertThat(taken).isEmptyDirectory();
      assertThat(backup(broker.dataDir(), folder.resolve("free")).code()).isZero();
    }
  }

  @Test
  @DisplayName("a backup where no broker runs says so")
  void backupWithoutABroker() throws Exception {
    Path data = folder.resolve("data");
    TestBroker.startOn(data).close();
    refused(backup(data, folder.resolve("copy")), "no broker answers", data.toString());
    refused(backup(folder.resolve("none"), folder.resolve("copy")), "no broker answers");
    assertThat(folder.resolve("copy")).doesNotExist();
  }

  /** The data folder of a broker that has ended, with so many messages in files of their own. */
  private Path dataWith(int messages) throws Exception {
    Path data = folder.resolve("data");
    try (TestBroker broker = TestBroker.startOn(folder.resolve("original"))) {
      Load load = new Load(broker);
      load.awaitMore(messages);
      load.stop();
      broker.broker().commands().backup(data);
    }
    return data;
  }

  @Test
  @DisplayName("verify counts what is there (a queue and its virtual host), and calls it sound")
  void sound() throws Exception {
    Path data = dataWith(20);
    Result result = verify(data);
    assertThat(result.code()).isZero();
    assertThat(result.err()).isEmpty();
    assertThat(result.out())
        .startsWith(data + ": ")
        .containsPattern("\\d+ messages \\(\\d+ bytes\\) in 1 queues, 5 definitions")
        .endsWith("\nsound");
    assertThat(verify(data)).isEqualTo(result);
  }

  @Test
  @DisplayName("verify finds a single wrong byte in a file of messages")
  void damaged() throws Exception {
    Path data = dataWith(20);
    Path file = largest(data, ".sst");
    flipByte(file, 100);
    Result result = verify(data);
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.out())
        .contains("damaged: a block's checksum is wrong", file.getFileName().toString())
        .endsWith("\nNOT SOUND");
  }

  @Test
  @DisplayName("verify finds a length in a log that makes a record look cut short")
  void damagedLog() throws Exception {
    Path data = folder.resolve("data");
    try (TestBroker broker = TestBroker.startOn(data);
        Connection connection = broker.connect()) {
      // A log of some hundred octets: with this length any record reaches beyond its end.
      connection.createChannel().queueDeclare(QUEUE, true, false, false, null);
    }
    Path log = largest(data, ".log");
    // The high octet of the first record's length.
    flipByte(log, 5);
    refused(
        verify(data),
        "is damaged (the length of a record at 0 of main/" + log.getFileName() + ")",
        "confirmed messages would be lost");
  }

  private static Path largest(Path data, String suffix) throws IOException {
    try (Stream<Path> files = Files.list(data.resolve("main"))) {
      return files
          .filter(path -> path.toString().endsWith(suffix))
          .max(Comparator.comparingLong(path -> path.toFile().length()))
          .orElseThrow();
    }
  }

  private static void flipByte(Path file, long at) throws IOException {
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      access.seek(at);
      int old = access.read();
      access.seek(at);
      access.write(old ^ 0x20);
    }
  }

  @Test
  @DisplayName("verify refuses a folder that is in use")
  void inUse() throws Exception {
    try (TestBroker broker = TestBroker.startOn(folder.resolve("data"))) {
      refused(verify(broker.dataDir()), broker.dataDir().toString(), "in use");
    }
  }

  @Test
  @DisplayName("verify refuses what is no data folder, and makes none of it")
  void noDataFolder() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    Path empty = Files.createDirectory(folder.resolve("empty"));
    refused(verify(folder.resolve("none")), "there is no data folder");
    refused(verify(file), "there is no data folder", file.toString());
    refused(verify(empty), "does not hold a store of WarrenMQ", empty.toString());
    assertThat(empty).isEmptyDirectory();
  }
}
