package org.warrenmq.broker.auth.http;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** What is asked of a server by HTTP, so much at once, so much of an answer. Any thread. */
final class Questions {
  /** At once; what comes beyond them has not been answered. */
  private static final int MOST = 256;

  /** Octets of an answer. */
  private static final int LONGEST = 16 << 10;

  private static final int OK = 200;
  private static final int CREATED = 201;

  private final HttpClient client;
  private final boolean post;
  private final Duration timeout;
  private final AtomicInteger open = new AtomicInteger();

  Questions(HttpClient client, boolean post, Duration timeout) {
    this.client = client;
    this.post = post;
    this.timeout = timeout;
  }

  /** The answer, without blanks around it; fails when there is none that counts. */
  CompletionStage<String> ask(URI where, Map<String, String> about) {
    if (open.incrementAndGet() > MOST) {
      open.decrementAndGet();
      return CompletableFuture.failedStage(
          new IOException("more than " + MOST + " questions at once"));
    }
    return client
        .sendAsync(
            request(where, about),
            HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofString(), LONGEST))
        .whenComplete((_, _) -> open.decrementAndGet())
        .thenApply(Questions::body);
  }

  private static String body(HttpResponse<String> response) {
    int status = response.statusCode();
    if (status != OK && status != CREATED) {
      throw new CompletionException(new IOException("status " + status));
    }
    return response.body().strip();
  }

  private HttpRequest request(URI where, Map<String, String> about) {
    String form =
        about.entrySet().stream()
            .map(entry -> encoded(entry.getKey()) + "=" + encoded(entry.getValue()))
            .collect(Collectors.joining("&"));
    if (post) {
      return HttpRequest.newBuilder(where)
          .timeout(timeout)
          .header("Content-Type", "application/x-www-form-urlencoded")
          .POST(HttpRequest.BodyPublishers.ofString(form))
          .build();
    }
    return HttpRequest.newBuilder(URI.create(where + "?" + form)).timeout(timeout).GET().build();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** Why there was none, without anything that was asked. */
  static String reason(Throwable cause) {
    Throwable inner =
        cause instanceof CompletionException && cause.getCause() != null ? cause.getCause() : cause;
    return switch (inner) {
      case HttpTimeoutException _ -> "timeout";
      case ConnectException _ -> "connection refused";
      case IOException e when e.getMessage() != null -> e.getMessage();
      default -> inner.getClass().getSimpleName();
    };
  }
}
