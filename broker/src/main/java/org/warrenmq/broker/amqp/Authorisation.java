package org.warrenmq.broker.amqp;

import static org.warrenmq.codec.ReplyCode.NOT_ALLOWED;

import io.netty.util.concurrent.ScheduledFuture;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.broker.auth.Login;
import org.warrenmq.broker.auth.Peer;
import org.warrenmq.broker.auth.User;
import org.warrenmq.broker.auth.Verdict;
import org.warrenmq.codec.ConnectionError;
import org.warrenmq.codec.ConnectionMethod;
import org.warrenmq.engine.loop.RoomLoop;

/**
 * How long what a connection's user has shown is good for: forgets what was allowed when that is
 * over, so that all is asked again, and refused; takes a new secret, before and after. Runs on the
 * connection's loop.
 */
final class Authorisation {
  private static final Logger log = LoggerFactory.getLogger(Authorisation.class);

  private static final String REFUSED = "New secret was refused by one of the backends";

  private final RoomLoop loop;
  private final Peer peer;
  private final String vhost;
  private final User user;
  private final Access access;
  private final Ending ending;
  private @Nullable ScheduledFuture<?> timer;
  private boolean stopped;

  Authorisation(RoomLoop loop, Peer peer, String vhost, User user, Access access, Ending ending) {
    this.loop = loop;
    this.peer = peer;
    this.vhost = vhost;
    this.user = user;
    this.access = access;
    this.ending = ending;
  }

  /** From now on its time is watched; it costs nothing where it has none. */
  void watch() {
    stopWatching();
    Instant expiry = access.authority().expiry();
    if (expiry != null && !stopped) {
      // Not before it, by what is rounded off.
      long millis = Math.max(0, Duration.between(Instant.now(), expiry).toMillis() + 1);
      timer = loop.schedule(millis, this::over);
    }
  }

  private void over() {
    log.warn("the credentials of '{}' at {} have expired", user.name(), peer);
    access.authority(access.authority());
  }

  private void stopWatching() {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }

  /** The socket is closed. */
  void stop() {
    stopped = true;
    stopWatching();
  }

  /** The client shows a new secret; {@code done} runs when it holds. */
  void renew(ConnectionMethod.UpdateSecret update, Runnable done) {
    access
        .authority()
        .renew(user, new String(update.newSecret(), StandardCharsets.UTF_8))
        .thenCompose(this::mayStay)
        .exceptionally(Login.Failed::new)
        .thenAccept(login -> loop.post(() -> renewed(login, update, done)));
  }

  /** With another secret he may be let in nowhere any more. */
  private CompletionStage<Login> mayStay(Login login) {
    return login instanceof Login.Granted granted
        ? granted
            .authority()
            .mayOpen(vhost, peer)
            .thenApply(
                verdict ->
                    verdict instanceof Verdict.Allowed ? login : new Login.Refused(user.name()))
        : CompletableFuture.completedStage(login);
  }

  private void renewed(Login login, ConnectionMethod.UpdateSecret update, Runnable done) {
    if (stopped || ending.hasBegun()) {
      return;
    }
    if (login instanceof Login.Granted granted) {
      access.authority(granted.authority());
      watch();
      done.run();
    } else {
      log.warn("a new secret of '{}' at {} was refused", user.name(), peer);
      ending.fail(new ConnectionError(NOT_ALLOWED, REFUSED, update.classId(), update.methodId()));
    }
  }
}
