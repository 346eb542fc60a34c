package org.warrenmq.admin;

import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.admin.http.ApiError;
import org.warrenmq.admin.http.Listing;
import org.warrenmq.admin.http.Reply;
import org.warrenmq.codec.AmqpError;

/**
 * Writes answers. Called on worker threads, or on the event loop for what is short; a list is made
 * on worker threads and sent piece by piece, as fast as its client reads: none of them waits for
 * it.
 */
final class ReplyWriter {
  private static final Logger log = LoggerFactory.getLogger(ReplyWriter.class);

  /** Characters of a list that are sent together, about. */
  private static final int PIECE = 32 * 1024;

  /** After which a client has read a whole list. */
  private static final long MOST_MILLIS = 120_000;

  /** Lists of more than a piece that are being read: each is in memory, though not as text. */
  private static final int MOST_LONG_LISTS = 32;

  /** Octets of a body that nobody wants. */
  private static final int MOST_DROPPED = 256 * 1024;

  private final Map<String, String> headers;
  private final Function<String, Predicate<String>> patterns;
  private final WorkerExecutor workers;
  private final AtomicInteger longLists = new AtomicInteger();

  /**
   * @param headers of every answer
   * @param patterns makes a predicate of a regular expression
   * @param workers make the rest of long lists
   */
  ReplyWriter(
      Map<String, String> headers,
      Function<String, Predicate<String>> patterns,
      WorkerExecutor workers) {
    this.workers = workers;
    this.headers = headers;
    this.patterns = patterns;
  }

  /** Writes an answer; not on the event loop. */
  void write(RoutingContext context, Reply reply, Map<String, String> query) {
    switch (reply) {
      case Reply.Json(int status, JsonObject object) ->
          send(context, status, Listing.columns(object, query).encode());
      case Reply.Json(int status, Object value) -> send(context, status, Json.encode(value));
      case Reply.Text(String text) -> {
        context.response().putHeader("content-type", "text/plain");
        send(context, 200, text);
      }
      case Reply.Empty(int status, Map<String, String> further) ->
          writeNothing(context, status, further);
      case Reply.Items<?> items -> pieces(context, pieces(Listing.of(items, query, patterns)));
      case Reply.Pieces(Iterator<String> pieces, Map<String, String> further) -> {
        further.forEach(context.response()::putHeader);
        pieces(context, pieces);
      }
    }
  }

  private void head(HttpServerResponse response, int status) {
    response.setStatusCode(status);
    headers.forEach(response::putHeader);
    if (!response.headers().contains("content-type")) {
      response.putHeader("content-type", "application/json");
    }
    response.putHeader("cache-control", "no-cache");
    response.putHeader("vary", "accept, accept-encoding, origin");
  }

  private void send(RoutingContext context, int status, String text) {
    // As octets here: a name that is no text would not go out otherwise.
    Buffer body = Buffer.buffer(text);
    onLoop(
        context,
        () -> {
          if (!context.response().ended()) {
            head(context.response(), status);
            context.response().end(body);
          }
        });
  }

  void writeNothing(RoutingContext context, int status, Map<String, String> further) {
    onLoop(
        context,
        () -> {
          HttpServerResponse response = context.response();
          response.setStatusCode(status);
          headers.forEach(response::putHeader);
          further.forEach(response::putHeader);
          response.putHeader("vary", "accept, accept-encoding, origin");
          response.end();
        });
  }

  private static void onLoop(RoutingContext context, Runnable task) {
    context.vertx().runOnContext(_ -> task.run());
  }

  /** The text of a list. */
  private static <T> Iterator<String> pieces(Listing<T> listing) {
    Iterator<String> elements =
        IntStream.range(0, listing.size())
            .mapToObj(i -> (i == 0 ? "" : ",") + listing.get(i).encode())
            .iterator();
    return new Iterator<>() {
      private boolean isBegun;
      private boolean isEnded;

      @Override
      public boolean hasNext() {
        return !isEnded;
      }

      @Override
      public String next() {
        if (!isBegun) {
          isBegun = true;
          return listing.head();
        }
        isEnded = !elements.hasNext();
        return isEnded ? listing.tail() : elements.next();
      }
    };
  }

  /** Answers with as much of a text as goes out at once, and the rest when that was read. */
  private void pieces(RoutingContext context, Iterator<String> pieces) {
    Piece piece = next(pieces);
    if (piece.isLast()) {
      send(context, 200, piece.text());
      return;
    }
    if (longLists.incrementAndGet() > MOST_LONG_LISTS) {
      longLists.decrementAndGet();
      throw new ApiError(503, "service_unavailable", "too many long lists are being read");
    }
    Buffer first = Buffer.buffer(piece.text());
    onLoop(
        context,
        () -> {
          HttpServerResponse response = context.response();
          Afterwards.run(context, longLists::decrementAndGet);
          head(response, 200);
          response.setChunked(true);
          long timer = context.vertx().setTimer(MOST_MILLIS, _ -> cutOff(context));
          Afterwards.run(context, () -> context.vertx().cancelTimer(timer));
          response.write(first).onSuccess(_ -> goOn(context, pieces));
        });
  }

  private static void cutOff(RoutingContext context) {
    context.request().connection().close();
  }

  /** What is sent together. */
  private record Piece(String text, boolean isLast) {}

  /** As many pieces as are sent together; not on the event loop. */
  private static Piece next(Iterator<String> pieces) {
    StringBuilder some = new StringBuilder();
    while (some.length() < PIECE && pieces.hasNext()) {
      some.append(pieces.next());
    }
    return new Piece(some.toString(), !pieces.hasNext());
  }

  /** The client has read what there was of a text. */
  private void goOn(RoutingContext context, Iterator<String> pieces) {
    workers
        .executeBlocking(() -> next(pieces), false)
        .onSuccess(
            piece -> {
              Buffer octets = Buffer.buffer(piece.text());
              if (piece.isLast()) {
                context.response().end(octets);
              } else {
                context.response().write(octets).onSuccess(_ -> goOn(context, pieces));
              }
            })
        .onFailure(context::fail);
  }

  // What failed. On the event loop.

  void writeFailure(RoutingContext context, @Nullable Throwable failure, int status) {
    HttpServerResponse response = context.response();
    if (response.headWritten()) {
      context.request().connection().close();
      return;
    }
    dropRest(context);
    ApiError error =
        switch (failure) {
          case ApiError known -> known;
          case AmqpError refused -> ApiError.of(refused);
          case IllegalArgumentException wrong ->
              ApiError.badRequest(String.valueOf(wrong.getMessage()));
          case null, default -> unexpected(context, failure, status);
        };
    if (error.error().equals("not_authorized")) {
      response.putHeader("www-authenticate", "Basic realm=\"RabbitMQ Management\"");
    }
    JsonObject body = new JsonObject().put("error", error.error()).put("reason", error.reason());
    send(context, error.status(), body.encode());
  }

  /** What else comes of a body is nobody's; where that is much, so is the connection. */
  private static void dropRest(RoutingContext context) {
    HttpServerRequest request = context.request();
    if (request.isEnded()) {
      return;
    }
    long[] dropped = {0};
    request.handler(
        octets -> {
          dropped[0] += octets.length();
          if (dropped[0] > MOST_DROPPED) {
            request.connection().close();
          }
        });
    request.resume();
  }

  private static ApiError unexpected(
      RoutingContext context, @Nullable Throwable failure, int status) {
    if (status == 413) {
      return ApiError.badRequest("Exceeded HTTP request body size limit");
    }
    if (failure == null || status >= 400 && status < 500) {
      return ApiError.badRequest("the request is not well-formed");
    }
    log.error("{} {} failed", context.request().method(), context.request().path(), failure);
    return new ApiError(500, "internal_server_error", "Internal Server Error");
  }
}
