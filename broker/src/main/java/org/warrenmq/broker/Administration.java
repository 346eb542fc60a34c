package org.warrenmq.broker;

import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.admin.AdminConfig;
import org.warrenmq.admin.AdminServer;
import org.warrenmq.admin.api.Api;
import org.warrenmq.admin.node.Logins;
import org.warrenmq.admin.node.MessageAccess;
import org.warrenmq.admin.node.NodeDesk;
import org.warrenmq.admin.node.NodeView;
import org.warrenmq.broker.config.StartupException;
import org.warrenmq.engine.loop.NodeFault;

/**
 * The way in for those who administer the node. Opened and closed by the node's main thread; its
 * parts run on their own.
 */
final class Administration implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Administration.class);

  private final AdminConfig config;
  private final AdminServer server;

  /**
   * @param connections at once, at most
   */
  Administration(
      AdminConfig config,
      int connections,
      Logins logins,
      NodeView view,
      NodeDesk commands,
      MessageAccess messages) {
    this.config = config;
    server =
        new AdminServer(
            config,
            connections,
            Api.routes(view, commands, messages),
            logins,
            view,
            NodeFault::report);
  }

  /**
   * Lets in who has a password, and who owns the data folder.
   *
   * @return the port
   */
  int open(Path folder) throws StartupException {
    int port;
    try {
      port = server.listen();
    } catch (IOException e) {
      throw new StartupException(
          "cannot listen on %s:%d (management.tcp.port): %s"
              .formatted(config.host(), config.port(), e.getMessage()),
          e);
    }
    try {
      server.listenIn(folder);
    } catch (IOException e) {
      log.warn(
          "no socket file in {}, so that commands as 'backup' do not reach this broker: {}",
          folder,
          e.getMessage());
    }
    return port;
  }

  @Override
  public void close() {
    server.close();
  }
}
