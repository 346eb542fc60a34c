package org.warrenmq.broker.http;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.warrenmq.admin.node.Caller;
import org.warrenmq.admin.node.LoginCount;
import org.warrenmq.admin.node.Logins;
import org.warrenmq.broker.auth.AuthBackend;
import org.warrenmq.broker.auth.Authority;
import org.warrenmq.broker.auth.Credentials;
import org.warrenmq.broker.auth.LoginAttempts;
import org.warrenmq.broker.auth.Peer;
import org.warrenmq.broker.auth.User;

/**
 * Lets in over HTTP whom the node lets in by AMQP. Immutable, any thread.
 *
 * @param attempts counted by both
 * @param loopbackUsers those who hear that they may come from this machine only
 */
public record NodeLogins(AuthBackend auth, LoginAttempts attempts, Set<String> loopbackUsers)
    implements Logins {
  @Override
  public CompletionStage<Login> login(String name, String password, InetSocketAddress from) {
    Peer peer = Peer.at(from, null);
    Credentials who = new Credentials.Password(name, password);
    return auth.login(who, peer)
        .thenApply(
            login ->
                switch (login) {
                  case org.warrenmq.broker.auth.Login.Granted(User user, Authority authority) ->
                      isOver(authority) ? new Login.Refused() : granted(user, authority, peer);
                  case org.warrenmq.broker.auth.Login.Refused _,
                      org.warrenmq.broker.auth.Login.Malformed _,
                      org.warrenmq.broker.auth.Login.Failed _ ->
                      peer.isLoopback() || !loopbackUsers.contains(name)
                          ? new Login.Refused()
                          : new Login.NotFromThere();
                });
  }

  @Override
  public List<LoginCount> counts() {
    return attempts.byProtocol().entrySet().stream()
        .map(entry -> shown(entry.getKey(), "", "", entry.getValue()))
        .toList();
  }

  @Override
  public List<LoginCount> sources() {
    return attempts.bySource().entrySet().stream()
        .map(
            entry -> {
              LoginAttempts.Source source = entry.getKey();
              String address = source.address().getHostAddress();
              return shown(source.protocol(), address, source.user(), entry.getValue());
            })
        .toList();
  }

  private static LoginCount shown(
      LoginAttempts.Protocol by, String address, String user, LoginAttempts.Count count) {
    return new LoginCount(by.wireName(), address, user, count.granted(), count.refused());
  }

  @Override
  public void forgetCounts() {
    attempts.forgetProtocols();
  }

  @Override
  public void forgetSources() {
    attempts.forgetSources();
  }

  /** Who remembers logins may remember one by a token that is over. */
  private static boolean isOver(Authority authority) {
    Instant expiry = authority.expiry();
    return expiry != null && !Instant.now().isBefore(expiry);
  }

  private static Login granted(User user, Authority authority, Peer peer) {
    return new Login.Granted(
        new Caller(user.name(), user.tags(), false, new CallerStanding(user, authority, peer)));
  }
}
