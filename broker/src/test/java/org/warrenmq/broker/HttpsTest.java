package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.broker.config.BrokerConfig;
import org.warrenmq.broker.config.ConfigReader;
import org.warrenmq.broker.config.Configuration;
import org.warrenmq.broker.config.Given;
import org.warrenmq.broker.config.StartupException;
import org.warrenmq.broker.tls.TestAuthority;
import org.warrenmq.broker.tls.TestAuthority.Signed;

/** The HTTP API by TLS: where it is, who is let in, and certificates that change. */
@Timeout(60)
class HttpsTest {
  private static final TestAuthority ROOT = TestAuthority.root("test root");
  private static final TestAuthority OTHER = TestAuthority.root("another root");
  private static final String GUEST =
      "Basic " + Base64.getEncoder().encodeToString("guest:guest".getBytes(StandardCharsets.UTF_8));

  @TempDir private Path folder;
  private @Nullable TestBroker broker;

  @AfterEach
  void stop() throws Exception {
    if (broker != null) {
      broker.close();
    }
  }

  private BrokerConfig config(BrokerConfig base, String... lines) throws StartupException {
    List<String> all =
        new ArrayList<>(
            List.of(
                "management.ssl.ip = 127.0.0.1",
                "management.ssl.port = 0",
                "management.ssl.certfile = " + folder.resolve("server.pem"),
                "management.ssl.keyfile = " + folder.resolve("server.key")));
    all.addAll(Arrays.asList(lines));
    List<Given> given = new ArrayList<>();
    for (String line : all) {
      String[] parts = line.split(" = ", 2);
      given.add(new Given(parts[0], parts[1], "test.conf:" + (given.size() + 1)));
    }
    return ConfigReader.read(new Configuration(given), base);
  }

  private TestBroker start(String... lines) throws Exception {
    TestBroker started =
        TestBroker.startWith(
            base -> {
              try {
                return config(base, lines);
              } catch (StartupException e) {
                throw new IllegalStateException(e);
              }
            });
    broker = started;
    return started;
  }

  private HttpResponse<String> get(String scheme, int port, @Nullable Signed identity, String path)
      throws Exception {
    SSLContext context = ROOT.client(identity);
    try (HttpClient client = HttpClient.newBuilder().sslContext(context).build()) {
      return client.send(
          HttpRequest.newBuilder(URI.create(scheme + "://localhost:" + port + path))
              .header("Authorization", GUEST)
              .timeout(Duration.ofSeconds(20))
              .build(),
          BodyHandlers.ofString());
    }
  }

  private HttpResponse<String> get(@Nullable Signed identity) throws Exception {
    return get("https", running().httpsPort(), identity, "/api/whoami");
  }

  private Broker running() {
    TestBroker started = broker;
    if (started == null) {
      throw new IllegalStateException("none is started");
    }
    return started.broker();
  }

  @Test
  @DisplayName("HTTPS beside HTTP, as both are configured, and both are named")
  void both() throws Exception {
    ROOT.server("both").write(folder, "server");
    start("management.tcp.port = 0");
    assertThat(get(null).statusCode()).isEqualTo(200);
    HttpResponse<String> overview = get("http", running().httpPort(), null, "/api/overview");
    JsonArray listeners = new JsonObject(overview.body()).getJsonArray("listeners");
    assertThat(listeners.stream().map(one -> ((JsonObject) one).getString("protocol")))
        .contains("http", "https");
  }

  @Test
  @DisplayName("HTTPS alone, as nothing else is configured; who speaks plain HTTP there is closed")
  void alone() throws Exception {
    ROOT.server("alone").write(folder, "server");
    start();
    assertThat(running().httpPort()).isZero();
    assertThat(get(null).statusCode()).isEqualTo(200);
    assertThatThrownBy(() -> get("http", running().httpsPort(), null, "/api/whoami"))
        .isInstanceOf(IOException.class);
    assertThat(get(null).statusCode()).isEqualTo(200);
  }

  @Test
  @DisplayName("without a certificate that is configured there is no start")
  void noCertificate() {
    Configuration given =
        new Configuration(List.of(new Given("management.ssl.port", "15671", "test.conf:1")));
    assertThatThrownBy(() -> ConfigReader.read(given, BrokerConfig.defaults()))
        .isInstanceOf(StartupException.class)
        .hasMessage(
            "test.conf:1: management.ssl.port = 15671: it takes management.ssl.certfile and"
                + " management.ssl.keyfile");
  }

  @Test
  @DisplayName("clients without a certificate, or with one of somebody else's, stay outside")
  void clientCertificates() throws Exception {
    ROOT.server("strict").write(folder, "server");
    ROOT.write(folder.resolve("ca.pem"));
    start(
        "management.ssl.cacertfile = " + folder.resolve("ca.pem"),
        "management.ssl.verify = verify_peer",
        "management.ssl.fail_if_no_peer_cert = true");
    assertThatThrownBy(() -> get(null)).isInstanceOf(IOException.class);
    Signed strange = OTHER.issue(Duration.ofDays(1), List.of("CN=strange"));
    assertThatThrownBy(() -> get(strange)).isInstanceOf(IOException.class);
    assertThat(get(ROOT.issue(Duration.ofDays(1), List.of("CN=client"))).statusCode())
        .isEqualTo(200);
  }

  @Test
  @DisplayName("an expired certificate is replaced, versions too, and a bad one changes nothing")
  void replaced() throws Exception {
    ROOT.issue(Duration.ofDays(-1), List.of("CN=expired"), "dns:localhost").write(folder, "server");
    start();
    assertThatThrownBy(() -> get(null)).isInstanceOf(IOException.class);
    ROOT.server("fresh").write(folder, "server");
    running().reload(config(BrokerConfig.defaults(), "management.ssl.versions.1 = tlsv1.2"));
    assertThat(get(null).statusCode()).isEqualTo(200);
    try (SSLSocket socket = socket()) {
      socket.startHandshake();
      assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.2");
    }
    OTHER.server("wrong").write(folder, "other");
    assertThatThrownBy(
            () ->
                running()
                    .reload(
                        config(
                            BrokerConfig.defaults(),
                            "management.ssl.keyfile = " + folder.resolve("other.key"))))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("management.ssl.keyfile");
    assertThat(get(null).statusCode()).isEqualTo(200);
  }

  private SSLSocket socket() throws Exception {
    return (SSLSocket)
        ROOT.client(null).getSocketFactory().createSocket("127.0.0.1", running().httpsPort());
  }

  @Test
  @DisplayName("300 handshakes and heads that do not get on keep no caller waiting")
  void slowCallers() throws Exception {
    ROOT.server("patient").write(folder, "server");
    start();
    List<Socket> slow = new ArrayList<>();
    try {
      for (int i = 0; i < 300; i++) {
        if (i % 10 == 0) {
          SSLSocket socket = socket();
          slow.add(socket);
          send(socket, "GET /api/whoami HTTP/1.1\r\nHo");
        } else {
          Socket socket = new Socket("127.0.0.1", running().httpsPort());
          slow.add(socket);
          socket.getOutputStream().write(22);
        }
      }
      long before = System.nanoTime();
      assertThat(get(null).statusCode()).isEqualTo(200);
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(2));
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
  }

  private static void send(Socket socket, String text) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }
}
