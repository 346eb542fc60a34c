package org.warrenmq.admin;

import io.vertx.core.http.HttpConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes connections beyond so many. Lives on the event loop of the HTTP API. */
final class ConnectionLimit {
  private static final Logger log = LoggerFactory.getLogger(ConnectionLimit.class);

  private final int most;
  private int open;

  /** Whether the log says that there are too many. */
  private boolean told;

  /**
   * @param most connections at once
   */
  ConnectionLimit(int most) {
    this.most = most;
  }

  void opened(HttpConnection connection) {
    open++;
    connection.closeHandler(
        _ -> {
          open--;
          told &= open >= most;
        });
    if (open > most) {
      if (!told) {
        told = true;
        log.warn("HTTP connections are refused: there are {}, as many as there may be", most);
      }
      connection.close();
    }
  }
}
