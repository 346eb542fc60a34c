package org.warrenmq.admin;

import io.netty.channel.Channel;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.HttpServerConnection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.admin.node.Encryption;

/**
 * The connections there are, so many at most: where all places are taken, a newcomer gets that of
 * whoever has kept it longest with a handshake or a head that does not get on, or else with nothing
 * at all, or else with a body. Only where all are being answered is the newcomer closed. Lives on
 * the event loop of the HTTP API.
 */
final class Places {
  private static final Logger log = LoggerFactory.getLogger(Places.class);

  private final int most;

  /** The one that was last of use is last. */
  private final SequencedMap<HttpConnection, Place> open = new LinkedHashMap<>();

  /** Whether the log says that there are too many. */
  private boolean told;

  /**
   * @param most connections at once
   */
  Places(int most) {
    this.most = most;
  }

  /**
   * A connection was accepted, nothing was read of it yet.
   *
   * @param headMillis after which the head of a request is here
   * @param encryption null where there is none
   */
  void opened(HttpConnection connection, long headMillis, @Nullable Encryption encryption) {
    Channel socket = ((HttpServerConnection) connection).channelHandlerContext().channel();
    Place place = new Place(socket, headMillis);
    if (open.size() >= most && !makeRoom()) {
      connection.close();
      return;
    }
    open.put(connection, place);
    connection.closeHandler(_ -> left(connection));
    if (encryption != null) {
      encryption.begin(socket);
    }
    socket.pipeline().addFirst("place", place);
    place.awaitHead();
  }

  private void left(HttpConnection connection) {
    open.remove(connection);
    told &= open.size() >= most;
  }

  private boolean makeRoom() {
    if (!told) {
      told = true;
      log.warn("there are {} HTTP connections, as many as there may be: some are closed", most);
    }
    return close(Place::lacksHead) || close(place -> !place.isInUse()) || close(Place::lacksBody);
  }

  private boolean close(Predicate<Place> which) {
    for (Map.Entry<HttpConnection, Place> entry : open.entrySet()) {
      if (which.test(entry.getValue())) {
        open.remove(entry.getKey());
        entry.getValue().close();
        return true;
      }
    }
    return false;
  }

  /**
   * A request has begun.
   *
   * @return where
   */
  Place begun(HttpServerRequest request) {
    Place place = open.get(request.connection());
    if (place == null) {
      // It was closed a moment ago; what is left of it was on its way.
      Channel socket =
          ((HttpServerConnection) request.connection()).channelHandlerContext().channel();
      return new Place(socket, 1000);
    }
    place.begin(request);
    return place;
  }

  /** It was answered, or is over. */
  void ended(HttpServerRequest request) {
    Place place = open.remove(request.connection());
    if (place != null) {
      open.putLast(request.connection(), place);
      place.end(request);
    }
  }
}
