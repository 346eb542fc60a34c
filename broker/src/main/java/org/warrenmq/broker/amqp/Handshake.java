package org.warrenmq.broker.amqp;

import static org.warrenmq.codec.ReplyCode.ACCESS_REFUSED;
import static org.warrenmq.codec.ReplyCode.CHANNEL_ERROR;
import static org.warrenmq.codec.ReplyCode.NOT_ALLOWED;

import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.broker.auth.AuthBackend;
import org.warrenmq.broker.auth.Login;
import org.warrenmq.broker.auth.SaslMechanism;
import org.warrenmq.broker.auth.User;
import org.warrenmq.broker.config.BrokerConfig;
import org.warrenmq.broker.config.ServerIdentity;
import org.warrenmq.broker.topology.Topology;
import org.warrenmq.broker.topology.VirtualHost;
import org.warrenmq.codec.ConnectionError;
import org.warrenmq.codec.ConnectionMethod;
import org.warrenmq.codec.Method;

/**
 * The way from the protocol header to an open connection: start, tune, open, each in its state.
 * Runs on the connection's loop.
 *
 * <p>Where RabbitMQ gives no reason (an unknown mechanism, a refused tune, a wrong password of a
 * client that cannot take a close) neither do we: {@link Step.Silence} ends the socket later.
 */
final class Handshake {
  private static final Logger log = LoggerFactory.getLogger(Handshake.class);

  /** Smallest frame_max of the protocol. */
  private static final int FRAME_MIN = 4096;

  /** What was agreed in tune-ok. */
  record Tuning(int channelMax, int frameMax, int heartbeatSeconds) {}

  /** What the connection does next. */
  sealed interface Step {
    /** Answer, and wait for the next method. */
    record Reply(Method method) implements Step {}

    /** tune-ok was accepted: it holds from now on. */
    record Tuned(Tuning tuning) implements Step {}

    /** connection.open was accepted. */
    record Opened(User user, VirtualHost vhost) implements Step {}

    /** Say nothing, and close the socket after a while. */
    record Silence() implements Step {}
  }

  private sealed interface State {
    record AwaitingStartOk() implements State {}

    record AwaitingTuneOk(User user) implements State {}

    record AwaitingOpen(User user) implements State {}

    record Over() implements State {}
  }

  private final BrokerConfig config;
  private final AuthBackend auth;
  private final Topology topology;
  private final InetSocketAddress peer;
  private State state = new State.AwaitingStartOk();
  private Client client = Client.UNKNOWN;

  Handshake(BrokerConfig config, AuthBackend auth, Topology topology, InetSocketAddress peer) {
    this.config = config;
    this.auth = auth;
    this.topology = topology;
    this.peer = peer;
  }

  Client client() {
    return client;
  }

  /** What the server says first. */
  ConnectionMethod.Start start() {
    String mechanisms =
        Arrays.stream(SaslMechanism.values()).map(Enum::name).collect(Collectors.joining(" "));
    return new ConnectionMethod.Start(
        0, 9, ServerIdentity.properties(config.clusterName()), mechanisms, "en_US");
  }

  /**
   * Takes the client's next method.
   *
   * @throws ConnectionError when it is refused with a reason
   */
  Step take(Method method) {
    return switch (state) {
      case State.AwaitingStartOk() when method instanceof ConnectionMethod.StartOk startOk ->
          startOk(startOk);
      case State.AwaitingTuneOk(User user) when method instanceof ConnectionMethod.TuneOk tuneOk ->
          tuneOk(user, tuneOk);
      case State.AwaitingOpen(User user) when method instanceof ConnectionMethod.Open open ->
          open(user, open);
      case State.Over() -> new Step.Silence();
      case State.AwaitingStartOk _, State.AwaitingTuneOk _, State.AwaitingOpen _ ->
          throw new ConnectionError(
              CHANNEL_ERROR, "unexpected method in connection state " + name());
    };
  }

  private String name() {
    return switch (state) {
      case State.AwaitingStartOk _ -> "starting";
      case State.AwaitingTuneOk _ -> "tuning";
      case State.AwaitingOpen _ -> "opening";
      case State.Over _ -> "closed";
    };
  }

  private Step startOk(ConnectionMethod.StartOk startOk) {
    client = Client.of(startOk.clientProperties());
    SaslMechanism mechanism = SaslMechanism.named(startOk.mechanism());
    if (mechanism == null) {
      log.warn("{} asked for the unknown mechanism '{}'", peer, startOk.mechanism());
      return silence();
    }
    return switch (mechanism.login(startOk.response(), auth, peer.getAddress())) {
      case Login.Granted(User user) -> tune(user);
      case Login.Refused(String name) -> {
        log.warn("login of '{}' from {} using {} was refused", name, peer, mechanism);
        yield refuseLogin(mechanism);
      }
      case Login.Malformed() -> {
        log.warn("login from {} using {} was refused: malformed response", peer, mechanism);
        yield refuseLogin(mechanism);
      }
    };
  }

  private Step tune(User user) {
    state = new State.AwaitingTuneOk(user);
    BrokerConfig.Limits limits = config.limits();
    return new Step.Reply(
        new ConnectionMethod.Tune(
            limits.channelMax(), limits.frameMax(), (int) limits.heartbeat().toSeconds()));
  }

  private Step refuseLogin(SaslMechanism mechanism) {
    state = new State.Over();
    if (client.wantsAuthenticationFailureClose()) {
      throw new ConnectionError(
          ACCESS_REFUSED,
          "Login was refused using authentication mechanism "
              + mechanism
              + ". For details see the broker logfile.");
    }
    return new Step.Silence();
  }

  private Step tuneOk(User user, ConnectionMethod.TuneOk tuneOk) {
    BrokerConfig.Limits limits = config.limits();
    String fault = null;
    if (tuneOk.frameMax() == 0 || tuneOk.frameMax() > limits.frameMax()) {
      fault = "frame_max = " + tuneOk.frameMax() + ", more than " + limits.frameMax();
    } else if (tuneOk.frameMax() < FRAME_MIN) {
      fault = "frame_max = " + tuneOk.frameMax() + ", less than " + FRAME_MIN;
    } else if (tuneOk.channelMax() == 0 || tuneOk.channelMax() > limits.channelMax()) {
      fault = "channel_max = " + tuneOk.channelMax() + ", more than " + limits.channelMax();
    }
    if (fault != null) {
      log.warn("{} wants to negotiate {}", peer, fault);
      return silence();
    }
    state = new State.AwaitingOpen(user);
    return new Step.Tuned(
        new Tuning(tuneOk.channelMax(), (int) tuneOk.frameMax(), tuneOk.heartbeat()));
  }

  private Step open(User user, ConnectionMethod.Open open) {
    @Nullable VirtualHost vhost = topology.vhost(open.virtualHost());
    if (vhost == null) {
      throw new ConnectionError(NOT_ALLOWED, "vhost " + open.virtualHost() + " not found");
    }
    state = new State.Over();
    return new Step.Opened(user, vhost);
  }

  private Step silence() {
    state = new State.Over();
    return new Step.Silence();
  }
}
