package org.warrenmq.admin;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.admin.http.RouteTable;
import org.warrenmq.admin.node.Encryption;
import org.warrenmq.admin.node.Logins;
import org.warrenmq.admin.node.NodeView;

/**
 * Serves the HTTP API: at ports, for users with a password, and at a socket file in the data
 * folder, for whoever owns that. Started and closed by one thread.
 *
 * <p>It has an event loop of its own, for sockets and what comes and goes there, and a few threads
 * that carry requests out and may wait: nothing of it runs where messages are.
 */
public final class AdminServer implements AutoCloseable {
  /** The socket file's name. */
  public static final String SOCKET = "control.sock";

  private static final Logger log = LoggerFactory.getLogger(AdminServer.class);

  /** A request line, and all headers together, in octets. */
  private static final int MAX_LINE = 16 * 1024;

  private static final int MAX_HEADERS = 32 * 1024;
  private static final int BACKLOG = 256;
  private static final long WAIT_SECONDS = 30;

  private final AdminConfig config;
  private final Vertx vertx;
  private final RouteTable routes;
  private final Logins logins;
  private final NodeView view;

  /** At all ports together. */
  private final Places users;

  /** At the socket file. */
  private final Places owners;

  private @Nullable Path file;

  /**
   * @param connections at once, at most, at all ports together, and as many at the socket file
   * @param onFault told of what nobody expected
   */
  public AdminServer(
      AdminConfig config,
      int connections,
      RouteTable routes,
      Logins logins,
      NodeView view,
      Consumer<Throwable> onFault) {
    this.config = config;
    users = new Places(connections);
    owners = new Places(connections);
    this.routes = routes;
    this.logins = logins;
    this.view = view;
    vertx =
        Vertx.vertx(
            new VertxOptions()
                .setPreferNativeTransport(true)
                .setFileSystemOptions(
                    new FileSystemOptions()
                        .setFileCachingEnabled(false)
                        .setClassPathResolvingEnabled(false))
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1));
    // Not to be taken for one of those that serve messages.
    vertx.runOnContext(_ -> Thread.currentThread().setName("warren-http"));
    vertx.exceptionHandler(
        fault -> {
          if (fault instanceof Error) {
            onFault.accept(fault);
          } else {
            log.error("the HTTP API failed", fault);
          }
        });
  }

  /**
   * Lets users in.
   *
   * @param encryption null where there is none
   * @return the port
   * @throws IOException when it cannot listen there
   */
  public int listen(AdminConfig.Listener at, @Nullable Encryption encryption) throws IOException {
    SocketAddress address = SocketAddress.inetSocketAddress(at.port(), at.host());
    return listen(address, at, users, encryption, false).actualPort();
  }

  /**
   * Lets the owner of a folder in, by a socket file in it.
   *
   * @throws IOException when there can be none
   */
  public void listenIn(Path folder) throws IOException {
    Path socket = folder.resolve(SOCKET);
    // Made where nobody else can reach it, until it is as it has to be.
    Path hidden = Files.createTempDirectory(folder, ".s");
    try {
      Path made = hidden.resolve(SOCKET);
      SocketAddress address = SocketAddress.domainSocketAddress(made.toString());
      listen(address, AdminConfig.Listener.at(SOCKET, 0), owners, null, true);
      Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rw-------"));
      // In the place of what a process left that was killed: only the folder's owner comes here.
      Files.move(made, socket, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new IOException("no socket %s: %s".formatted(socket, e.getMessage()), e);
    } finally {
      Files.deleteIfExists(hidden.resolve(SOCKET));
      Files.deleteIfExists(hidden);
    }
    file = socket;
  }

  private HttpServer listen(
      SocketAddress address,
      AdminConfig.Listener how,
      Places places,
      @Nullable Encryption encryption,
      boolean isLocal)
      throws IOException {
    HttpServerOptions options =
        new HttpServerOptions()
            .setCompressionSupported(how.compress())
            .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
            .setIdleTimeout((int) how.idleTimeout().toMillis())
            .setMaxInitialLineLength(MAX_LINE)
            .setMaxHeaderSize(MAX_HEADERS)
            .setMaxFormAttributeSize(MAX_LINE)
            .setHttp2ClearTextEnabled(false)
            .setAcceptBacklog(BACKLOG);
    HttpServer server =
        vertx
            .createHttpServer(options)
            .connectionHandler(
                connection ->
                    places.opened(connection, how.requestTimeout().toMillis(), encryption))
            .exceptionHandler(failure -> log.debug("an HTTP connection failed", failure))
            .requestHandler(
                new Exchanges(vertx, config, routes, logins, view, places, isLocal).router());
    return await(server.listen(address));
  }

  private static <T> T await(Future<T> future) throws IOException {
    try {
      return future.toCompletionStage().toCompletableFuture().get(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IOException(cause.getMessage(), cause);
    } catch (TimeoutException e) {
      throw new IOException("no answer within " + WAIT_SECONDS + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  @Override
  public void close() {
    try {
      await(vertx.close());
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      log.warn("the HTTP API did not stop: {}", e.getMessage());
    }
  }
}
