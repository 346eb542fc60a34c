package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.warrenmq.broker.TestBroker.await;

import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server by HTTP says who may log in, and each thing that somebody may do. */
class HttpBackendTest {
  private HttpServer server;
  private @Nullable TestBroker broker;
  private final BlockingQueue<Map<String, String>> asked = new LinkedBlockingQueue<>();

  /** What the server answers, by what it is asked. */
  private volatile Function<Map<String, String>, String> answers = _ -> "allow";

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() throws Exception {
    if (broker != null) {
      broker.close();
    }
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String query =
        exchange.getRequestMethod().equals("POST")
            ? new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)
            : exchange.getRequestURI().getRawQuery();
    Map<String, String> about = new HashMap<>();
    about.put("path", exchange.getRequestURI().getPath());
    about.put("method", exchange.getRequestMethod());
    for (String pair : query.split("&")) {
      String[] parts = pair.split("=", 2);
      about.put(
          URLDecoder.decode(parts[0], StandardCharsets.UTF_8),
          URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
    }
    asked.add(about);
    String answer = answers.apply(about);
    int status = answer.startsWith("status ") ? Integer.parseInt(answer.substring(7)) : 200;
    byte[] body = answer.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private TestBroker start(String... lines) throws Exception {
    String base = "http://127.0.0.1:" + server.getAddress().getPort();
    String[] paths = {
      "auth_http.user_path = " + base + "/user",
      "auth_http.vhost_path = " + base + "/vhost",
      "auth_http.resource_path = " + base + "/resource",
      "auth_http.topic_path = " + base + "/topic",
      "auth_http.request_timeout = 2000"
    };
    TestBroker started =
        ConfiguredBroker.start(
            Stream.concat(Stream.of(lines), Stream.of(paths)).toArray(String[]::new));
    broker = started;
    return started;
  }

  private Connection connect(String user, String password) throws Exception {
    ConnectionFactory factory = broker.factory();
    factory.setUsername(user);
    factory.setPassword(password);
    return factory.newConnection();
  }

  private List<Map<String, String>> questions() {
    List<Map<String, String>> all = new ArrayList<>();
    asked.drainTo(all);
    return all;
  }

  private static String refusal(Channel channel, IOException e) {
    assertThat(channel.isOpen()).isFalse();
    return String.valueOf(((ShutdownSignalException) e.getCause()).getReason());
  }

  private interface Call {
    void run(Channel channel) throws Exception;
  }

  private static String refused(Connection connection, Call call) throws Exception {
    Channel channel = connection.createChannel();
    try {
      call.run(channel);
      throw new AssertionError("was not refused");
    } catch (IOException e) {
      return refusal(channel, e);
    } catch (ShutdownSignalException e) {
      return String.valueOf(e.getReason());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"get", "post"})
  @DisplayName("what is asked, by GET and by POST, is RabbitMQ's")
  void questions(String method) throws Exception {
    start("auth_backends.1 = http", "auth_http.http_method = " + method);
    answers =
        about -> about.get("path").equals("/user") ? "allow management impersonator" : "allow";
    try (Connection connection = connect("ann", "p&ss wörd")) {
      assertThat(questions())
          .containsExactly(
              Map.of(
                  "path", "/user",
                  "method", method.toUpperCase(Locale.ROOT),
                  "username", "ann",
                  "password", "p&ss wörd"),
              Map.of(
                  "path", "/vhost",
                  "method", method.toUpperCase(Locale.ROOT),
                  "username", "ann",
                  "vhost", "/",
                  "ip", "127.0.0.1",
                  "tags", "management impersonator"));
      Channel channel = connection.createChannel();
      channel.queueDeclare("jobs", false, true, false, null);
      assertThat(questions())
          .singleElement()
          .satisfies(
              about ->
                  assertThat(about)
                      .containsEntry("path", "/resource")
                      .containsEntry("resource", "queue")
                      .containsEntry("name", "jobs")
                      .containsEntry("permission", "configure")
                      .containsEntry("vhost", "/"));
      channel.queueBind("jobs", "amq.topic", "a.b");
      assertThat(questions())
          .extracting(about -> about.get("permission") + " " + about.get("resource"))
          .containsExactly("write queue", "read exchange", "read topic");
      channel.confirmSelect();
      for (int i = 0; i < 3; i++) {
        channel.basicPublish("amq.topic", "a.b", null, new byte[1]);
      }
      channel.waitForConfirmsOrDie(TestBroker.LIMIT.toMillis());
      assertThat(questions())
          .as("once each")
          .extracting(about -> about.get("permission") + " " + about.get("routing_key"))
          .containsExactly("write null", "write a.b");
      assertThat(channel.basicGet("jobs", true)).isNotNull();
      assertThat(channel.basicGet("jobs", true)).isNotNull();
      assertThat(questions()).hasSize(1);
    }
  }

  @Test
  @DisplayName("refusals have RabbitMQ's texts, and the connection lives on")
  void refusals() throws Exception {
    start("auth_backends.1 = http");
    answers =
        about ->
            switch (about.get("path")) {
              case "/user" -> about.get("password").equals("right") ? "allow" : "deny because";
              case "/resource" -> about.get("name").startsWith("my") ? "Allow" : "Deny";
              case "/topic" -> "deny";
              default -> "allow";
            };
    assertThatThrownBy(() -> connect("ann", "wrong"))
        .isInstanceOf(AuthenticationFailureException.class);
    try (Connection connection = connect("ann", "right")) {
      assertThat(
              refused(
                  connection, channel -> channel.queueDeclare("yours", false, true, true, null)))
          .contains("configure access to queue 'yours' in vhost '/' refused for user 'ann'")
          .contains("reply-code=403")
          .contains("method-id=10");
      assertThat(refused(connection, channel -> channel.queueDeclare()))
          .contains("configure access to queue 'amq.gen-");
      connection.createChannel().exchangeDeclare("my.topic", "topic");
      assertThat(
              refused(
                  connection,
                  channel -> {
                    channel.confirmSelect();
                    channel.basicPublish("my.topic", "k", null, new byte[100_000]);
                    channel.waitForConfirms(TestBroker.LIMIT.toMillis());
                  }))
          .contains(
              "write access to topic 'k' in exchange 'my.topic' in vhost '/' refused for user"
                  + " 'ann'");
    }
  }

  @Test
  @DisplayName(
      "a server that is down, slow or talks nonsense refuses, with the reason, and nobody waits for"
          + " it")
  void down() throws Exception {
    start("auth_backends.1 = http", "auth_backends.2 = internal");
    CountDownLatch never = new CountDownLatch(1);
    try (Connection connection = connect("ann", "right")) {
      answers = _ -> "status 500";
      assertThat(refused(connection, channel -> channel.queueDeclare("a", false, true, true, null)))
          .contains(
              "refused for user 'ann', backend rabbit_auth_backend_http returned an error: status"
                  + " 500");
      answers = _ -> "perhaps";
      assertThat(refused(connection, channel -> channel.queueDeclare("b", false, true, true, null)))
          .contains("returned an error: bad response");
      answers =
          _ -> {
            try {
              never.await(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            return "allow";
          };
      Thread waiting =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      refused(
                          connection,
                          channel -> channel.queueDeclare("c", false, true, true, null));
                    } catch (Exception e) {
                      throw new IllegalStateException(e);
                    }
                  });
      // Another channel of the same connection.
      long begin = System.nanoTime();
      connection.createChannel().close();
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(1));
      never.countDown();
      waiting.join();
      server.stop(0);
      assertThat(refused(connection, channel -> channel.queueDeclare("d", false, true, true, null)))
          .contains("returned an error: ");
    }
    // The next back end is asked then.
    connect("guest", "guest").close();
    assertThatThrownBy(() -> connect("ann", "right"))
        .isInstanceOf(AuthenticationFailureException.class);
  }

  @Test
  @DisplayName("a client that closes or vanishes while somebody is asked leaves nothing behind")
  void gone() throws Exception {
    start("auth_backends.1 = http");
    CountDownLatch answered = new CountDownLatch(1);
    answers =
        about -> {
          if ("write".equals(about.get("permission"))) {
            try {
              answered.await(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }
          return "allow";
        };
    List<Socket> sockets = new ArrayList<>();
    ConnectionFactory factory = broker.factory();
    factory.setSocketConfigurator(sockets::add);
    Connection vanishing = factory.newConnection();
    Connection closing = factory.newConnection();
    questions();
    for (Connection connection : List.of(vanishing, closing)) {
      connection.createChannel().basicPublish("amq.fanout", "", null, new byte[900_000]);
    }
    await("both are asked about").until(() -> asked.size() == 2);
    assertThat(broker.broker().bytesHeld()).isGreaterThan(1_000_000);
    sockets.getFirst().close();
    Thread close =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    closing.close();
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                });
    answered.countDown();
    close.join();
    // Each loop tells of as much as 64 KiB late.
    await("no body is held").until(() -> broker.broker().bytesHeld() < 200_000);
  }

  @Test
  @DisplayName("one back end lets in, another says what may be done")
  void apart() throws Exception {
    start("auth_backends.1.authn = internal", "auth_backends.1.authz = http");
    answers = about -> about.get("path").equals("/resource") ? "deny" : "allow";
    try (Connection connection = connect("guest", "guest")) {
      assertThat(refused(connection, channel -> channel.queueDeclare("a", false, true, true, null)))
          .contains("refused for user 'guest'");
    }
    assertThatThrownBy(() -> connect("guest", "wrong"))
        .isInstanceOf(AuthenticationFailureException.class);
    answers = about -> about.get("path").equals("/vhost") ? "deny" : "allow";
    assertThatThrownBy(() -> connect("guest", "guest"))
        .hasRootCauseMessage(
            "connection error; protocol method: #method<connection.close>(reply-code=530,"
                + " reply-text=NOT_ALLOWED - access to vhost '/' refused for user 'guest',"
                + " class-id=10, method-id=40)");
  }

  @Test
  @DisplayName("answers are remembered for a while where that is configured")
  void cached() throws Exception {
    start(
        "auth_backends.1 = cache",
        "auth_cache.cached_backend = http",
        "auth_cache.cache_ttl = 60000");
    answers = about -> about.getOrDefault("password", "right").equals("right") ? "allow" : "deny";
    for (int i = 0; i < 3; i++) {
      try (Connection connection = connect("ann", "right")) {
        connection.createChannel().queueDeclare("q", false, true, true, null);
      }
    }
    assertThat(questions()).hasSize(3);
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> connect("ann", "wrong"))
          .isInstanceOf(AuthenticationFailureException.class);
    }
    assertThat(questions()).as("no refusal is").hasSize(2);
  }
}
