package org.warrenmq.broker;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.admin.AdminConfig;
import org.warrenmq.admin.AdminServer;
import org.warrenmq.admin.api.Api;
import org.warrenmq.admin.node.Encryption;
import org.warrenmq.admin.node.Facts;
import org.warrenmq.admin.node.Logins;
import org.warrenmq.admin.node.MessageAccess;
import org.warrenmq.admin.node.NodeDesk;
import org.warrenmq.admin.node.NodeView;
import org.warrenmq.broker.config.StartupException;
import org.warrenmq.broker.tls.ServerTls;
import org.warrenmq.broker.tls.TlsHandshake;
import org.warrenmq.engine.loop.NodeFault;

/**
 * The way in for those who administer the node. Opened and closed by the node's main thread; its
 * parts run on their own.
 */
final class Administration implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Administration.class);

  private final AdminConfig config;
  private final @Nullable ServerTls tls;
  private final AdminServer server;

  /**
   * @param tls null where nobody is let in by it
   * @param connections at once, at most
   */
  Administration(
      AdminConfig config,
      @Nullable ServerTls tls,
      int connections,
      Logins logins,
      NodeView view,
      NodeDesk commands,
      MessageAccess messages) {
    this.config = config;
    this.tls = tls;
    server =
        new AdminServer(
            config,
            connections,
            Api.routes(view, commands, messages, logins),
            logins,
            view,
            NodeFault::report);
  }

  /**
   * Lets in who has a password, and who owns the data folder.
   *
   * @return where, by now
   */
  List<Facts.Listener> open(Path folder) throws StartupException {
    List<Facts.Listener> places = new ArrayList<>();
    AdminConfig.Listener plain = config.http();
    if (plain != null) {
      places.add(listen("http", plain, "management.tcp.port", null));
    }
    AdminConfig.Listener encrypted = config.https();
    ServerTls certificates = tls;
    if (encrypted != null && certificates != null) {
      Encryption by = socket -> TlsHandshake.beginFirst(socket, certificates);
      places.add(listen("https", encrypted, "management.ssl.port", by));
    }
    try {
      server.listenIn(folder);
    } catch (IOException e) {
      log.warn(
          "no socket file in {}, so that commands as 'backup' do not reach this broker: {}",
          folder,
          e.getMessage());
    }
    return List.copyOf(places);
  }

  private Facts.Listener listen(
      String protocol, AdminConfig.Listener at, String key, @Nullable Encryption by)
      throws StartupException {
    try {
      return new Facts.Listener(protocol, at.host(), server.listen(at, by));
    } catch (IOException e) {
      throw new StartupException(
          "cannot listen on %s:%d (%s): %s".formatted(at.host(), at.port(), key, e.getMessage()),
          e);
    }
  }

  @Override
  public void close() {
    server.close();
  }
}
