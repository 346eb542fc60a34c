package org.warrenmq.broker.amqp;

import static org.warrenmq.codec.ReplyCode.CHANNEL_ERROR;
import static org.warrenmq.codec.ReplyCode.CONNECTION_FORCED;
import static org.warrenmq.codec.ReplyCode.INTERNAL_ERROR;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelOutputShutdownException;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.broker.auth.User;
import org.warrenmq.broker.config.BrokerConfig;
import org.warrenmq.broker.topology.ConnectionId;
import org.warrenmq.broker.topology.TopologyRequest;
import org.warrenmq.broker.topology.VirtualHost;
import org.warrenmq.codec.AmqpError;
import org.warrenmq.codec.ConnectionError;
import org.warrenmq.codec.ConnectionMethod;
import org.warrenmq.codec.FrameListener;
import org.warrenmq.codec.Method;
import org.warrenmq.codec.PropertyInterner;
import org.warrenmq.codec.ProtocolHeader;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.loop.NodeFault;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.router.RouteCache;
import org.warrenmq.router.Router;

/**
 * One client connection: the last inbound handler of its socket's pipeline. Takes frames to
 * channels and closes in an orderly way. Runs on its event loop.
 *
 * <p>Nothing it reads is acted on in another room before the turn: reading only sends mail. What it
 * writes is flushed once, at the end of the turn.
 */
final class AmqpConnection extends ChannelInboundHandlerAdapter implements FrameListener {
  private static final Logger log = LoggerFactory.getLogger(AmqpConnection.class);

  /** How long a refused client that must not be told is kept waiting, in seconds. */
  private static final int SILENCE_SECONDS = 3;

  /** How long the peer has to answer a close, or to close its socket after one, in seconds. */
  private static final int CLOSE_SECONDS = 5;

  /** What a connection is charged with, in bytes, about. */
  private static final int COST = 4 * 1024;

  /** In the order in which a connection passes them; some are left out. */
  private enum State {
    AWAITING_HEADER,
    HANDSHAKE,
    OPEN,
    /** The client's close is being carried out. */
    RELEASING,
    /** We sent close and wait for close-ok. */
    CLOSING,
    /** The same, and the client's own close came meanwhile and is answered. */
    CROSSED,
    /** Nothing is expected but the end of the socket. */
    CLOSED
  }

  private final Server server;
  private final ConnectionId id;
  private final io.netty.channel.Channel socket;
  private final LoopStore store;
  private final RoomLoop loop;
  private final Router router;
  private final Outbound outbound;
  private final MessageWriter messages;
  private final ReadGate gate;
  private final TurnOutput output;
  private final Input input;
  private final PropertyInterner properties = new PropertyInterner();
  private final Uploads uploads = new Uploads(this);
  private final Handshake handshake;
  private final Opening opening;
  private final Channels channels = new Channels(this);
  private final Blocking blocking;
  private final Ending ending;
  private State state = State.AWAITING_HEADER;
  private int frameMax;
  private @Nullable RouteCache routes;
  private @Nullable Heartbeats heartbeats;
  private @Nullable User user;
  private @Nullable VirtualHost vhost;
  private boolean heard;
  private boolean ended;

  AmqpConnection(Server server, LoopStore store, Router router, io.netty.channel.Channel socket) {
    this.server = server;
    id = server.newConnection();
    this.store = store;
    this.loop = store.loop();
    this.router = router;
    this.socket = socket;
    BrokerConfig config = server.settings();
    outbound = new Outbound(socket);
    messages = new MessageWriter(this, outbound);
    gate = new ReadGate(socket, loop.account(), server.pressure());
    gate.keep(COST);
    output = new TurnOutput(loop, outbound, gate, () -> channels.forEach(Channel::proceed));
    frameMax = config.limits().initialFrameMax();
    input = new Input(this, gate, frameMax);
    InetSocketAddress peer = (InetSocketAddress) socket.remoteAddress();
    handshake = new Handshake(config, server.auth(), server.topology(), peer);
    opening = new Opening(this, handshake);
    blocking = new Blocking(this, server);
    ending = new Ending(this, server, channels);
    opening.within(config.limits().handshakeTimeout().toMillis());
  }

  // The socket.

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf in = (ByteBuf) message;
    heard = true;
    if (state.compareTo(State.OPEN) > 0) {
      ending.drained(in.readableBytes());
    }
    input.read(in);
  }

  /** Takes the protocol header from what was read, unless it has come before. */
  void readHeader(ByteBuf in) {
    if (state == State.AWAITING_HEADER && opening.readHeader(in) && state != State.CLOSED) {
      state = State.HANDSHAKE;
    }
  }

  /** Whether frames still matter. */
  boolean isListening() {
    return state != State.AWAITING_HEADER && state != State.CLOSED;
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
      log.info("{}: {}", peer(), failure.getMessage());
      socket.close();
    } else {
      NodeFault.report(failure);
    }
  }

  /** Whatever a write fails by, Netty calls it the end of the output. */
  private static Throwable withoutWrapping(Throwable cause) {
    Throwable inner = cause.getCause();
    return cause instanceof ChannelOutputShutdownException && inner != null ? inner : cause;
  }

  // Frames.

  @Override
  public void method(int number, Method method) {
    switch (state) {
      case HANDSHAKE -> opening.method(number, method);
      case OPEN -> open(number, method);
      case CLOSING, CROSSED -> closing(method);
      case AWAITING_HEADER, RELEASING, CLOSED -> {
        // Too late to matter.
      }
    }
  }

  private void open(int number, Method method) {
    if (number == 0) {
      connection(method);
    } else {
      channels.method(number, method);
    }
  }

  private void connection(Method method) {
    switch (method) {
      case ConnectionMethod.Close _ -> closedByClient();
      case ConnectionMethod.UpdateSecret _ -> send(0, new ConnectionMethod.UpdateSecretOk());
      default ->
          throw new ConnectionError(
              CHANNEL_ERROR,
              "unexpected method in connection state running",
              method.classId(),
              method.methodId());
    }
  }

  private void closing(Method method) {
    switch (method) {
      case ConnectionMethod.CloseOk _ -> {
        state = State.CLOSED;
        socket.close();
      }
      case ConnectionMethod.Close _ when state == State.CLOSING -> {
        state = State.CROSSED;
        send(0, new ConnectionMethod.CloseOk());
        ending.expectLittle();
      }
      default -> {
        // Sent before the client saw our close. Nothing more is answered: the gate is open.
      }
    }
  }

  @Override
  public void header(int number, int classId, int weight, long bodySize, ByteBuf propertyBytes) {
    if (state == State.OPEN) {
      channels.forContent(number).header(classId, weight, bodySize, propertyBytes);
    }
  }

  @Override
  public void body(int number, ByteBuf payload) {
    if (state == State.OPEN) {
      channels.forContent(number).body(payload);
    }
  }

  @Override
  public void heartbeat() {
    // Any input counts.
  }

  // Opening.

  /** Another protocol was asked for: says which one there is, and closes. */
  void refuseProtocol() {
    state = State.CLOSED;
    ProtocolHeader.write(outbound.buffer());
    outbound.flush();
    socket.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  /** What tune-ok said holds from now on. */
  void tuned(Handshake.Tuning tuning) {
    channels.atMost(tuning.channelMax());
    frameMax = tuning.frameMax();
    input.frameMax(frameMax);
    heartbeats = new Heartbeats(this, tuning.heartbeatSeconds());
    heartbeats.start();
  }

  void opened(Handshake.Step.Opened as) {
    user = as.user();
    vhost = as.vhost();
    state = State.OPEN;
    opening.stopWaiting();
    server.opened(this);
  }

  /** The client gets no answer, and after a while no socket. */
  void endSilently() {
    state = State.CLOSED;
    ending.closeSocketIn(SILENCE_SECONDS);
  }

  // What channels need.

  /** Who it is to the topology. */
  ConnectionId id() {
    return id;
  }

  RoomLoop loop() {
    return loop;
  }

  /** The loop's dealings with the message store. */
  LoopStore store() {
    return store;
  }

  Router router() {
    return router;
  }

  /** The routes its channels have used. */
  RouteCache routes() {
    RouteCache known = routes;
    if (known == null) {
      known = new RouteCache(router);
      routes = known;
    }
    return known;
  }

  /** What they take in memory, in bytes. */
  long heldByRoutes() {
    return routes == null ? 0 : routes.held();
  }

  Outbound outbound() {
    return outbound;
  }

  MessageWriter messages() {
    return messages;
  }

  ReadGate gate() {
    return gate;
  }

  BrokerConfig.Limits limits() {
    return server.settings().limits();
  }

  PropertyInterner propertyInterner() {
    return properties;
  }

  Input input() {
    return input;
  }

  Uploads uploads() {
    return uploads;
  }

  ReplyRoutes replyRoutes() {
    return server.replyRoutes();
  }

  Client client() {
    return handshake.client();
  }

  int frameMax() {
    return frameMax;
  }

  User user() {
    return opened(user);
  }

  VirtualHost vhost() {
    return opened(vhost);
  }

  private static <T> T opened(@Nullable T value) {
    if (value == null) {
      throw new IllegalStateException("the connection is not open");
    }
    return value;
  }

  /** What is said with this turn. */
  TurnOutput output() {
    return output;
  }

  /** Writes a method; it is flushed with the turn. */
  void send(int number, Method method) {
    output.send(number, method);
  }

  /** Sends a request to the topology, after everything sent to queues so far. */
  void askTopology(TopologyRequest request) {
    loop.postOutgoing();
    loop.send(server.topology().room(), server.topology().mail(request));
  }

  /** Whether publishes wait for an alarm to end. */
  Blocking blocking() {
    return blocking;
  }

  /** The alarm has ended: publishes that waited go on. */
  void unblock() {
    if (state == State.OPEN && blocking.end()) {
      gate.uploadWaits(false);
      channels.forEach(Channel::proceed);
    }
  }

  /** Forgets what is remembered for speed only: names, routes, properties. */
  void forgetRemembered() {
    routes = null;
    input.forgetNames();
    channels.forEach(Channel::forgetRemembered);
  }

  /**
   * Memory is short: gives up what is remembered for speed, and what waits for a client that does
   * not read goes back to its queues.
   */
  void giveUp() {
    forgetRemembered();
    if (!output.isWritable()) {
      channels.forEach(Channel::giveUpDeliveries);
    }
  }

  /** A channel is closed for good; its number is free. */
  void forget(Channel channel) {
    channels.forget(channel);
  }

  // Heartbeats.

  boolean heardSomething() {
    boolean did = heard;
    heard = false;
    // While we do not read, silence says nothing.
    return did || !socket.config().isAutoRead();
  }

  Object peer() {
    return socket.remoteAddress();
  }

  /** Closes the socket without a word. */
  void drop() {
    socket.close();
  }

  void peerIsDead() {
    log.warn("missed heartbeats from {}", peer());
    socket.close();
  }

  // The end.

  /** A channel was closed for an error of the client's. */
  void refused(int number, AmqpError error) {
    log.info("{} channel {}: {}", peer(), number, error.textWithoutOctets());
  }

  /** Closes the connection for an error. */
  void fail(AmqpError error) {
    if (hasClosed()) {
      return;
    }
    log.info("{}: {}", peer(), error.textWithoutOctets());
    close(error.code().code(), error.text(), error.classId(), error.methodId());
  }

  /** Closes the connection for a fault of the broker's own. */
  void failInside(RuntimeException fault) {
    log.error("connection from {} failed", peer(), fault);
    fail(new ConnectionError(INTERNAL_ERROR, "internal error"));
  }

  /** The broker stops, or an operator closes the connection. */
  void force(String reason) {
    if (state == State.OPEN) {
      close(CONNECTION_FORCED.code(), CONNECTION_FORCED.name() + " - " + reason, 0, 0);
    } else if (!hasClosed()) {
      socket.close();
    }
  }

  /** We have said the last we had to say, but for an answer to the client's own close. */
  private boolean hasClosed() {
    return state.compareTo(State.CLOSING) >= 0;
  }

  private void close(int code, String text, int classId, int methodId) {
    output.writeConfirms();
    send(0, new ConnectionMethod.Close(code, text, classId, methodId));
    state = State.CLOSING;
    release(() -> {});
    ending.closeSocketIn(CLOSE_SECONDS);
  }

  private void closedByClient() {
    state = State.RELEASING;
    channels.finish(
        () ->
            release(
                () -> {
                  if (state == State.RELEASING) {
                    send(0, new ConnectionMethod.CloseOk());
                    closed();
                  }
                }));
  }

  /** Everything is said: the client should close the socket, and soon we do. */
  void closed() {
    state = State.CLOSED;
    ending.expectLittle();
    ending.closeSocketIn(CLOSE_SECONDS);
  }

  /** Gives back what an opened connection has; {@code done} runs when that is done. */
  private void release(Runnable done) {
    if (vhost != null) {
      ending.release(done);
    }
  }

  /** Whether it has given up its exclusive queues: it gets no new ones. Any thread. */
  boolean hasEnded() {
    return ending.queuesReleased();
  }

  private void socketClosed() {
    if (ended) {
      return;
    }
    ended = true;
    if (heartbeats != null) {
      heartbeats.stop();
    }
    server.closed(this);
    input.end();
    output.end();
    gate.end();
    opening.stopWaiting();
    ending.stopWaiting();
    if (state == State.OPEN) {
      release(() -> {});
    }
    state = State.CLOSED;
  }
}
