package org.warrenmq.broker.amqp;

import static org.warrenmq.codec.ReplyCode.CHANNEL_ERROR;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.admin.node.Facts;
import org.warrenmq.broker.auth.Encryption;
import org.warrenmq.broker.auth.Peer;
import org.warrenmq.broker.auth.User;
import org.warrenmq.broker.config.BrokerConfig;
import org.warrenmq.broker.topology.ConnectionId;
import org.warrenmq.broker.topology.VirtualHost;
import org.warrenmq.codec.AmqpError;
import org.warrenmq.codec.ConnectionError;
import org.warrenmq.codec.ConnectionMethod;
import org.warrenmq.codec.Method;
import org.warrenmq.codec.PropertyInterner;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.loop.NodeFault;
import org.warrenmq.router.Router;

/**
 * One client connection: the last inbound handler of its socket's pipeline. Takes what comes to
 * where it belongs: to its {@link Opening} first, then to its {@link Channels}, and to its {@link
 * Ending} at last. Runs on its event loop.
 *
 * <p>Nothing it reads is acted on in another room before the turn: reading only sends mail. What it
 * writes is flushed once, at the end of the turn.
 */
final class AmqpConnection extends ChannelInboundHandlerAdapter
    implements Input.Frames, Opening.Progress, Heartbeats.Listener, OpenConnection {
  private static final Logger log = LoggerFactory.getLogger(AmqpConnection.class);

  /** What a connection is charged with, in bytes, about. */
  private static final int COST = 4 * 1024;

  /** What TLS keeps for one, in bytes, about. */
  private static final int TLS_COST = 32 * 1024;

  private final Server server;
  private final io.netty.channel.Channel socket;
  private final Peer peer;
  private final LoopStore store;
  private final Outbound outbound;
  private final ReadGate gate;
  private final TurnOutput output;
  private final Routes routes;
  private final Input input;
  private final Ending ending;

  /** Null once the connection is open. */
  private @Nullable Opening opening;

  /** Null until then. */
  private @Nullable Channels channels;

  /** Null until tune-ok. */
  private @Nullable Heartbeats heartbeats;

  /** Null until the connection is open. */
  private @Nullable Authorisation authority;

  /** What was agreed; null until tune-ok. */
  private Handshake.@Nullable Tuning tuning;

  private final long connectedAt;
  private boolean heard;
  private boolean ended;

  /**
   * @param encryption null where there is none
   */
  AmqpConnection(
      Server server,
      LoopStore store,
      Router router,
      io.netty.channel.Channel socket,
      @Nullable Encryption encryption) {
    this.server = server;
    ConnectionId id = server.newConnection();
    this.store = store;
    this.socket = socket;
    this.peer = Peer.at((InetSocketAddress) socket.remoteAddress(), encryption);
    BrokerConfig config = server.settings();
    connectedAt = store.loop().clock().millis();
    outbound = new Outbound(socket);
    gate = new ReadGate(socket, store.loop().account(), server.pressure());
    gate.keep(encryption == null ? COST : COST + TLS_COST);
    output = new TurnOutput(store.loop(), outbound, gate, this::proceed);
    ending = new Ending(socket, store.loop(), gate, output, server.releases(), id);
    routes = new Routes(router);
    input = new Input(this, ending, store, gate, routes, config.limits().initialFrameMax());
    Handshake handshake =
        new Handshake(
            config,
            server.auth(),
            server.mechanisms(),
            server.topology(),
            server.usage(),
            peer,
            task -> store.loop().post(task::run));
    opening = new Opening(handshake, outbound, output, input, ending, this);
    opening.within(
        store.loop(), config.limits().handshakeTimeout().toMillis(), this::openedTooLate);
  }

  // The socket.

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf in = (ByteBuf) message;
    heard = true;
    if (ending.hasBegun()) {
      ending.drained(in.readableBytes());
    }
    input.read(in);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    // The turn flushes.
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (socket.isWritable()) {
      output.writable();
    }
    context.fireChannelWritabilityChanged();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    input.finish();
    socketClosed();
    context.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    Throwable failure = withoutWrapping(cause);
    if (failure instanceof IOException) {
      log.info("{}: {}", peer, failure.getMessage());
      socket.close();
    } else {
      NodeFault.report(failure);
    }
  }

  /**
   * Whatever a write fails by, Netty calls it the end of the output; and what TLS does not
   * understand, a failure to decode.
   */
  private static Throwable withoutWrapping(Throwable cause) {
    Throwable inner = cause.getCause();
    boolean wrapped =
        cause instanceof ChannelOutputShutdownException || cause instanceof DecoderException;
    return wrapped && inner != null ? inner : cause;
  }

  private void socketClosed() {
    if (ended) {
      return;
    }
    ended = true;
    if (heartbeats != null) {
      heartbeats.stop();
    }
    if (authority != null) {
      authority.stop();
    }
    server.closed(this);
    input.end();
    output.end();
    gate.end();
    if (opening != null) {
      opening.socketClosed();
    }
    ending.socketClosed();
  }

  // Frames.

  @Override
  public void readHeader(ByteBuf in) {
    if (opening != null && !opening.hasHeader()) {
      opening.readHeader(in);
    }
  }

  @Override
  public boolean isListening() {
    return !ending.isOver() && (opening == null || opening.hasHeader());
  }

  @Override
  public void method(int number, Method method) {
    if (ending.hasBegun()) {
      ending.method(method);
    } else if (opening != null) {
      opening.method(number, method);
    } else if (channels != null && number != 0) {
      channels.method(number, method);
    } else {
      connection(method);
    }
  }

  private void connection(Method method) {
    switch (method) {
      case ConnectionMethod.Close _ -> ending.closedByClient();
      case ConnectionMethod.UpdateSecret update -> {
        if (authority != null) {
          authority.renew(update, () -> output.send(0, new ConnectionMethod.UpdateSecretOk()));
        }
      }
      default ->
          throw new ConnectionError(
              CHANNEL_ERROR,
              "unexpected method in connection state running",
              method.classId(),
              method.methodId());
    }
  }

  @Override
  public void header(int number, int classId, int weight, long bodySize, ByteBuf propertyBytes) {
    if (channels != null && !ending.hasBegun()) {
      channels.forContent(number).header(classId, weight, bodySize, propertyBytes);
    }
  }

  @Override
  public void body(int number, ByteBuf payload) {
    if (channels != null && !ending.hasBegun()) {
      channels.forContent(number).body(payload);
    }
  }

  @Override
  public void heartbeat() {
    // Any input counts.
  }

  @Override
  public boolean heardSomething() {
    boolean did = heard;
    heard = false;
    // While we do not read, silence says nothing.
    return did || !socket.config().isAutoRead();
  }

  @Override
  public void peerIsDead() {
    log.warn("missed heartbeats from {}", peer);
    socket.close();
  }

  // Opening.

  private void openedTooLate() {
    log.warn("{} did not complete the handshake in time", peer);
    socket.close();
  }

  @Override
  public void strange(String protocol) {
    log.info("{} speaks {}", peer, protocol);
  }

  @Override
  public void tuned(Handshake.Tuning agreed) {
    tuning = agreed;
    input.frameMax(agreed.frameMax());
    heartbeats = new Heartbeats(store.loop(), outbound, this);
    heartbeats.start(agreed.heartbeatSeconds());
  }

  @Override
  public void opened(Handshake.Step.Opened as) {
    Blocking blocking = new Blocking(server, as.client(), output);
    User user = as.login().user();
    Access access = new Access(as.login().authority(), user, as.vhost().name(), gate);
    authority = new Authorisation(store.loop(), peer, as.vhost().name(), user, access, ending);
    Session session =
        new Session(
            store.loop(),
            store,
            server.topology(),
            server.replyRoutes(),
            as.vhost(),
            as.login().user(),
            access,
            as.presence(),
            as.client(),
            ending.id(),
            ending,
            server.settings().limits(),
            routes,
            new PropertyInterner(),
            input,
            new Uploads(store, blocking, gate, input),
            blocking,
            gate,
            output,
            new MessageWriter(store, output, outbound, as.tuning().frameMax()),
            ending,
            server.audit(user.name(), peer));
    Channels none = new Channels(session, as.tuning().channelMax());
    channels = none;
    opening = null;
    ending.opened(none);
    authority.watch();
    server.opened(this, as.vhost());
  }

  // Of all connections of the loop.

  @Override
  public boolean isIn(VirtualHost other) {
    return channels != null && channels.vhost() == other;
  }

  @Override
  public boolean isOf(String user) {
    return channels != null && channels.user().name().equals(user);
  }

  @Override
  public ReadGate gate() {
    return gate;
  }

  @Override
  public boolean isWritable() {
    return output.isWritable();
  }

  @Override
  public void force(String reason) {
    ending.force(reason);
  }

  @Override
  public void fail(AmqpError error) {
    ending.fail(error);
  }

  @Override
  public void drop() {
    socket.close();
  }

  @Override
  public void unblock() {
    if (channels != null && !ending.hasBegun()) {
      channels.unblock();
    }
  }

  private void proceed() {
    if (channels != null) {
      channels.proceed();
    }
  }

  @Override
  public void forgetRemembered() {
    routes.forget();
    input.forgetNames();
    if (channels != null) {
      channels.forgetRemembered();
    }
  }

  @Override
  public void giveUp() {
    forgetRemembered();
    if (channels != null && !output.isWritable()) {
      channels.giveUpDeliveries();
    }
  }

  @Override
  public Peer peer() {
    return peer;
  }

  @Override
  public Facts.Connection facts() {
    Channels open = channels;
    Handshake.Tuning agreed = tuning;
    if (open == null || agreed == null) {
      throw new IllegalStateException("the connection is not open");
    }
    InetSocketAddress here = (InetSocketAddress) socket.localAddress();
    Facts.Endpoint client = new Facts.Endpoint(peer.address().getHostAddress(), peer.port());
    Facts.Endpoint node = new Facts.Endpoint(here.getAddress().getHostAddress(), here.getPort());
    return new Facts.Connection(
        "%s:%d -> %s:%d".formatted(client.host(), client.port(), node.host(), node.port()),
        open.user().name(),
        open.vhost().name(),
        ending.hasBegun() ? "closing" : server.blockReason() == null ? "running" : "blocking",
        client,
        node,
        connectedAt,
        agreed.channelMax(),
        agreed.frameMax(),
        agreed.heartbeatSeconds(),
        open.client().properties(),
        open.facts());
  }
}
