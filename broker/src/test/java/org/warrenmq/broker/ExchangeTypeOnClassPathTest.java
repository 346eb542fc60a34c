package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.example.PrefixType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.router.ExchangeType;

/** The example of {@code docs/exchange-types.md}: the page shows it as it is, and it works. */
class ExchangeTypeOnClassPathTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
  private static final Pattern EXAMPLE =
      Pattern.compile("```java\n(package org\\.example;\n.*?)```", Pattern.DOTALL);

  @TempDir private Path folder;
  private Path config;

  @BeforeEach
  void configure() throws IOException {
    config = folder.resolve("warren.conf");
    Files.write(config, List.of("listeners.tcp.default = 127.0.0.1:0", "management.tcp.port = 0"));
  }

  /** What the page lets its reader make: the class and a file that names it. */
  private Path classes() throws IOException, URISyntaxException {
    Path classes = folder.resolve("classes");
    Path services = Files.createDirectories(classes.resolve("META-INF/services"));
    Files.writeString(
        services.resolve(ExchangeType.class.getName()), PrefixType.class.getName() + "\n");
    Path compiled =
        Path.of(PrefixType.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path target = Files.createDirectories(classes.resolve("org/example"));
    try (Stream<Path> files = Files.list(compiled.resolve("org/example"))) {
      for (Path file : files.toList()) {
        Files.copy(file, target.resolve(file.getFileName()));
      }
    }
    return classes;
  }

  private String[] arguments() {
    String data = folder.resolve("data").toString();
    return new String[] {"--config", config.toString(), "--data", data};
  }

  @Test
  void thePageShowsTheSource() throws IOException {
    String page = Files.readString(ROOT.resolve("docs/exchange-types.md"));
    Matcher example = EXAMPLE.matcher(page);
    assertThat(example.find()).isTrue();
    assertThat(example.group(1))
        .isEqualTo(
            Files.readString(ROOT.resolve("broker/src/test/java/org/example/PrefixType.java")));
  }

  @Test
  void aTypeOnTheClassPathIsFound() throws Exception {
    try (MainProcess process = MainProcess.startWith(classes(), folder, arguments())) {
      ConnectionFactory factory = new ConnectionFactory();
      factory.setPort(process.awaitStarted().port());
      try (Connection connection = factory.newConnection()) {
        Channel channel = connection.createChannel();
        channel.exchangeDeclare("prefixes", "x-prefix", true);
        channel.queueDeclare("orders", true, false, false, null);
        channel.queueBind("orders", "prefixes", "order-");
        channel.basicPublish("prefixes", "order-17", null, new byte[0]);
        channel.basicPublish("prefixes", "invoice-17", null, new byte[0]);
        assertThat(channel.basicGet("orders", true).getEnvelope().getRoutingKey())
            .isEqualTo("order-17");
        assertThat(channel.basicGet("orders", true)).isNull();
        assertThatThrownBy(() -> channel.queueBind("orders", "prefixes", ""))
            .cause()
            .hasMessageContaining("PRECONDITION_FAILED - a prefix must not be empty");
      }
    }
    // Its exchanges are on disk, and nothing knows what they mean.
    try (MainProcess without = MainProcess.start(folder, List.of(), arguments())) {
      assertThat(without.process().waitFor(15, TimeUnit.SECONDS)).isTrue();
      assertThat(without.process().exitValue()).isNotZero();
      assertThat(without.says("does not come back: unknown exchange type 'x-prefix'")).isTrue();
    }
    try (MainProcess again =
        MainProcess.startWith(folder.resolve("classes"), folder, arguments())) {
      again.awaitStarted();
    }
  }
}
