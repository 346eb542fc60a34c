package org.warrenmq.broker.http;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.warrenmq.admin.node.Caller;
import org.warrenmq.admin.node.Logins;
import org.warrenmq.broker.auth.AuthBackend;
import org.warrenmq.broker.auth.Peer;
import org.warrenmq.broker.auth.User;

/** Lets in over HTTP whom the node lets in by AMQP. Immutable, any thread. */
public record NodeLogins(AuthBackend auth) implements Logins {
  @Override
  public CompletionStage<Login> login(String name, String password, InetSocketAddress from) {
    Peer peer = Peer.at(from);
    return auth.login(name, password, peer)
        .thenCompose(
            login ->
                switch (login) {
                  case org.warrenmq.broker.auth.Login.Granted(User user) ->
                      CompletableFuture.completedStage(
                          new Login.Granted(new Caller(user.name(), user.tags(), false)));
                  case org.warrenmq.broker.auth.Login.Refused _ when !peer.isLoopback() ->
                      whyNot(name, password);
                  case org.warrenmq.broker.auth.Login.Refused _,
                      org.warrenmq.broker.auth.Login.Malformed _,
                      org.warrenmq.broker.auth.Login.Failed _ ->
                      CompletableFuture.completedStage(new Login.Refused());
                });
  }

  /** Whoever has the password may know that it is of use elsewhere. */
  private CompletionStage<Login> whyNot(String name, String password) {
    Peer here = Peer.at(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    return auth.login(name, password, here)
        .thenApply(
            login ->
                login instanceof org.warrenmq.broker.auth.Login.Granted
                    ? new Login.NotFromThere()
                    : new Login.Refused());
  }

  @Override
  public boolean mayEnter(Caller caller, String vhost) {
    return caller.isLocal()
        || auth.permissions(new User(caller.name(), caller.tags()), vhost).mayOpen();
  }
}
