package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.impl.AMQConnection;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.broker.auth.PasswordHash;
import org.warrenmq.broker.topology.TopologyCommand;

/** What the audit log has of logins and changes, and how much of it there is. */
class AuditLogTest {
  @TempDir private Path folder;

  private List<JsonObject> lines() throws IOException {
    return Files.readAllLines(folder.resolve("audit.log")).stream().map(JsonObject::new).toList();
  }

  @Test
  @DisplayName("logins and changes are there, by whom and from where, and no secret is")
  void whoDidWhat() throws Exception {
    String from;
    try (TestBroker broker = ConfiguredBroker.start("warren.audit.folder = " + folder)) {
      try (Connection connection = broker.connect()) {
        from = "127.0.0.1:" + portOf(connection);
        Channel channel = connection.createChannel();
        channel.exchangeDeclare("news \"today\"", "fanout");
        channel.queueDeclare("jobs", true, false, false, null);
        channel.queueDeclare("jobs", true, false, false, null);
        channel.queueBind("jobs", "news \"today\"", "k");
        channel.queueDelete("jobs");
      }
      ConnectionFactory wrong = broker.factory();
      wrong.setPassword("a secret guess");
      assertThatThrownBy(wrong::newConnection).isInstanceOf(AuthenticationFailureException.class);
      OperatorCommands commands = broker.broker().commands();
      commands.change(
          new TopologyCommand.AddUser("ann", PasswordHash.of("another secret"), List.of("x")));
      assertThatThrownBy(() -> commands.change(new TopologyCommand.DeleteUser("nobody")))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(lines())
        .extracting(line -> line.getString("event"))
        .containsExactly(
            "login granted",
            "exchange declared",
            "queue declared",
            "binding created",
            "queue deleted",
            "login refused",
            "user added",
            "user deleted");
    assertThat(lines().get(0).getMap())
        .containsEntry("user", "guest")
        .containsEntry("from", from)
        .containsEntry("by", "password")
        .containsKey("time");
    assertThat(lines().get(1).getMap())
        .containsEntry("user", "guest")
        .containsEntry("from", from)
        .containsEntry("vhost", "/")
        .containsEntry("name", "news \"today\"");
    assertThat(lines().get(6).getMap())
        .containsEntry("user", "operator")
        .containsEntry("subject", "ann");
    assertThat(lines().get(7).getMap()).containsKey("refused");
    assertThat(Files.readString(folder.resolve("audit.log"))).doesNotContain("secret");
  }

  private static int portOf(Connection connection) {
    return ((AMQConnection) connection).getLocalPort();
  }

  @Test
  @DisplayName("so many files of such a size are kept, and none where it is off")
  void bounded() throws Exception {
    try (TestBroker broker =
        ConfiguredBroker.start(
            "warren.audit.folder = " + folder,
            "warren.audit.file_size = 2kB",
            "warren.audit.files = 2")) {
      OperatorCommands commands = broker.broker().commands();
      for (int i = 0; i < 300; i++) {
        commands.change(new TopologyCommand.CreateVhost("vhost " + i));
      }
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("audit.log", "audit.1.log", "audit.2.log");
    }
    assertThat(Files.size(folder.resolve("audit.1.log"))).isLessThan(50_000);
    try (TestBroker broker = ConfiguredBroker.start("warren.audit.enabled = false")) {
      broker.connect().close();
      assertThat(broker.dataDir().resolve("audit.log")).doesNotExist();
    }
  }
}
