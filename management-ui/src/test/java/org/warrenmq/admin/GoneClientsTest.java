package org.warrenmq.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a client keeps from others that goes in the middle of its request, or has no business. */
@Timeout(60)
class GoneClientsTest {
  private static final String ADMIN = "administrator";
  private static final String PUT_QUEUE = "/api/queues/v/q";
  private static final String LARGE = "{\"x\":\"" + "y".repeat(50_000) + "\"}";

  private static Socket ask(HandServer server, String head) throws IOException {
    Socket socket = new Socket("127.0.0.1", server.port);
    socket.setSoLinger(true, 0);
    socket.getOutputStream().write((head + "\r\n").getBytes(StandardCharsets.UTF_8));
    return socket;
  }

  private static String head(String request, String more) {
    return "%s HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\n%s"
        .formatted(request, HandServer.basic(ADMIN, "right"), more);
  }

  /** Whatever came before was seen by the event loop. */
  private static void settle(HandServer server) throws Exception {
    for (int i = 0; i < 2; i++) {
      assertThat(server.ask("GET", "/api/whoami", ADMIN, "").statusCode()).isEqualTo(200);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  @DisplayName("clients that go while a long list is made for them take nobody's place")
  void goneReaders() throws Exception {
    try (HandServer server = new HandServer(1000)) {
      for (int i = 0; i < 40; i++) {
        CountDownLatch isMade = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        server.node.beforeQueues =
            () -> {
              isMade.countDown();
              await(goOn);
            };
        try (Socket _ = ask(server, head("GET /api/queues", ""))) {
          await(isMade);
        }
        settle(server);
        goOn.countDown();
      }
      server.node.beforeQueues = () -> {};
      settle(server);
      assertThat(server.ask("GET", "/api/queues", ADMIN, "").statusCode()).isEqualTo(200);
    }
  }

  @Test
  @DisplayName("clients that go before they are known keep no room for bodies")
  void goneSenders() throws Exception {
    try (HandServer server = new HandServer(0)) {
      CompletableFuture<Void> decided = new CompletableFuture<>();
      server.logins.decided = decided;
      try (Socket _ = ask(server, head("PUT " + PUT_QUEUE, "Content-Length: 90000\r\n"))) {
        Awaitility.await().until(() -> server.logins.asked.get() == 1);
      }
      server.logins.decided = CompletableFuture.completedFuture(null);
      settle(server);
      decided.complete(null);
      settle(server);
      assertThat(server.ask("PUT", PUT_QUEUE, ADMIN, LARGE).statusCode()).isEqualTo(201);
    }
  }

  @Test
  @DisplayName("who has not logged in takes no room for bodies, and sends none that is large")
  void strangers() throws Exception {
    try (HandServer server = new HandServer(0)) {
      List<Socket> strangers = new ArrayList<>();
      for (String size : List.of("Content-Length: 90000\r\n", "Transfer-Encoding: chunked\r\n")) {
        for (String request : List.of("POST /api/login", "DELETE /api/login")) {
          strangers.add(ask(server, head(request, size)));
          strangers.add(ask(server, head(request, "Content-Type: multipart/form-data\r\n" + size)));
        }
      }
      settle(server);
      assertThat(server.ask("PUT", PUT_QUEUE, ADMIN, LARGE).statusCode()).isEqualTo(201);
      assertThat(server.ask("POST", "/api/login", null, LARGE).statusCode()).isEqualTo(400);
      for (Socket stranger : strangers) {
        stranger.close();
      }
    }
  }
}
