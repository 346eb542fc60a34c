package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Scripts that set a broker up, as projects that use RabbitMQ have them: run as they are, with the
 * folder {@code bin} on the PATH, against a broker process. On the test thread.
 */
class SetUpScriptsTest {
  private static final long LIMIT_SECONDS = 60;

  @TempDir static Path folder;

  private static BrokerProcess broker;

  private record Run(int code, List<String> lines) {}

  @BeforeAll
  static void start() throws Exception {
    broker = BrokerProcess.start(BrokerProcess.Launch.on(data()));
  }

  @AfterAll
  static void stop() throws Exception {
    broker.close();
  }

  private static Path data() {
    return folder.resolve("data");
  }

  private static Run run(Path data, String script) throws Exception {
    Path file = Files.writeString(folder.resolve("script.sh"), script);
    ProcessBuilder builder = new ProcessBuilder("bash", file.toString()).redirectErrorStream(true);
    builder.directory(folder.toFile());
    String bin = BrokerProcess.script().getParent().toString();
    builder.environment().merge("PATH", bin, (path, more) -> more + ":" + path);
    builder.environment().put("WARREN_DATA", data.toString());
    Process process = builder.start();
    List<String> lines = process.inputReader().lines().toList();
    assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    return new Run(process.exitValue(), lines);
  }

  private static ConnectionFactory as(String user, String password, String vhost) throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setUri(broker.uri());
    factory.setUsername(user);
    factory.setPassword(password);
    factory.setVirtualHost(vhost);
    return factory;
  }

  @Test
  @DisplayName("the start of a container: wait, a user, tags, a virtual host, permissions")
  void container() throws Exception {
    Run run =
        run(
            data(),
            """
            set -e
            until rabbitmq-diagnostics -q ping >/dev/null 2>&1; do sleep 1; done
            rabbitmqctl await_startup --timeout 60
            rabbitmqctl wait --pid %d --timeout 60
            rabbitmqctl add_user "$APP_USER" "$APP_PASSWORD" 2>/dev/null \\
              || rabbitmqctl add_user app s3cret
            rabbitmqctl set_user_tags app administrator
            rabbitmqctl add_vhost shop
            rabbitmqctl set_permissions -p shop app ".*" ".*" ".*"
            rabbitmqctl delete_user nobody
            echo "*** User 'app' with password 's3cret' completed. ***"
            """
                .formatted(broker.pid()));
    assertThat(run.code()).as("%s", run).isZero();
    assertThat(run.lines())
        .contains("Adding vhost \"shop\" ...")
        .last()
        .isEqualTo("*** User 'app' with password 's3cret' completed. ***");
    try (Connection connection = as("app", "s3cret", "shop").newConnection()) {
      assertThat(connection.isOpen()).isTrue();
    }
  }

  @Test
  @DisplayName("a configuration tool: look first, change what differs, look again")
  void configurationTool() throws Exception {
    Run run =
        run(
            data(),
            """
            set -eu
            has_vhost() { rabbitmqctl -q list_vhosts name | grep -qx "$1"; }
            has_user() { rabbitmqctl -q list_users | cut -f1 | grep -qx "$1"; }
            has_vhost billing || rabbitmqctl -q add_vhost billing
            has_user billing || echo 'pa$$ word' | rabbitmqctl -q add_user billing
            rabbitmqctl -q authenticate_user billing 'pa$$ word'
            rabbitmqctl -q set_permissions -p billing billing '^billing\\.' '^billing\\.' '.*'
            rabbitmqctl -q set_user_tags billing management
            rabbitmqctl -q list_user_permissions billing
            rabbitmqctl -q -p billing set_vhost_limits '{"max-connections": 100}'
            rabbitmqctl list_permissions -p billing --formatter json \\
              | tr -d '\\n' && echo
            has_vhost billing && has_user billing
            """);
    assertThat(run.code()).as("%s", run).isZero();
    assertThat(run.lines())
        .containsExactly(
            "Success",
            "vhost\tconfigure\twrite\tread",
            "billing\t^billing\\.\t^billing\\.\t.*",
            "[{\"user\":\"billing\",\"configure\":\"^billing\\\\.\",\"write\":\"^billing\\\\.\","
                + "\"read\":\".*\"}]");
  }

  @Test
  @DisplayName("policies and probes, as a deployment has them")
  void policiesAndProbes() throws Exception {
    Run run =
        run(
            data(),
            """
            set -e
            rabbitmq-diagnostics -q check_running
            rabbitmq-diagnostics -q check_local_alarms
            rabbitmq-diagnostics -q check_port_listener %d
            rabbitmq-diagnostics -q check_virtual_hosts
            rabbitmqctl set_policy ha-all '^ha\\.' '{"ha-mode":"all","ha-sync-mode":"automatic"}'
            rabbitmqctl set_policy -p / --priority 1 --apply-to queues ttl '^short\\.' '{"message-ttl":60000}'
            rabbitmqctl list_policies -s | sort
            rabbitmqctl clear_policy ttl
            rabbitmqctl list_queues -s name messages consumers
            if rabbitmqctl clear_policy ttl 2>/dev/null; then exit 1; else echo "exit $?"; fi
            """
                .formatted(port()));
    assertThat(run.code()).as("%s", run).isZero();
    assertThat(run.lines())
        .contains(
            "/\tha-all\t^ha\\.\tall\t{\"ha-mode\":\"all\",\"ha-sync-mode\":\"automatic\"}\t0",
            "/\tttl\t^short\\.\tqueues\t{\"message-ttl\":60000}\t1",
            "exit 69");
  }

  private static int port() throws Exception {
    return as("guest", "guest", "/").getPort();
  }

  @Test
  @DisplayName("where no broker runs, it says so and exits with 69")
  void nobody() throws Exception {
    Run run = run(folder.resolve("none"), "rabbitmqctl list_users");
    assertThat(run.code()).isEqualTo(69);
    assertThat(String.join("\n", run.lines()))
        .contains("Error: unable to perform an operation on node 'rabbit@", "none: ");
    run = run(folder.resolve("none"), "rabbitmq-diagnostics -q ping");
    assertThat(run.code()).isEqualTo(69);
  }

  @Test
  @DisplayName("what is not here says why, and exits with 69")
  void absent() throws Exception {
    Run run = run(data(), "rabbitmqctl join_cluster rabbit@elsewhere");
    assertThat(run.code()).isEqualTo(69);
    assertThat(run.lines())
        .contains("join_cluster is not available: a node is alone: there is no clustering yet");
  }
}
