package org.warrenmq.admin;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayDeque;
import java.util.Queue;
import org.warrenmq.admin.http.ApiError;

/**
 * How much of bodies is in memory at once: a few large ones, or one of the largest; who comes later
 * waits, unread. Lives on the event loop of the HTTP API.
 */
final class BodyBudget {
  /** Smaller ones are not counted; there are no more of them than connections. */
  static final long SMALL = 16 * 1024;

  private final long budget;
  private long taken;
  private final Queue<Waiting> waiting = new ArrayDeque<>();

  /** A request with a large body. */
  private static final class Waiting {
    final long size;
    final Promise<Void> admitted = Promise.promise();
    boolean isAdmitted;

    Waiting(long size) {
      this.size = size;
    }
  }

  /**
   * @param budget octets, at least as many as one body may have
   */
  BodyBudget(long budget) {
    this.budget = budget;
  }

  /** Done when there is room for the body of a request, which is given back when it is answered. */
  Future<Void> room(RoutingContext context) {
    long size = announced(context);
    if (size > budget) {
      return Future.failedFuture(ApiError.badRequest("Exceeded HTTP request body size limit"));
    }
    if (size <= SMALL) {
      return Future.succeededFuture();
    }
    Waiting request = new Waiting(size);
    waiting.add(request);
    // However it ends, also while it waits, or before.
    Afterwards.run(context, () -> over(request));
    admit();
    return request.admitted.future();
  }

  private void over(Waiting request) {
    if (request.isAdmitted) {
      taken -= request.size;
    } else {
      waiting.remove(request);
    }
    admit();
  }

  /** One that does not say may be of any size. */
  private long announced(RoutingContext context) {
    String length = context.request().getHeader(HttpHeaders.CONTENT_LENGTH);
    if (length == null) {
      return context.request().getHeader(HttpHeaders.TRANSFER_ENCODING) == null ? 0 : budget;
    }
    try {
      return Long.parseLong(length.strip());
    } catch (NumberFormatException e) {
      return budget;
    }
  }

  private void admit() {
    for (Waiting next; (next = waiting.peek()) != null && taken + next.size <= budget; ) {
      waiting.remove();
      taken += next.size;
      next.isAdmitted = true;
      next.admitted.complete();
    }
  }
}
