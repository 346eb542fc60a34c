package org.warrenmq.conformance.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.conformance.BrokerProcess;

/**
 * What the README shows: a broker started by RabbitMQ's variables, and a Spring Boot application
 * that has its properties. Both are processes, on a free port. On the test thread.
 */
class SpringBootTest {
  private static final int LIMIT_SECONDS = 60;
  private static final Pattern START =
      Pattern.compile("(?m)^ {4}(RABBITMQ_DEFAULT_USER=.*) bin/warren$");
  private static final Pattern PROPERTIES = Pattern.compile("(?s)```properties\n(.*?)```");

  @TempDir private Path folder;

  private static String readme(Pattern part) throws IOException {
    Path file = BrokerProcess.script().getParent().resolveSibling("README.md");
    Matcher found = part.matcher(Files.readString(file));
    assertThat(found.find()).isTrue();
    return found.group(1);
  }

  @Test
  @DisplayName("an application with the README's properties publishes and receives")
  void application() throws Exception {
    Map<String, String> environment = new HashMap<>();
    for (String variable : readme(START).split(" ")) {
      String[] parts = variable.split("=", 2);
      environment.put(parts[0], parts[1]);
    }
    Path properties =
        Files.writeString(folder.resolve("application.properties"), readme(PROPERTIES));
    BrokerProcess.Launch launch = BrokerProcess.Launch.on(folder.resolve("data"));
    try (BrokerProcess broker = BrokerProcess.start(launch.withEnvironment(environment))) {
      assertThat(run(properties, URI.create(broker.uri()).getPort()))
          .contains("confirmed true", "received one");
    }
  }

  private List<String> run(Path properties, int port) throws Exception {
    Path output = folder.resolve("application.txt");
    Process application =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                OrdersApplication.class.getName(),
                "--spring.config.location=file:" + properties,
                "--spring.rabbitmq.port=" + port)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(application.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
      assertThat(application.exitValue()).as(Files.readString(output)).isZero();
      return Files.readAllLines(output);
    } finally {
      application.destroyForcibly();
    }
  }
}
