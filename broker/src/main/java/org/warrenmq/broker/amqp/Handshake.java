package org.warrenmq.broker.amqp;

import static org.warrenmq.codec.ReplyCode.ACCESS_REFUSED;
import static org.warrenmq.codec.ReplyCode.CHANNEL_ERROR;
import static org.warrenmq.codec.ReplyCode.NOT_ALLOWED;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.broker.auth.AuthBackend;
import org.warrenmq.broker.auth.Login;
import org.warrenmq.broker.auth.Peer;
import org.warrenmq.broker.auth.SaslMechanism;
import org.warrenmq.broker.auth.SaslMechanisms;
import org.warrenmq.broker.auth.User;
import org.warrenmq.broker.auth.Verdict;
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
 * <p>Who may log in, and what they may open, is the {@link AuthBackend}'s to say, which may take
 * its time. Until it has answered nothing else is to be taken; an answer that comes when the
 * handshake is over does nothing.
 *
 * <p>Where RabbitMQ gives no reason (an unknown mechanism, a refused tune, a wrong password of a
 * client that cannot take a close) neither do we: {@link Step.Silence} ends the socket later.
 */
final class Handshake {
  private static final Logger log = LoggerFactory.getLogger(Handshake.class);

  /** Each of so many refusals in a row from an address is told, and every hundredth after that. */
  private static final int MOST_TOLD = 20;

  private static final int TOLD_THEN = 100;

  /** Smallest frame_max of the protocol. */
  private static final int FRAME_MIN = 4096;

  /** What was agreed in tune-ok. */
  record Tuning(int channelMax, int frameMax, int heartbeatSeconds) {}

  /** What the connection does next. */
  sealed interface Step {
    /** Answer, and wait for the next method. */
    record Reply(Method method) implements Step {}

    /** Take nothing more until the next step is told. */
    record Wait() implements Step {}

    /** tune-ok was accepted: it holds from now on. */
    record Tuned(Tuning tuning) implements Step {}

    /** connection.open was accepted. */
    record Opened(
        Login.Granted login, VirtualHost vhost, Presence presence, Client client, Tuning tuning)
        implements Step {}

    /** Close the connection with a reason. */
    record Refuse(ConnectionError error) implements Step {}

    /** Say nothing, and close the socket after a while. */
    record Silence() implements Step {}
  }

  private sealed interface State {
    record AwaitingStartOk() implements State {}

    record LoggingIn() implements State {}

    record AwaitingTuneOk(Login.Granted login) implements State {}

    record AwaitingOpen(Login.Granted login, Tuning tuning) implements State {}

    record Opening() implements State {}

    record Over() implements State {}
  }

  private final BrokerConfig config;
  private final AuthBackend auth;
  private final SaslMechanisms mechanisms;
  private final Topology topology;
  private final Usage usage;
  private final Peer peer;
  private final Executor room;
  private State state = new State.AwaitingStartOk();
  private Client client = Client.UNKNOWN;

  /**
   * @param mechanisms how the client may log in
   * @param usage where the connection is counted
   * @param room runs something on the connection's loop
   */
  Handshake(
      BrokerConfig config,
      AuthBackend auth,
      SaslMechanisms mechanisms,
      Topology topology,
      Usage usage,
      Peer peer,
      Executor room) {
    this.config = config;
    this.auth = auth;
    this.mechanisms = mechanisms;
    this.topology = topology;
    this.usage = usage;
    this.peer = peer;
    this.room = room;
  }

  /** What the server says first. */
  ConnectionMethod.Start start() {
    return new ConnectionMethod.Start(
        0,
        9,
        ServerIdentity.properties(topology.clusterName(config.clusterName())),
        mechanisms.namesFor(peer),
        "en_US");
  }

  /**
   * Takes the client's next method.
   *
   * @param later told, on the loop, what follows {@link Step.Wait}
   */
  Step take(Method method, Consumer<Step> later) {
    return switch (state) {
      case State.AwaitingStartOk() when method instanceof ConnectionMethod.StartOk startOk ->
          startOk(startOk, later);
      case State.AwaitingTuneOk(Login.Granted login)
          when method instanceof ConnectionMethod.TuneOk tuneOk ->
          tuneOk(login, tuneOk);
      case State.AwaitingOpen agreed when method instanceof ConnectionMethod.Open open ->
          open(agreed, open, later);
      case State.Over() -> new Step.Silence();
      case State.AwaitingStartOk _ -> unexpected(method, "starting");
      case State.LoggingIn _, State.AwaitingTuneOk _ -> unexpected(method, "tuning");
      case State.AwaitingOpen _, State.Opening _ -> unexpected(method, "opening");
    };
  }

  private Step unexpected(Method method, String name) {
    return refuse(
        new ConnectionError(
            CHANNEL_ERROR,
            "unexpected method in connection state " + name,
            method.classId(),
            method.methodId()));
  }

  /** The socket is closed: nothing follows any more. */
  void end() {
    state = new State.Over();
  }

  /**
   * Goes on with an answer: now if it is there, or when it comes, unless the handshake is over by
   * then.
   */
  private <T> Step await(
      State asking, CompletionStage<T> asked, Function<T, Step> next, Consumer<Step> later) {
    state = asking;
    CompletableFuture<T> answer = asked.toCompletableFuture();
    if (answer.isDone()) {
      return next.apply(answer.join());
    }
    answer.thenAccept(
        value ->
            room.execute(
                () -> {
                  if (state == asking) {
                    later.accept(next.apply(value));
                  }
                }));
    return new Step.Wait();
  }

  private Step startOk(ConnectionMethod.StartOk startOk, Consumer<Step> later) {
    client = Client.of(startOk.clientProperties());
    SaslMechanism mechanism = mechanisms.named(startOk.mechanism(), peer);
    if (mechanism == null) {
      log.warn("{} asked for the unknown mechanism '{}'", peer, startOk.mechanism());
      return silence();
    }
    return await(
        new State.LoggingIn(),
        mechanism
            .login(startOk.response(), mechanisms, auth, peer)
            .exceptionally(Login.Failed::new),
        login -> loggedIn(mechanism, login),
        later);
  }

  private Step loggedIn(SaslMechanism mechanism, Login login) {
    return switch (login) {
      case Login.Granted granted -> tune(granted);
      case Login.Refused(String name, long before) -> {
        if (before < MOST_TOLD) {
          log.warn("login of '{}' from {} using {} was refused", name, peer, mechanism);
        } else if (before % TOLD_THEN == 0) {
          log.warn(
              "login of '{}' from {} using {} was refused, as {} before it from there",
              name,
              peer,
              mechanism,
              before);
        }
        yield refuseLogin(mechanism);
      }
      case Login.Malformed(String why) -> {
        log.warn("login from {} using {} was refused: {}", peer, mechanism, why);
        yield refuseLogin(mechanism);
      }
      case Login.Failed(Throwable cause) -> {
        log.error("login from {} using {} could not be decided", peer, mechanism, cause);
        yield refuseLogin(mechanism);
      }
    };
  }

  private Step tune(Login.Granted login) {
    state = new State.AwaitingTuneOk(login);
    BrokerConfig.Limits limits = config.limits();
    return new Step.Reply(
        new ConnectionMethod.Tune(
            limits.channelMax(), limits.frameMax(), (int) limits.heartbeat().toSeconds()));
  }

  private Step refuseLogin(SaslMechanism mechanism) {
    if (!client.wantsAuthenticationFailureClose()) {
      return silence();
    }
    // This names no method, everything later does.
    return refuse(
        new ConnectionError(
            ACCESS_REFUSED,
            "Login was refused using authentication mechanism "
                + mechanism
                + ". For details see the broker logfile."));
  }

  private Step tuneOk(Login.Granted login, ConnectionMethod.TuneOk tuneOk) {
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
    Tuning tuning = new Tuning(tuneOk.channelMax(), (int) tuneOk.frameMax(), tuneOk.heartbeat());
    state = new State.AwaitingOpen(login, tuning);
    return new Step.Tuned(tuning);
  }

  private Step open(State.AwaitingOpen agreed, ConnectionMethod.Open open, Consumer<Step> later) {
    String name = open.virtualHost();
    if (topology.vhost(name) == null) {
      return refuse(open, "vhost " + name + " not found");
    }
    User user = agreed.login().user();
    return await(
        new State.Opening(),
        agreed
            .login()
            .authority()
            .mayOpen(name, peer)
            .exceptionally(cause -> undecided(user, name, cause)),
        verdict ->
            verdict instanceof Verdict.Allowed
                ? open(agreed, open, topology.vhost(name))
                : refuse(
                    open,
                    verdict.explain(
                        "access to vhost '%s' refused for user '%s'".formatted(name, user.name()))),
        later);
  }

  private static Verdict undecided(User user, String vhost, Throwable cause) {
    log.error("whether '{}' may open vhost '{}' could not be decided", user.name(), vhost, cause);
    return new Verdict.Denied();
  }

  /**
   * @param vhost null if it has gone while somebody was asked about it
   */
  private Step open(
      State.AwaitingOpen agreed, ConnectionMethod.Open open, @Nullable VirtualHost vhost) {
    if (vhost == null) {
      return refuse(open, "vhost " + open.virtualHost() + " not found");
    }
    User user = agreed.login().user();
    Presence presence;
    try {
      presence = Presence.enter(usage, topology.accounts(), user, vhost);
    } catch (ConnectionError full) {
      return refuse(full.at(open.classId(), open.methodId()));
    }
    state = new State.Over();
    return new Step.Opened(agreed.login(), vhost, presence, client, agreed.tuning());
  }

  private Step refuse(ConnectionMethod.Open open, String reason) {
    return refuse(new ConnectionError(NOT_ALLOWED, reason, open.classId(), open.methodId()));
  }

  private Step refuse(ConnectionError error) {
    state = new State.Over();
    return new Step.Refuse(error);
  }

  private Step silence() {
    state = new State.Over();
    return new Step.Silence();
  }
}
