package org.warrenmq.broker;

import io.vertx.core.json.JsonArray;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** A broker's HTTP API, as guest sees it; for one thread. */
record HttpApi(TestBroker broker) {
  HttpResponse<String> ask(String method, String path, String body) throws Exception {
    byte[] guest = "guest:guest".getBytes(StandardCharsets.UTF_8);
    URI uri = URI.create("http://127.0.0.1:" + broker.broker().httpPort() + "/api" + path);
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(uri)
              .method(method, HttpRequest.BodyPublishers.ofString(body))
              .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(guest))
              .timeout(TestBroker.LIMIT)
              .build(),
          BodyHandlers.ofString());
    }
  }

  int put(String path, String body) throws Exception {
    return ask("PUT", path, body).statusCode();
  }

  JsonArray list(String path) throws Exception {
    return new JsonArray(ask("GET", path, "").body());
  }
}
