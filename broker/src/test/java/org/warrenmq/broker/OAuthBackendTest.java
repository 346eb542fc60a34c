package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.warrenmq.broker.TestBroker.await;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import com.rabbitmq.client.impl.CredentialsProvider;
import com.rabbitmq.client.impl.CredentialsRefreshService;
import com.sun.net.httpserver.HttpServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens of OAuth 2 as passwords: who gets in, what may be done, renewal and end. */
class OAuthBackendTest {
  private static final String PUBLISH =
      "{\"properties\":{},\"routing_key\":\"mine\",\"payload\":\"x\","
          + "\"payload_encoding\":\"string\"}";

  @TempDir private Path folder;
  private ECKey key;
  private @Nullable TestBroker broker;

  @BeforeEach
  void makeKey() throws Exception {
    key = new ECKeyGenerator(Curve.P_256).keyID("k1").generate();
    byte[] der = key.toECPublicKey().getEncoded();
    Files.writeString(
        folder.resolve("k1.pem"),
        "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n"
            .formatted(Base64.getMimeEncoder().encodeToString(der)));
  }

  @AfterEach
  void stop() throws Exception {
    if (broker != null) {
      broker.close();
    }
  }

  private void start(String... lines) throws Exception {
    String[] always = {"auth_backends.1 = oauth2", "auth_oauth2.resource_server_id = warren"};
    broker =
        ConfiguredBroker.start(
            Stream.concat(Stream.of(always), Stream.of(lines)).toArray(String[]::new));
  }

  private void startWithFile(String... lines) throws Exception {
    String file = "auth_oauth2.signing_keys.k1 = " + folder.resolve("k1.pem");
    start(Stream.concat(Stream.of(file), Stream.of(lines)).toArray(String[]::new));
  }

  /** A token of ann's for a minute, with some scopes. */
  private String token(UnaryOperator<JWTClaimsSet.Builder> change, String... scopes)
      throws Exception {
    JWTClaimsSet.Builder claims =
        new JWTClaimsSet.Builder()
            .subject("ann")
            .audience("warren")
            .expirationTime(Date.from(Instant.now().plusSeconds(60)))
            .claim("scope", String.join(" ", scopes));
    SignedJWT token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(),
            change.apply(claims).build());
    token.sign(new ECDSASigner(key));
    return token.serialize();
  }

  private String token(String... scopes) throws Exception {
    return token(claims -> claims, scopes);
  }

  private Connection connect(String token) throws Exception {
    ConnectionFactory factory = broker.factory();
    factory.setUsername("");
    factory.setPassword(token);
    return factory.newConnection();
  }

  private static String refusal(Connection connection, String queue) throws Exception {
    Channel channel = connection.createChannel();
    try {
      channel.queueDeclare(queue, false, true, false, null);
      return "none";
    } catch (IOException e) {
      return String.valueOf(((ShutdownSignalException) e.getCause()).getReason());
    }
  }

  /** What the client's library renews a token by, when a test says so. */
  private static final class Renewal implements CredentialsProvider, CredentialsRefreshService {
    private volatile String token;
    private volatile @Nullable Callable<Boolean> action;

    Renewal(String token) {
      this.token = token;
    }

    /** Whether the broker has taken it. */
    boolean renew(String next) throws Exception {
      token = next;
      return action != null && action.call();
    }

    @Override
    public String getUsername() {
      return "";
    }

    @Override
    public String getPassword() {
      return token;
    }

    @Override
    public Duration getTimeBeforeExpiration() {
      return Duration.ofHours(1);
    }

    @Override
    public String register(CredentialsProvider provider, Callable<Boolean> refresh) {
      action = refresh;
      return "only";
    }

    @Override
    public void unregister(CredentialsProvider provider, String id) {
      action = null;
    }

    @Override
    public boolean isApproachingExpiration(Duration left) {
      return false;
    }
  }

  private Connection connect(Renewal renewal) throws Exception {
    ConnectionFactory factory = broker.factory();
    factory.setCredentialsProvider(renewal);
    factory.setCredentialsRefreshService(renewal);
    return factory.newConnection();
  }

  @Test
  @DisplayName("a token says who somebody is, and what may be done")
  void scopes() throws Exception {
    startWithFile();
    String token =
        token(
            "warren.configure:%2F/app.*",
            "warren.write:*/app.*",
            "warren.write:%2F/amq.topic/news.*",
            "warren.read:%2F/*",
            "warren.tag:impersonator",
            "other.configure:*/*");
    try (Connection connection = connect(token)) {
      assertThat(refusal(connection, "app.jobs")).isEqualTo("none");
      assertThat(refusal(connection, "jobs"))
          .contains("configure access to queue 'jobs' in vhost '/' refused for user 'ann'");
      Channel channel = connection.createChannel();
      channel.confirmSelect();
      channel.basicPublish("amq.topic", "news.today", null, new byte[1]);
      channel.waitForConfirmsOrDie(TestBroker.LIMIT.toMillis());
      channel.basicPublish("amq.topic", "olds", null, new byte[1]);
      assertThatThrownBy(() -> channel.waitForConfirmsOrDie(TestBroker.LIMIT.toMillis()))
          .hasStackTraceContaining("write access to topic 'olds' in exchange 'amq.topic'");
    }
    assertThatThrownBy(() -> connect(token("warren.read:elsewhere/*")))
        .hasStackTraceContaining("access to vhost '/' refused for user 'ann'");
  }

  @Test
  @DisplayName("scopes are found where they are configured to be, and by other names")
  void otherScopes() throws Exception {
    startWithFile(
        "auth_oauth2.additional_scopes_key = roles realm.access",
        "auth_oauth2.scope_aliases.boss = mq_configure:*/* mq_write:*/*",
        "auth_oauth2.scope_prefix = mq_",
        "auth_oauth2.preferred_username_claims.1 = user_name",
        "auth_oauth2.verify_aud = false");
    String token =
        token(
            claims ->
                claims
                    .claim("user_name", "Ann")
                    .audience("somebody else")
                    .claim("realm", Map.of("access", List.of("mq_read:*/*"))),
            "boss");
    try (Connection connection = connect(token)) {
      assertThat(refusal(connection, "q")).isEqualTo("none");
      connection.createChannel().queueBind("q", "amq.fanout", "");
    }
  }

  @Test
  @DisplayName("tokens that are forged, for others, over, or not tokens are refused")
  void refused() throws Exception {
    startWithFile();
    String good = token("warren.read:*/*");
    ECKey stranger = new ECKeyGenerator(Curve.P_256).keyID("k1").generate();
    ECKey right = key;
    key = stranger;
    String forged = token("warren.read:*/*");
    key = new ECKeyGenerator(Curve.P_256).keyID("unknown").generate();
    String unknown = token("warren.read:*/*");
    key = right;
    SignedJWT secret =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("k1").build(),
            SignedJWT.parse(good).getJWTClaimsSet());
    secret.sign(new MACSigner(Files.readAllBytes(folder.resolve("k1.pem"))));
    String unsigned =
        Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(
                    "{\"alg\":\"none\",\"kid\":\"k1\"}".getBytes(StandardCharsets.UTF_8))
            + "."
            + good.split("\\.")[1]
            + ".";
    List<String> bad =
        List.of(
            forged,
            unknown,
            unsigned,
            secret.serialize(),
            good.substring(0, good.length() - 4) + "AAAA",
            token(claims -> claims.audience("other"), "warren.read:*/*"),
            token(
                claims -> claims.expirationTime(Date.from(Instant.now().minusSeconds(1))),
                "warren.read:*/*"),
            token(
                claims -> claims.notBeforeTime(Date.from(Instant.now().plusSeconds(100))),
                "warren.read:*/*"),
            "guest",
            "");
    for (String token : bad) {
      assertThatThrownBy(() -> connect(token)).as(token).isInstanceOf(IOException.class);
      // Or the next ones would wait.
      connect(good).close();
    }
  }

  @Test
  @DisplayName("a new token renews, another user's is refused with 530")
  void renewal() throws Exception {
    startWithFile();
    Renewal renewal = new Renewal(token("warren.configure:*/a*", "warren.read:*/*"));
    try (Connection connection = connect(renewal)) {
      assertThat(refusal(connection, "b")).contains("refused for user 'ann'");
      assertThat(renewal.renew(token("warren.configure:*/b*"))).isTrue();
      assertThat(refusal(connection, "b")).isEqualTo("none");
      assertThat(refusal(connection, "a")).contains("refused for user 'ann'");
    }
    for (String wrong :
        List.of(
            token(claims -> claims.subject("bob"), "warren.configure:*/*"),
            token("warren.configure:elsewhere/*"),
            "no token")) {
      Renewal stolen = new Renewal(token("warren.configure:*/*"));
      Connection connection = connect(stolen);
      assertThat(stolen.renew(wrong)).isFalse();
      assertThat(connection.getCloseReason().getReason().toString())
          .contains(
              "reply-code=530, reply-text=NOT_ALLOWED - New secret was refused by one of the"
                  + " backends, class-id=10, method-id=70");
    }
  }

  @Test
  @DisplayName("whose token is over is refused everything, and stays; with a new one he goes on")
  void expiry() throws Exception {
    startWithFile();
    String[] all = {"warren.configure:*/*", "warren.write:*/*", "warren.read:*/*"};
    String brief =
        token(claims -> claims.expirationTime(Date.from(Instant.now().plusMillis(3500))), all);
    Connection ending = connect(brief);
    Renewal renewal = new Renewal(brief);
    Connection lasting = connect(renewal);
    assertThat(renewal.renew(token(all))).isTrue();

    Channel publisher = ending.createChannel();
    String queue = publisher.queueDeclare().getQueue();
    AtomicInteger delivered = new AtomicInteger();
    Channel consumer = ending.createChannel();
    consumer.basicConsume(queue, true, (_, _) -> delivered.incrementAndGet(), _ -> {});
    await("what was allowed to publish is refused")
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> {
              try {
                publisher.basicPublish("", queue, null, new byte[1]);
                return false;
              } catch (AlreadyClosedException e) {
                return true;
              }
            });
    String expired =
        "returned an error: \"Provided JWT token has expired at timestamp \\d+ \\(validated at"
            + " \\d+\\)\".*";
    assertThat(publisher.getCloseReason().getReason().toString())
        .matches(
            ".*reply-code=403, reply-text=ACCESS_REFUSED - write access to exchange 'amq.default'"
                + " in vhost '/' refused for user 'ann', backend rabbit_auth_backend_oauth2 "
                + expired);
    assertThat(refusal(ending, "new"))
        .matches(
            ".*ACCESS_REFUSED - configure access to queue 'new' in vhost '/' refused for user"
                + " 'ann', backend rabbit_auth_backend_oauth2 "
                + expired);
    assertThat(ending.isOpen()).isTrue();
    assertThat(consumer.isOpen()).as("what is consumed goes on").isTrue();
    assertThat(delivered.get()).isPositive();
    assertThat(refusal(lasting, "new")).isEqualTo("none");
    lasting.close();
    ending.close();
  }

  private HttpResponse<String> ask(String method, String path, String authorization, String body)
      throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://127.0.0.1:" + broker.broker().httpPort() + "/api" + path);
      return client.send(
          HttpRequest.newBuilder(uri)
              .method(method, HttpRequest.BodyPublishers.ofString(body))
              .header("Authorization", authorization)
              .timeout(TestBroker.LIMIT)
              .build(),
          BodyHandlers.ofString());
    }
  }

  private static String basic(String name, String password) {
    byte[] both = (name + ":" + password).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(both);
  }

  @Test
  @DisplayName("over HTTP a token is shown as such, or as a password, and allows what it says")
  void overHttp() throws Exception {
    startWithFile("auth_backends.2 = internal");
    String administrator = token("warren.tag:administrator");
    for (String shown :
        List.of(
            "Bearer " + administrator,
            "bearer " + administrator,
            basic("", administrator),
            basic("somebody", administrator))) {
      var who = ask("GET", "/whoami", shown, "");
      assertThat(who.statusCode()).isEqualTo(200);
      assertThat(who.body()).contains("\"name\":\"ann\"", "\"tags\":[\"administrator\"]");
    }
    String over =
        token(
            claims -> claims.expirationTime(Date.from(Instant.now().minusSeconds(1))),
            "warren.tag:administrator");
    String other = token(claims -> claims.audience("other"), "warren.tag:administrator");
    for (String wrong : List.of(over, other, "no token", "")) {
      var refused = ask("GET", "/whoami", "Bearer " + wrong, "");
      assertThat(refused.statusCode()).isEqualTo(401);
      assertThat(refused.body())
          .isEqualTo("{\"error\":\"not_authorized\",\"reason\":\"Not_Authorized\"}");
    }
    assertThat(ask("GET", "/whoami", "Bearer " + token("warren.read:*/*"), "").body())
        .contains("Not management user");

    String manager =
        "Bearer "
            + token("warren.tag:management", "warren.configure:%2F/mine*", "warren.read:%2F/mine*");
    assertThat(ask("PUT", "/queues/%2F/mine", manager, "{}").statusCode()).isEqualTo(201);
    assertThat(ask("PUT", "/queues/%2F/other", manager, "{}").body()).contains("Access refused.");
    assertThat(ask("GET", "/users", manager, "").body()).contains("Not administrator user");
    assertThat(ask("POST", "/exchanges/%2F/amq.default/publish", manager, PUBLISH).body())
        .contains("Access refused.");
  }

  @Test
  @DisplayName("logins are counted by protocol, user and address, until somebody counts anew")
  void attempts() throws Exception {
    startWithFile("auth_backends.2 = internal");
    String guest = basic("guest", "guest");
    String overview = ask("GET", "/overview", guest, "").body();
    String node = new JsonObject(overview).getString("node");
    connect(token("warren.read:*/*")).close();
    assertThatThrownBy(() -> connect("wrong")).isInstanceOf(AuthenticationFailureException.class);
    ask("GET", "/whoami", "Bearer wrong", "");
    String path = "/auth/attempts/" + node;
    assertThat(new JsonArray(ask("GET", path, guest, "").body()))
        .containsExactlyInAnyOrder(counted("amqp091", 1, 1), counted("http", 2, 1));
    String ann =
        "{\"remote_address\":\"127.0.0.1\",\"username\":\"ann\",\"protocol\":\"amqp091\","
            + "\"auth_attempts\":1,\"auth_attempts_failed\":0,\"auth_attempts_succeeded\":1}";
    assertThat(ask("GET", path + "/source", guest, "").body()).contains(ann);
    assertThat(ask("DELETE", path + "/source", guest, "").statusCode()).isEqualTo(204);
    assertThat(ask("GET", path + "/source", guest, "").body())
        .contains("\"username\":\"guest\"")
        .doesNotContain("ann");
    assertThat(ask("DELETE", path, guest, "").statusCode()).isEqualTo(204);
    assertThat(ask("GET", path, guest, "").body()).doesNotContain("amqp091");
    assertThat(ask("GET", "/auth/attempts/none", guest, "").statusCode()).isEqualTo(404);
    assertThat(ask("GET", path, "Bearer " + token("warren.tag:management"), "").body())
        .contains("Not monitor user");
  }

  private static JsonObject counted(String protocol, int granted, int refused) {
    return new JsonObject()
        .put("protocol", protocol)
        .put("auth_attempts", granted + refused)
        .put("auth_attempts_failed", refused)
        .put("auth_attempts_succeeded", granted);
  }

  @Test
  @DisplayName(
      "keys are fetched from the issuer, again when a new one is used, and not for everybody")
  void issuer() throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    String base = "http://127.0.0.1:" + server.getAddress().getPort();
    AtomicInteger fetched = new AtomicInteger();
    server.createContext(
        "/",
        exchange -> {
          boolean discovery =
              exchange.getRequestURI().getPath().equals("/realm/.well-known/openid-configuration");
          fetched.addAndGet(discovery ? 0 : 1);
          String body =
              discovery
                  ? "{\"issuer\":\"x\",\"jwks_uri\":\"%s/keys\"}".formatted(base)
                  : new JWKSet(key.toPublicJWK()).toString();
          byte[] octets = body.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, octets.length);
          exchange.getResponseBody().write(octets);
          exchange.close();
        });
    server.start();
    try {
      start("auth_oauth2.issuer = " + base + "/realm", "auth_backends.2 = internal");
      connect(token("warren.read:*/*")).close();
      connect(token("warren.read:*/*")).close();
      assertThat(fetched).hasValue(1);
      ECKey known = key;
      key = new ECKeyGenerator(Curve.P_256).keyID("k2").generate();
      String strange = token("warren.read:*/*");
      key = known;
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> connect(strange))
            .isInstanceOf(AuthenticationFailureException.class);
      }
      assertThat(fetched).as("not for each of them").hasValue(1);
    } finally {
      server.stop(0);
    }
    // Known keys are enough while the issuer is down.
    long begin = System.nanoTime();
    connect(token("warren.read:*/*")).close();
    broker.connect().close();
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(2));
  }
}
