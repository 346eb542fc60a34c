package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultSaslConfig;
import com.rabbitmq.client.LongString;
import com.rabbitmq.client.SaslConfig;
import com.rabbitmq.client.SaslMechanism;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.warrenmq.broker.auth.PasswordHash;
import org.warrenmq.broker.tls.TestAuthority;
import org.warrenmq.broker.tls.TestAuthority.Signed;
import org.warrenmq.broker.topology.TopologyCommand;

/** The mechanisms that are offered, who comes in by each, and who does not. */
class LoginMechanismsTest {
  private static final TestAuthority ROOT = TestAuthority.root("logins");

  @TempDir private Path folder;
  private @Nullable TestBroker broker;

  @AfterEach
  void stop() throws Exception {
    if (broker != null) {
      broker.close();
    }
  }

  private TestBroker start(String... lines) throws Exception {
    TestBroker started = ConfiguredBroker.start(lines);
    broker = started;
    return started;
  }

  private TestBroker startTls(String... lines) throws Exception {
    ROOT.server("server").write(folder, "server");
    ROOT.write(folder.resolve("ca.pem"));
    String[] tls = {
      "listeners.tcp = none",
      "listeners.ssl.1 = 127.0.0.1:0",
      "ssl_options.certfile = " + folder.resolve("server.pem"),
      "ssl_options.keyfile = " + folder.resolve("server.key"),
      "ssl_options.cacertfile = " + folder.resolve("ca.pem"),
      "ssl_options.verify = verify_peer",
      "auth_mechanisms.1 = PLAIN",
      "auth_mechanisms.2 = EXTERNAL"
    };
    return start(Stream.concat(Arrays.stream(tls), Arrays.stream(lines)).toArray(String[]::new));
  }

  private static void addUser(TestBroker broker, String name) {
    OperatorCommands commands = broker.broker().commands();
    commands.change(
        new TopologyCommand.AddUser(name, PasswordHash.of("unknown to clients"), List.of()));
    commands.change(new TopologyCommand.SetPermissions(name, "/", ".*", ".*", ".*"));
  }

  private static Connection external(TestBroker broker, @Nullable Signed identity)
      throws Exception {
    ConnectionFactory factory = broker.factory();
    factory.useSslProtocol(ROOT.client(identity));
    factory.setSaslConfig(DefaultSaslConfig.EXTERNAL);
    return factory.newConnection();
  }

  private static List<String> offered(TestBroker broker) throws Exception {
    try (RawClient client = RawClient.connect(broker.port())) {
      client.send(RawClient.PROTOCOL_HEADER);
      AMQP.Connection.Start start = client.expect(0, AMQP.Connection.Start.class);
      return List.of(start.getMechanisms().toString().split(" "));
    }
  }

  /** Says who it is by one word. */
  private static SaslConfig saying(String mechanism, String response) {
    return mechanisms ->
        new SaslMechanism() {
          @Override
          public String getName() {
            return mechanism;
          }

          @Override
          public LongString handleChallenge(
              @Nullable LongString challenge, String user, String password) {
            return com.rabbitmq.client.impl.LongStringHelper.asLongString(
                response.getBytes(StandardCharsets.UTF_8));
          }
        };
  }

  @Test
  @DisplayName("PLAIN and AMQPLAIN are offered, and others where they are configured")
  void offers() throws Exception {
    start();
    assertThat(offered(broker)).containsExactly("PLAIN", "AMQPLAIN");
    broker.close();
    // Without TLS there is no certificate to come with.
    start("auth_mechanisms.1 = EXTERNAL", "auth_mechanisms.2 = ANONYMOUS");
    assertThat(offered(broker)).containsExactly("ANONYMOUS");
    ConnectionFactory plain = broker.factory();
    plain.setSaslConfig(saying("PLAIN", "\0guest\0guest"));
    assertThatThrownBy(plain::newConnection).isInstanceOf(java.io.IOException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "distinguished_name, 'CN=ann,O=people'",
    "common_name, ann",
    "subject_alt_name, ann.example"
  })
  @DisplayName("EXTERNAL takes the user from the certificate")
  void external(String source, String user) throws Exception {
    startTls("ssl_cert_login_from = " + source);
    Signed ann = ROOT.issue(Duration.ofDays(1), List.of("O=people", "CN=ann"), "dns:ann.example");
    assertThatThrownBy(() -> external(broker, ann))
        .as("there is no such user yet")
        .isInstanceOf(AuthenticationFailureException.class)
        .hasMessageContaining("using authentication mechanism EXTERNAL");
    addUser(broker, user);
    try (Connection connection = external(broker, ann)) {
      AMQP.BasicProperties mine = new AMQP.BasicProperties.Builder().userId(user).build();
      var channel = connection.createChannel();
      channel.confirmSelect();
      channel.basicPublish("", "nowhere", mine, new byte[1]);
      channel.waitForConfirmsOrDie(TestBroker.LIMIT.toMillis());
    }
    assertThatThrownBy(() -> external(broker, null))
        .as("without a certificate")
        .isInstanceOf(AuthenticationFailureException.class);
  }

  @Test
  @DisplayName("ANONYMOUS stands for the configured user, or for nobody")
  void anonymous() throws Exception {
    start(
        "auth_mechanisms.1 = ANONYMOUS",
        "anonymous_login_user = nemo",
        "anonymous_login_pass = unknown to clients");
    ConnectionFactory factory = broker.factory();
    factory.setSaslConfig(saying("ANONYMOUS", "whoever"));
    assertThatThrownBy(factory::newConnection).isInstanceOf(AuthenticationFailureException.class);
    addUser(broker, "nemo");
    factory.newConnection().close();
    broker.close();
    start("auth_mechanisms.1 = ANONYMOUS", "anonymous_login_user = none");
    factory.setPort(broker.port());
    assertThatThrownBy(factory::newConnection).isInstanceOf(AuthenticationFailureException.class);
  }

  @Test
  @DisplayName("who is wrong again and again waits for the answer; who is right does not")
  void lateRefusals() throws Exception {
    start();
    ConnectionFactory wrong = broker.factory();
    wrong.setPassword("wrong");
    for (int i = 0; i < 3; i++) {
      assertThat(refused(wrong)).isLessThan(Duration.ofMillis(200));
    }
    assertThat(refused(wrong)).isBetween(Duration.ofMillis(250), Duration.ofSeconds(3));
    assertThat(refused(wrong)).isBetween(Duration.ofMillis(500), Duration.ofSeconds(3));
    long begin = System.nanoTime();
    broker.connect().close();
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofMillis(250));
    assertThat(refused(wrong)).as("forgiven").isLessThan(Duration.ofMillis(200));
  }

  private static Duration refused(ConnectionFactory factory) {
    long begin = System.nanoTime();
    assertThatThrownBy(factory::newConnection).isInstanceOf(AuthenticationFailureException.class);
    return Duration.ofNanos(System.nanoTime() - begin);
  }
}
