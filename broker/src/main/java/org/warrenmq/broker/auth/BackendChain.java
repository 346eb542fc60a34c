package org.warrenmq.broker.auth;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks one back end after the other, until one lets the client in; what the user may do is then the
 * say of those that belong to this one, all of them. Any thread.
 *
 * @param links in their order, one at least
 * @param loopbackUsers those that may log in from this machine only
 */
public record BackendChain(List<Link> links, Set<String> loopbackUsers) implements AuthBackend {
  private static final Logger log = LoggerFactory.getLogger(BackendChain.class);

  /**
   * @param name as the log calls it
   * @param login lets clients in
   * @param rights say what they may do; none: the one that lets them in
   */
  public record Link(String name, AuthBackend login, List<AuthBackend> rights) {
    public Link {
      rights = List.copyOf(rights);
    }
  }

  public BackendChain {
    links = List.copyOf(links);
    loopbackUsers = Set.copyOf(loopbackUsers);
  }

  @Override
  public CompletionStage<Login> login(Credentials who, Peer peer) {
    return from(0, who, peer, new Login.Refused(who.name()))
        .thenApply(login -> mayFromThere(login, peer) ? login : new Login.Refused(who.name()));
  }

  private boolean mayFromThere(Login login, Peer peer) {
    return !(login instanceof Login.Granted(User user, _))
        || peer.isLoopback()
        || !loopbackUsers.contains(user.name());
  }

  private CompletionStage<Login> from(int first, Credentials who, Peer peer, Login soFar) {
    if (first == links.size()) {
      return CompletableFuture.completedStage(soFar);
    }
    Link link = links.get(first);
    return safely(link.login().login(who, peer))
        .thenCompose(login -> authorised(link, login, who, peer))
        .thenCompose(
            login ->
                switch (login) {
                  case Login.Granted _ -> CompletableFuture.completedStage(login);
                  case Login.Failed(Throwable cause) -> {
                    log.error("{} could not decide about '{}': {}", link.name(), who.name(), cause);
                    yield from(first + 1, who, peer, login);
                  }
                  case Login.Refused _, Login.Malformed _ -> from(first + 1, who, peer, soFar);
                });
  }

  private static CompletionStage<Login> safely(CompletionStage<Login> asked) {
    return asked.exceptionally(Login.Failed::new);
  }

  private static CompletionStage<Login> authorised(
      Link link, Login login, Credentials who, Peer peer) {
    if (!(login instanceof Login.Granted(User user, _)) || link.rights().isEmpty()) {
      return CompletableFuture.completedStage(login);
    }
    Credentials found =
        switch (who) {
          case Credentials.Password(_, String password) ->
              new Credentials.Password(user.name(), password);
          case Credentials.Proven _ -> new Credentials.Proven(user.name());
        };
    CompletionStage<Login> all =
        CompletableFuture.completedStage(new Login.Granted(user, new JointAuthority(List.of())));
    for (AuthBackend backend : link.rights()) {
      all =
          all.thenCompose(
              before ->
                  before instanceof Login.Granted granted
                      ? safely(backend.authorise(found, peer)).thenApply(one -> both(granted, one))
                      : CompletableFuture.completedStage(before));
    }
    return all;
  }

  private static Login both(Login.Granted before, Login next) {
    if (!(next instanceof Login.Granted(User user, Authority authority))) {
      return next;
    }
    List<Authority> authorities = new ArrayList<>();
    if (before.authority() instanceof JointAuthority(List<Authority> others)) {
      authorities.addAll(others);
    }
    authorities.add(authority);
    List<String> tags =
        Stream.concat(before.user().tags().stream(), user.tags().stream()).distinct().toList();
    return new Login.Granted(new User(before.user().name(), tags), new JointAuthority(authorities));
  }
}
