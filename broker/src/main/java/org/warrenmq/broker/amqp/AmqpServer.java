package org.warrenmq.broker.amqp;

import io.netty.channel.ChannelHandlerContext;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.alarms.Alarms;
import org.warrenmq.broker.audit.AuditLog;
import org.warrenmq.broker.audit.AuditTrail;
import org.warrenmq.broker.auth.AuthBackend;
import org.warrenmq.broker.auth.Encryption;
import org.warrenmq.broker.auth.Peer;
import org.warrenmq.broker.auth.SaslMechanisms;
import org.warrenmq.broker.config.BrokerConfig;
import org.warrenmq.broker.tls.ServerTls;
import org.warrenmq.broker.tls.TlsHandshake;
import org.warrenmq.broker.topology.ConnectionId;
import org.warrenmq.broker.topology.Topology;
import org.warrenmq.broker.topology.VirtualHost;
import org.warrenmq.codec.ConnectionError;
import org.warrenmq.codec.ReplyCode;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.loop.NodeMemory;
import org.warrenmq.engine.loop.NodeMemory.Level;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.message.MessageStore;
import org.warrenmq.router.Router;

/**
 * The AMQP listener of one event loop, and the connections accepted there; everything in it runs on
 * that loop. Deployed once per loop: Vert.x shares the port between them.
 *
 * <p>Vert.x accepts, and reports the socket's end; our handlers stand in the Netty pipeline before
 * its own, so that frames never pass through its per-message machinery.
 */
public final class AmqpServer extends VerticleBase implements Server {
  private static final int BACKLOG = 4096;

  /** Connections looked at in one piece. */
  private static final int LOOK = 64;

  private final Shared shared;
  private final int index;
  private final Set<OpenConnection> open = new HashSet<>();
  private final CountDownLatch allClosed = new CountDownLatch(1);
  private long connections;
  private @Nullable String alarm;

  /** What connections go by that are accepted from now on. */
  private BrokerConfig settings;

  /** How connections are closed since the node stops; null while it does not. */
  private @Nullable Consumer<OpenConnection> farewell;

  private volatile @Nullable RoomLoop loop;
  private volatile @Nullable LoopStore home;
  private @Nullable Router router;
  private @Nullable Releases releases;
  private @Nullable MemoryPressure pressure;

  /**
   * What all servers of a node have in common; any thread.
   *
   * @param audit null where there is none
   */
  public record Shared(
      BrokerConfig config,
      AuthBackend auth,
      Topology topology,
      Usage usage,
      ReplyRoutes replyRoutes,
      Alarms alarms,
      NodeMemory memory,
      MessageStore messages,
      @Nullable AuditLog audit) {}

  /**
   * @param index which of the node's event loops it lives on, counted from 0
   */
  public AmqpServer(Shared shared, int index) {
    this.shared = shared;
    this.index = index;
    settings = shared.config();
  }

  /** Makes the loop's rooms; {@link #listen} lets clients in. */
  @Override
  public Future<?> start() {
    BrokerConfig config = shared.config();
    RoomLoop here = new RoomLoop(((ContextInternal) context).nettyEventLoop(), shared.memory());
    LoopStore store =
        new LoopStore(
            here, shared.messages(), config.storage().queueMemory() / config.eventLoops());
    home = store;
    loop = here;
    router = new Router();
    releases = new Releases(here, shared.topology());
    MemoryPressure pressing = new MemoryPressure(store, open);
    pressure = pressing;
    shared.memory().listen(level -> here.post(() -> memoryChanged(pressing, level)));
    shared.topology().whenMuchIsGone(() -> here.post(this::forgetRemembered));
    shared.topology().whenVhostGoes(vhost -> here.post(() -> vhostGoes(vhost)));
    shared.topology().whenUserGoes(user -> here.post(() -> userGoes(user)));
    shared.alarms().listen(reason -> here.post(() -> alarmed(reason)));
    return Future.succeededFuture();
  }

  /** The loop that the server lives on, once it is deployed. Any thread. */
  public RoomLoop loop() {
    return started();
  }

  /** Where its queues live, once it is deployed. Any thread. */
  public LoopStore home() {
    return started(home);
  }

  private RoomLoop started() {
    return started(loop);
  }

  /**
   * Begins to accept connections. Any thread.
   *
   * @param number of the listener, from 1: where it takes any free port, all loops take the same
   * @param tls null for a plain one
   * @return the port
   */
  public Future<Integer> listen(BrokerConfig.Listener at, int number, @Nullable ServerTls tls) {
    Promise<Integer> bound = Promise.promise();
    context.runOnContext(_ -> bind(at, number, tls).onComplete(bound));
    return bound.future();
  }

  private Future<Integer> bind(BrokerConfig.Listener at, int number, @Nullable ServerTls tls) {
    NetServerOptions options =
        new NetServerOptions()
            .setHost(at.host())
            // To Vert.x, a negative one is any free port that those share who name it.
            .setPort(at.port() == 0 ? -number : at.port())
            .setTcpNoDelay(true)
            .setTcpKeepAlive(true)
            .setReuseAddress(true)
            .setAcceptBacklog(BACKLOG);
    return vertx
        .createNetServer(options)
        .connectHandler(socket -> accept(socket, tls))
        .listen()
        .map(NetServer::actualPort);
  }

  private void accept(NetSocket accepted, @Nullable ServerTls tls) {
    NetSocketInternal socket = (NetSocketInternal) accepted;
    if (farewell != null) {
      accepted.close();
      return;
    }
    // In its place: what Vert.x keeps for a socket of its own is half of what a connection takes.
    ChannelHandlerContext vertxHandler = socket.channelHandlerContext();
    io.netty.channel.Channel channel = vertxHandler.channel();
    if (tls == null) {
      vertxHandler.pipeline().replace(vertxHandler.name(), "amqp", connection(channel, null));
    } else {
      TlsHandshake.begin(vertxHandler, tls, agreed -> connection(channel, agreed));
    }
  }

  private AmqpConnection connection(
      io.netty.channel.Channel socket, @Nullable Encryption encryption) {
    return new AmqpConnection(this, home(), started(router), socket, encryption);
  }

  private static <T> T started(@Nullable T part) {
    if (part == null) {
      throw new IllegalStateException("accepted a socket before the start");
    }
    return part;
  }

  /** Takes no more connections and sends every open one a close. Any thread. */
  public void shutDown(String reason) {
    stop(connection -> connection.force(reason));
  }

  /** The disk failed: nothing is confirmed any more, and every connection is told. Any thread. */
  public void fail(String reason) {
    ConnectionError error = new ConnectionError(ReplyCode.INTERNAL_ERROR, reason);
    stop(connection -> connection.fail(error));
  }

  private void stop(Consumer<OpenConnection> close) {
    RoomLoop here = loop;
    if (here == null) {
      allClosed.countDown();
      return;
    }
    here.post(
        () -> {
          farewell = close;
          Set.copyOf(open).forEach(close);
          noteIfAllClosed();
        });
  }

  /** Waits for the connections to end after {@link #shutDown}. False when some have not. */
  public boolean awaitClosed(long time, TimeUnit unit) {
    try {
      return allClosed.await(time, unit);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void noteIfAllClosed() {
    if (farewell != null && open.isEmpty()) {
      allClosed.countDown();
    }
  }

  @Override
  public BrokerConfig settings() {
    return settings;
  }

  /** Connections accepted from now on go by another configuration. Any thread. */
  public void configure(BrokerConfig other) {
    started().post(() -> settings = other);
  }

  @Override
  public AuthBackend auth() {
    return shared.auth();
  }

  @Override
  public SaslMechanisms mechanisms() {
    return settings.security().mechanisms();
  }

  @Override
  public Topology topology() {
    return shared.topology();
  }

  @Override
  public @Nullable AuditTrail audit(String user, Peer from) {
    AuditLog audit = shared.audit();
    return audit == null ? null : new AuditTrail(audit, user, from);
  }

  @Override
  public Usage usage() {
    return shared.usage();
  }

  @Override
  public ConnectionId newConnection() {
    return new ConnectionId(index, ++connections);
  }

  /**
   * Looks at all open connections, some at a time, on the loop. Any thread.
   *
   * @param each told of every one that is still open by then
   * @param done run after the last one
   */
  void forEach(Consumer<OpenConnection> each, Runnable done) {
    started().post(() -> look(new ArrayDeque<>(open), each, done));
  }

  private void look(ArrayDeque<OpenConnection> left, Consumer<OpenConnection> each, Runnable done) {
    for (int i = 0; i < LOOK && !left.isEmpty(); i++) {
      OpenConnection next = left.remove();
      if (open.contains(next)) {
        each.accept(next);
      }
    }
    if (left.isEmpty()) {
      done.run();
    } else {
      started().post(() -> look(left, each, done));
    }
  }

  private void vhostGoes(VirtualHost vhost) {
    for (OpenConnection connection : List.copyOf(open)) {
      if (connection.isIn(vhost)) {
        connection.force("vhost '" + vhost.name() + "' is deleted");
      }
    }
  }

  private void userGoes(String user) {
    for (OpenConnection connection : List.copyOf(open)) {
      if (connection.isOf(user)) {
        connection.force("user '" + user + "' is deleted");
      }
    }
  }

  private void alarmed(@Nullable String reason) {
    alarm = reason;
    if (reason != null) {
      forgetRemembered();
    }
    unblock();
  }

  /** What connections remember for speed may also keep queues and exchanges that are gone. */
  private void forgetRemembered() {
    open.forEach(OpenConnection::forgetRemembered);
  }

  private void memoryChanged(MemoryPressure pressing, Level level) {
    pressing.changed(level);
    unblock();
  }

  private void unblock() {
    if (blockReason() == null) {
      // What goes on may end a connection.
      Set.copyOf(open).forEach(OpenConnection::unblock);
    }
  }

  /** The alarm takes a moment to get here, in which much can come: memory counts at once. */
  @Override
  public @Nullable String blockReason() {
    return alarm == null && shared.memory().isAtLeast(Level.ALARM) ? "low on memory" : alarm;
  }

  @Override
  public MemoryPressure pressure() {
    return started(pressure);
  }

  @Override
  public ReplyRoutes replyRoutes() {
    return shared.replyRoutes();
  }

  @Override
  public Releases releases() {
    return started(releases);
  }

  @Override
  public void opened(OpenConnection connection, VirtualHost vhost) {
    open.add(connection);
    if (farewell != null) {
      // Its login took until now.
      farewell.accept(connection);
    }
    if (vhost.isDeleted()) {
      // After it was found, and perhaps after the others were told.
      vhostGoes(vhost);
    }
  }

  @Override
  public void closed(OpenConnection connection) {
    open.remove(connection);
    noteIfAllClosed();
  }
}
