package org.warrenmq.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.admin.local.LocalApi;

/** How the HTTP API is served: its bounds, its errors, both its sockets. */
@Timeout(30)
class AdminServerTest {
  private static final String ADMIN = "administrator";
  private static final String PUT_QUEUE = "/api/queues/v/q";

  @TempDir private Path folder;

  private static String head(String method, String path, String more) {
    return "%s %s HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\n%s\r\n"
        .formatted(method, path, HandServer.basic(ADMIN, "right"), more);
  }

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  @DisplayName("a fault of an endpoint's is told as such, and the next request is answered")
  void fault() throws Exception {
    try (HandServer server = new HandServer(0)) {
      var answer = server.ask("PUT", "/api/queues/v/broken", ADMIN, "");
      assertThat(answer.statusCode()).isEqualTo(500);
      assertThat(HandServer.json(answer).getString("error")).isEqualTo("internal_server_error");
      assertThat(answer.body()).doesNotContain("bug", "Exception");
      assertThat(server.ask("PUT", PUT_QUEUE, ADMIN, "").statusCode()).isEqualTo(201);
    }
  }

  @Test
  @DisplayName("answers have RabbitMQ's headers, and those that are configured")
  void headers() throws Exception {
    try (HandServer server = new HandServer(0)) {
      var headers = server.ask("GET", "/api/whoami", ADMIN, "").headers();
      assertThat(headers.firstValue("content-type")).contains("application/json");
      assertThat(headers.firstValue("cache-control")).contains("no-cache");
      assertThat(headers.firstValue("vary")).contains("accept, accept-encoding, origin");
      assertThat(headers.firstValue("x-frame-options")).contains("DENY");
      var put = server.ask("PUT", PUT_QUEUE, ADMIN, "");
      assertThat(put.body()).isEmpty();
      var headOnly = server.ask("HEAD", "/api/whoami", ADMIN, "");
      assertThat(headOnly.statusCode()).isEqualTo(200);
      assertThat(headOnly.body()).isEmpty();
    }
  }

  @Test
  @DisplayName("pages from elsewhere may use it where that is configured")
  void origins() throws Exception {
    try (HandServer server = new HandServer(0, config -> with(config, List.of("*")));
        HttpClient client = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port + "/api/whoami"))
              .header("Origin", "http://elsewhere.example")
              .header("Authorization", HandServer.basic(ADMIN, "right"))
              .build();
      var headers = client.send(request, BodyHandlers.ofString()).headers();
      assertThat(headers.firstValue("access-control-allow-origin"))
          .contains("http://elsewhere.example");
      assertThat(headers.firstValue("access-control-allow-credentials")).contains("true");
    }
  }

  private static AdminConfig with(AdminConfig config, List<String> origins) {
    return new AdminConfig(
        config.http(),
        config.https(),
        config.pathPrefix(),
        config.maxBody(),
        config.headers(),
        origins,
        config.originMaxAge());
  }

  @Test
  @DisplayName("a long list goes out in pieces, in order, and compressed for who wants that")
  void longList() throws Exception {
    int many = 30_000;
    try (HandServer server = new HandServer(many);
        HttpClient client = HttpClient.newHttpClient()) {
      JsonArray all = new JsonArray(server.ask("GET", "/api/queues/v", ADMIN, "").body());
      assertThat(all).hasSize(many);
      for (int i = 0; i < many; i += 999) {
        assertThat(all.getJsonObject(i).getString("name")).isEqualTo("queue-" + i);
        assertThat(all.getJsonObject(i).getInteger("messages_ready")).isEqualTo(i);
      }
      var request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port + "/api/queues"))
              .header("Accept-Encoding", "gzip")
              .header("Authorization", HandServer.basic(ADMIN, "right"))
              .build();
      var answer = client.send(request, BodyHandlers.ofInputStream());
      assertThat(answer.headers().firstValue("content-encoding")).contains("gzip");
      try (InputStream in = new GZIPInputStream(answer.body())) {
        byte[] text = in.readAllBytes();
        assertThat(new JsonArray(new String(text, StandardCharsets.UTF_8))).hasSize(many);
      }
      var page =
          HandServer.json(
              server.ask(
                  "GET",
                  "/api/queues?page=1&page_size=2&sort=messages_ready&sort_reverse=true&columns=name",
                  ADMIN,
                  ""));
      assertThat(page.getJsonArray("items").encode())
          .isEqualTo("[{\"name\":\"queue-29999\"},{\"name\":\"queue-29998\"}]");
      assertThat(page.getInteger("total_count")).isEqualTo(many);
    }
  }

  @Test
  @DisplayName("clients that do not read a long list keep nobody else waiting")
  void unreadLists() throws Exception {
    try (HandServer server = new HandServer(100_000)) {
      List<Socket> lazy = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(new InetSocketAddress("127.0.0.1", server.port));
        lazy.add(socket);
        write(socket, head("GET", "/api/queues", ""));
      }
      assertThat(server.ask("GET", "/api/whoami", ADMIN, "").statusCode()).isEqualTo(200);
      for (Socket socket : lazy) {
        socket.close();
      }
    }
  }

  @Test
  @DisplayName("a body that is too large is refused, announced or not, and by who may not send it")
  void largeBodies() throws Exception {
    String large = "{\"x\":\"" + "y".repeat(HandServer.MAX_BODY) + "\"}";
    String limit = "Exceeded HTTP request body size limit";
    try (HandServer server = new HandServer(0)) {
      assertThat(server.ask("PUT", PUT_QUEUE, ADMIN, large).body()).contains(limit);
      String fits = large.replace("y".repeat(100), "");
      assertThat(server.ask("PUT", PUT_QUEUE, ADMIN, fits).statusCode()).isEqualTo(201);
      assertThat(server.ask("PUT", PUT_QUEUE, "untagged", fits).statusCode()).isEqualTo(401);
      try (Socket socket = new Socket("127.0.0.1", server.port)) {
        write(socket, head("PUT", PUT_QUEUE, "Transfer-Encoding: chunked\r\n"));
        assertThatThrownBy(
                () -> {
                  for (int i = 0; i < 10_000; i++) {
                    write(socket, "1000\r\n" + "y".repeat(4096) + "\r\n");
                  }
                })
            .isInstanceOf(IOException.class);
      }
      assertThat(server.ask("PUT", PUT_QUEUE, ADMIN, "").statusCode()).isEqualTo(201);
    }
  }

  @Test
  @DisplayName("large bodies that do not come make room for others when their time is up")
  void bodiesThatDoNotCome() throws Exception {
    try (HandServer server = new HandServer(0)) {
      List<Socket> lazy = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        Socket socket = new Socket("127.0.0.1", server.port);
        lazy.add(socket);
        write(socket, head("PUT", PUT_QUEUE, "Content-Length: 90000\r\n") + "{");
      }
      String large = "{\"x\":\"" + "y".repeat(50_000) + "\"}";
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .ignoreExceptions()
          .until(() -> server.ask("PUT", PUT_QUEUE, ADMIN, large).statusCode() == 201);
      for (Socket socket : lazy) {
        socket.close();
      }
    }
  }

  @Test
  @DisplayName("there are no more connections than there may be, and none on which nothing happens")
  void connections() throws Exception {
    try (HandServer server = new HandServer(0)) {
      List<Socket> idle = new ArrayList<>();
      for (int i = 0; i < 2 * HandServer.CONNECTIONS; i++) {
        idle.add(new Socket("127.0.0.1", server.port));
      }
      for (Socket socket : idle) {
        assertThat(ended(socket)).isTrue();
        socket.close();
      }
      assertThat(server.ask("GET", "/api/whoami", ADMIN, "").statusCode()).isEqualTo(200);
    }
  }

  @Test
  @DisplayName("who sends no more than a part of a head keeps nobody out, and is closed in time")
  void incompleteHeads() throws Exception {
    List<Socket> slow = new ArrayList<>();
    try (HandServer server = new HandServer(0)) {
      for (int i = 0; i < 300; i++) {
        Socket socket = new Socket("127.0.0.1", server.port);
        slow.add(socket);
        write(socket, "GET /api/whoami HTTP/1.1\r\nHo");
      }
      long before = System.nanoTime();
      assertThat(server.ask("GET", "/api/whoami", ADMIN, "").statusCode()).isEqualTo(200);
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(2));
      for (Socket socket : slow) {
        assertThat(ended(socket)).isTrue();
      }
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(HandServer.IDLE);
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
  }

  @Test
  @DisplayName("a second request that does not get on is closed in time, too, and not before")
  void incompleteSecondHead() throws Exception {
    try (HandServer server = new HandServer(0);
        Socket socket = new Socket("127.0.0.1", server.port)) {
      write(socket, head("GET", "/api/whoami", ""));
      InputStream in = socket.getInputStream();
      int octet = in.read();
      while (octet != '}') {
        octet = in.read();
      }
      long before = System.nanoTime();
      write(socket, "GET /");
      assertThat(in.readAllBytes()).isEmpty();
      assertThat(Duration.ofNanos(System.nanoTime() - before))
          .isBetween(HandServer.HEAD.dividedBy(2), HandServer.IDLE);
    }
  }

  @Test
  @DisplayName("bodies that drip keep nobody out, and are closed in time")
  void drippingBodies() throws Exception {
    List<Socket> slow = new ArrayList<>();
    try (HandServer server = new HandServer(0)) {
      for (int i = 0; i < 2 * HandServer.CONNECTIONS; i++) {
        Socket socket = new Socket("127.0.0.1", server.port);
        slow.add(socket);
        write(socket, "POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n");
      }
      assertThat(server.ask("GET", "/api/whoami", ADMIN, "").statusCode()).isEqualTo(200);
      Socket last = slow.getLast();
      // An octet from time to time, so that something happens.
      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .until(
              () -> {
                try {
                  write(last, "x");
                  return false;
                } catch (IOException closed) {
                  return true;
                }
              });
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
  }

  private static boolean ended(Socket socket) throws IOException {
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketException reset) {
      return true;
    }
  }

  @Test
  @DisplayName("what is no HTTP, or too long for it, harms nobody")
  void garbage() throws Exception {
    try (HandServer server = new HandServer(0)) {
      for (String text :
          List.of(
              "AMQP\0\0\11\1\r\n\r\n",
              "GET /" + "x".repeat(20_000) + " HTTP/1.1\r\n\r\n",
              head("GET", "/api/whoami", "X: " + "x".repeat(40_000) + "\r\n"),
              head("PUT", PUT_QUEUE, "Content-Length: -1\r\n"),
              head("GET", "/api/queues/%zz", "Connection: close\r\n"),
              "GET /api/whoami?a=%zz HTTP/1.1\r\nConnection: close\r\n\r\n")) {
        try (Socket socket = new Socket("127.0.0.1", server.port)) {
          write(socket, text);
          socket.setSoTimeout(10_000);
          String answer =
              new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
          assertThat(answer).doesNotContain(" 200 ", " 500 ");
        } catch (SocketException reset) {
          // That is an answer, too.
        }
      }
      assertThat(server.ask("GET", "/api/whoami", ADMIN, "").statusCode()).isEqualTo(200);
    }
  }

  @Test
  @DisplayName("the owner of a folder needs no password, and nobody else gets to its socket")
  void localSocket() throws Exception {
    try (HandServer server = new HandServer(30_000)) {
      Files.createFile(folder.resolve("control.sock"));
      server.listenIn(folder);
      assertThat(Files.getPosixFilePermissions(folder.resolve("control.sock")))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
      LocalApi api = new LocalApi(folder);
      assertThat(new JsonObject(api.get("/whoami").body()).getJsonArray("tags"))
          .containsExactly("administrator");
      assertThat(api.get("/warren/memory").isGood()).isTrue();
      assertThat(new JsonArray(api.get("/queues").body())).hasSize(30_000);
      assertThat(api.put(LocalApi.path("queues", "v", "a/b ä"), new JsonObject()).status())
          .isEqualTo(201);
      LocalApi.Answer none = api.get("/vhosts/none");
      assertThat(none.status()).isEqualTo(404);
      assertThat(none.reason()).isEqualTo("Not Found");
    }
    assertThat(folder.resolve("control.sock")).doesNotExist();
    assertThatThrownBy(() -> new LocalApi(folder).get("/whoami")).isInstanceOf(IOException.class);
  }

  @Test
  @DisplayName("a path that is too long for a socket is an error that names it")
  void pathTooLong() throws Exception {
    Path deep = Files.createDirectory(folder.resolve("d".repeat(120)));
    try (HandServer server = new HandServer(0)) {
      assertThatThrownBy(() -> server.listenIn(deep))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(deep.toString());
    }
  }
}
