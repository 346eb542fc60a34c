package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * A broker started as RabbitMQ's container is, by the environment. A Spring Boot application that
 * connects to it is in the conformance tests.
 */
@Execution(ExecutionMode.CONCURRENT)
class ContainerStartTest {
  @TempDir private Path folder;

  private MainProcess start(String... variables) throws IOException {
    List<String> before = new ArrayList<>(List.of("env"));
    before.addAll(List.of(variables));
    before.addAll(List.of("RABBITMQ_NODE_IP_ADDRESS=127.0.0.1", "RABBITMQ_NODE_PORT=0"));
    return MainProcess.start(folder, before, List.of(), "start", "--management-port", "0")
        .awaitStarted();
  }

  @Test
  @DisplayName("the user of the environment gets in and publishes, guest does not any more")
  void asContainer() throws Exception {
    try (MainProcess broker =
        start(
            "RABBITMQ_DEFAULT_USER=u",
            "RABBITMQ_DEFAULT_PASS=p",
            "RABBITMQ_DEFAULT_VHOST=orders",
            "RABBITMQ_MNESIA_BASE=" + folder)) {
      ConnectionFactory factory = new ConnectionFactory();
      factory.setHost("127.0.0.1");
      factory.setPort(broker.port());
      factory.setUsername("u");
      factory.setPassword("p");
      factory.setVirtualHost("orders");
      try (Connection connection = factory.newConnection();
          Channel channel = connection.createChannel()) {
        channel.queueDeclare("orders", true, false, false, null);
        channel.confirmSelect();
        channel.basicPublish(
            "",
            "orders",
            MessageProperties.PERSISTENT_TEXT_PLAIN,
            "one".getBytes(StandardCharsets.UTF_8));
        channel.waitForConfirmsOrDie(5000);
        assertThat(channel.basicGet("orders", true).getBody()).asString().isEqualTo("one");
      }
      factory.setUsername("guest");
      factory.setPassword("guest");
      assertThatThrownBy(factory::newConnection).isInstanceOf(AuthenticationFailureException.class);
      assertThat(folder.resolve("warren/FORMAT")).exists();
    }
  }

  @Test
  @DisplayName("the log names variables without effect, and says nobody's password")
  void log() throws Exception {
    try (MainProcess broker =
        start(
            "RABBITMQ_DEFAULT_PASS=s3cret",
            "RABBITMQ_VM_MEMORY_HIGH_WATERMARK=0.5",
            "RABBITMQ_PORT_5672_TCP_ADDR=10.0.0.1")) {
      assertThat(broker.lines())
          .filteredOn(line -> line.contains("RABBITMQ_"))
          .singleElement()
          .asString()
          .contains("WARN", "RABBITMQ_VM_MEMORY_HIGH_WATERMARK is without effect");
      assertThat(broker.says("s3cret")).isFalse();
    }
  }
}
