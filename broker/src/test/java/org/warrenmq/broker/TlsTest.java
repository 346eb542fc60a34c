package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.warrenmq.broker.TestBroker.await;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.broker.config.BrokerConfig;
import org.warrenmq.broker.config.ConfigReader;
import org.warrenmq.broker.config.Configuration;
import org.warrenmq.broker.config.Given;
import org.warrenmq.broker.config.StartupException;
import org.warrenmq.broker.tls.TestAuthority;
import org.warrenmq.broker.tls.TestAuthority.Signed;

/** AMQP by TLS: what is agreed on, who is let in, and certificates that change. */
class TlsTest {
  private static final TestAuthority ROOT = TestAuthority.root("test root");
  private static final TestAuthority OTHER = TestAuthority.root("another root");

  @TempDir private Path folder;
  private @Nullable TestBroker broker;

  @AfterEach
  void stop() throws Exception {
    if (broker != null) {
      broker.close();
    }
  }

  /** What the lines of a rabbitmq.conf make of a listener, whose files are in the folder. */
  private BrokerConfig config(BrokerConfig base, String... lines) {
    List<Given> given = new ArrayList<>();
    List<String> all =
        new ArrayList<>(
            List.of(
                "listeners.tcp = none",
                "listeners.ssl.1 = 127.0.0.1:0",
                "ssl_options.certfile = " + folder.resolve("server.pem"),
                "ssl_options.keyfile = " + folder.resolve("server.key")));
    all.addAll(Arrays.asList(lines));
    for (String line : all) {
      String[] parts = line.split(" = ", 2);
      given.add(new Given(parts[0], parts[1], "test.conf:" + (given.size() + 1)));
    }
    try {
      return ConfigReader.read(new Configuration(given), base);
    } catch (StartupException e) {
      throw new IllegalStateException(e);
    }
  }

  private TestBroker start(String... lines) throws Exception {
    TestBroker started = TestBroker.startWith(base -> config(base, lines));
    broker = started;
    return started;
  }

  private static ConnectionFactory factory(TestBroker broker, SSLContext context) {
    ConnectionFactory factory = broker.factory();
    factory.setHost("localhost");
    factory.useSslProtocol(context);
    factory.enableHostnameVerification();
    return factory;
  }

  private static Connection connect(TestBroker broker, @Nullable Signed identity) throws Exception {
    return factory(broker, ROOT.client(identity)).newConnection();
  }

  private static SSLSocket socket(TestBroker broker, SSLContext context, SSLParameters parameters)
      throws IOException {
    SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", broker.port());
    socket.setSSLParameters(parameters);
    socket.setSoTimeout((int) TestBroker.LIMIT.toMillis());
    return socket;
  }

  private static X509Certificate shown(TestBroker broker, String name) throws Exception {
    SSLParameters parameters = new SSLParameters();
    parameters.setServerNames(List.of(new SNIHostName(name)));
    try (SSLSocket socket = socket(broker, ROOT.client(null), parameters)) {
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  private static void roundTrip(Channel channel, int size) throws Exception {
    String queue = channel.queueDeclare().getQueue();
    byte[] body = new byte[size];
    Arrays.fill(body, (byte) 7);
    channel.confirmSelect();
    channel.basicPublish("", queue, null, body);
    channel.waitForConfirmsOrDie(TestBroker.LIMIT.toMillis());
    GetResponse got = channel.basicGet(queue, true);
    assertThat(got.getBody()).isEqualTo(body);
  }

  @Test
  @DisplayName("messages of any size pass, by both versions")
  void messages() throws Exception {
    ROOT.server("plain").write(folder, "server");
    start();
    for (String version : List.of("TLSv1.2", "TLSv1.3")) {
      ConnectionFactory factory = factory(broker, ROOT.client(null));
      factory.setSocketConfigurator(
          socket -> ((SSLSocket) socket).setEnabledProtocols(new String[] {version}));
      try (Connection connection = factory.newConnection()) {
        Channel channel = connection.createChannel();
        for (int size : new int[] {0, 1000, 1_200_000}) {
          roundTrip(channel, size);
        }
      }
    }
  }

  @Test
  @DisplayName("more deliveries than the socket takes at once are all there, in their order")
  void manyDeliveries() throws Exception {
    ROOT.server("busy").write(folder, "server");
    start();
    try (Connection connection = connect(broker, null)) {
      Channel channel = connection.createChannel();
      String queue = channel.queueDeclare().getQueue();
      int count = 1000;
      for (int i = 0; i < count; i++) {
        AMQP.BasicProperties number = new AMQP.BasicProperties.Builder().type("" + i).build();
        channel.basicPublish("", queue, number, new byte[10_000]);
      }
      AtomicInteger next = new AtomicInteger();
      AtomicBoolean wrong = new AtomicBoolean();
      channel.basicConsume(
          queue,
          true,
          (_, delivery) -> {
            wrong.compareAndSet(
                false, !delivery.getProperties().getType().equals("" + next.getAndIncrement()));
          },
          _ -> {});
      await("all are there").until(() -> next.get() == count);
      assertThat(wrong).isFalse();
    }
  }

  @Test
  @DisplayName("the certificates between the broker's and the root are found in cacertfile")
  void chain() throws Exception {
    TestAuthority between = ROOT.below("between");
    Signed server = between.server("server");
    new Signed(server.certificate(), server.key(), List.of()).write(folder, "server");
    between.write(folder.resolve("ca.pem"));
    start("ssl_options.cacertfile = " + folder.resolve("ca.pem"));
    connect(broker, null).close();
  }

  @Test
  @DisplayName("clients without a certificate, or with one of somebody else's, stay outside")
  void clientCertificates() throws Exception {
    ROOT.server("strict").write(folder, "server");
    ROOT.write(folder.resolve("ca.pem"));
    start(
        "ssl_options.cacertfile = " + folder.resolve("ca.pem"),
        "ssl_options.verify = verify_peer",
        "ssl_options.fail_if_no_peer_cert = true",
        "ssl_options.depth = 1");
    Signed expired = ROOT.issue(Duration.ofDays(-1), List.of("CN=old"));
    Signed deep = ROOT.below("one").below("two").issue(Duration.ofDays(1), List.of("CN=deep"));
    Signed near = ROOT.below("one").issue(Duration.ofDays(1), List.of("CN=near"));
    assertThatThrownBy(() -> connect(broker, null)).isInstanceOf(IOException.class);
    for (Signed refused :
        List.of(OTHER.issue(Duration.ofDays(1), List.of("CN=strange")), expired, deep)) {
      assertThatThrownBy(() -> connect(broker, refused)).isInstanceOf(IOException.class);
    }
    connect(broker, near).close();
    connect(broker, ROOT.issue(Duration.ofDays(1), List.of("CN=client"))).close();
  }

  @Test
  @DisplayName("with verify_peer alone a client may have none")
  void optionalCertificates() throws Exception {
    ROOT.server("lenient").write(folder, "server");
    ROOT.write(folder.resolve("ca.pem"));
    start(
        "ssl_options.cacertfile = " + folder.resolve("ca.pem"), "ssl_options.verify = verify_peer");
    connect(broker, null).close();
    Signed strange = OTHER.issue(Duration.ofDays(1), List.of("CN=strange"));
    assertThatThrownBy(() -> connect(broker, strange)).isInstanceOf(IOException.class);
  }

  @Test
  @DisplayName("what a revocation list names is refused, and what there is no list for")
  void revoked() throws Exception {
    ROOT.server("revoking").write(folder, "server");
    ROOT.write(folder.resolve("ca.pem"));
    Path lists = Files.createDirectory(folder.resolve("crl"));
    Signed good = ROOT.issue(Duration.ofDays(1), List.of("CN=good"));
    Signed bad = ROOT.issue(Duration.ofDays(1), List.of("CN=bad"));
    ROOT.revoke(lists.resolve("root.pem"), bad.certificate());
    String[] lines = {
      "ssl_options.cacertfile = " + folder.resolve("ca.pem"),
      "ssl_options.verify = verify_peer",
      "ssl_options.crl_check = true",
      "warren.ssl.crl_folder = " + lists
    };
    start(lines);
    connect(broker, good).close();
    assertThatThrownBy(() -> connect(broker, bad)).isInstanceOf(IOException.class);

    // Read again with the files: the list is another one now.
    ROOT.revoke(lists.resolve("root.pem"), good.certificate(), bad.certificate());
    broker.broker().reload(config(BrokerConfig.defaults(), lines));
    assertThatThrownBy(() -> connect(broker, good)).isInstanceOf(IOException.class);

    Files.delete(lists.resolve("root.pem"));
    broker.broker().reload(config(BrokerConfig.defaults(), lines));
    Signed unknown = ROOT.issue(Duration.ofDays(1), List.of("CN=unknown"));
    assertThatThrownBy(() -> connect(broker, unknown)).isInstanceOf(IOException.class);
    lines[2] = "ssl_options.crl_check = best_effort";
    broker.broker().reload(config(BrokerConfig.defaults(), lines));
    connect(broker, unknown).close();
  }

  @Test
  @DisplayName("a client is shown the certificate of the name it asks for, others the first one")
  void names() throws Exception {
    ROOT.server("first").write(folder, "server");
    ROOT.issue(Duration.ofDays(1), List.of("CN=second"), "dns:second.example")
        .write(folder, "second");
    start(
        "warren.ssl.names.second.certfile = " + folder.resolve("second.pem"),
        "warren.ssl.names.second.keyfile = " + folder.resolve("second.key"));
    assertThat(shown(broker, "localhost").getSubjectX500Principal().getName())
        .isEqualTo("CN=first");
    assertThat(shown(broker, "second.example").getSubjectX500Principal().getName())
        .isEqualTo("CN=second");
    assertThat(shown(broker, "third.example").getSubjectX500Principal().getName())
        .isEqualTo("CN=first");
  }

  @Test
  @DisplayName("only the versions and ciphers that are configured are spoken")
  void versionsAndCiphers() throws Exception {
    ROOT.server("choosy").write(folder, "server");
    start(
        "ssl_options.versions.1 = tlsv1.2",
        "ssl_options.ciphers.1 = ECDHE-ECDSA-AES128-GCM-SHA256",
        "ssl_options.ciphers.2 = NO-SUCH-CIPHER");
    try (SSLSocket socket = socket(broker, ROOT.client(null), new SSLParameters())) {
      socket.startHandshake();
      assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.2");
      assertThat(socket.getSession().getCipherSuite())
          .isEqualTo("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
    }
    SSLParameters newest = new SSLParameters();
    newest.setProtocols(new String[] {"TLSv1.3"});
    try (SSLSocket socket = socket(broker, ROOT.client(null), newest)) {
      assertThatThrownBy(socket::startHandshake).isInstanceOf(IOException.class);
    }
  }

  @Test
  @DisplayName("an expired certificate is replaced under load, and nobody is dropped")
  void replaced() throws Exception {
    ROOT.issue(Duration.ofDays(-1), List.of("CN=expired"), "dns:localhost").write(folder, "server");
    start();
    // Only this client does not mind.
    ConnectionFactory lenient = broker.factory();
    lenient.useSslProtocol(TestAuthority.careless());
    AtomicBoolean go = new AtomicBoolean(true);
    AtomicInteger confirmed = new AtomicInteger();
    try (Connection old = lenient.newConnection()) {
      assertThatThrownBy(() -> connect(broker, null)).isInstanceOf(IOException.class);
      Thread load = Thread.ofVirtual().start(() -> publish(old, go, confirmed));
      await("it publishes").until(() -> confirmed.get() > 50);

      ROOT.server("fresh").write(folder, "server");
      broker.broker().reload(config(BrokerConfig.defaults()));

      connect(broker, null).close();
      int before = confirmed.get();
      await("it still does").until(() -> confirmed.get() > before + 50);
      go.set(false);
      load.join();
      assertThat(old.isOpen()).isTrue();
    }
  }

  private static void publish(Connection connection, AtomicBoolean go, AtomicInteger confirmed) {
    try (Channel channel = connection.createChannel()) {
      channel.confirmSelect();
      String queue = channel.queueDeclare().getQueue();
      while (go.get()) {
        channel.basicPublish("", queue, null, new byte[2000]);
        channel.waitForConfirmsOrDie(TestBroker.LIMIT.toMillis());
        confirmed.incrementAndGet();
      }
    } catch (Exception e) {
      go.set(false);
    }
  }

  @Test
  @DisplayName("who does not speak TLS, or says nothing, is closed in time")
  void noTls() throws Exception {
    ROOT.server("patient").write(folder, "server");
    start("ssl_handshake_timeout = 300");
    try (Socket plain = new Socket("127.0.0.1", broker.port());
        Socket silent = new Socket("127.0.0.1", broker.port())) {
      plain.setSoTimeout((int) TestBroker.LIMIT.toMillis());
      silent.setSoTimeout((int) TestBroker.LIMIT.toMillis());
      plain.getOutputStream().write(RawClient.PROTOCOL_HEADER);
      assertEnds(plain);
      assertEnds(silent);
    }
    connect(broker, null).close();
  }

  /** Whatever TLS says of it, the socket ends. */
  private static void assertEnds(Socket socket) {
    try (InputStream in = socket.getInputStream()) {
      assertThat(in.readAllBytes().length).isLessThan(100);
    } catch (IOException reset) {
      assertThat(reset).isNotInstanceOf(java.net.SocketTimeoutException.class);
    }
  }
}
