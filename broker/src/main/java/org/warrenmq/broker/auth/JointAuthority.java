package org.warrenmq.broker.auth;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Several that all have to agree, asked one after the other. Any thread. */
record JointAuthority(List<Authority> parts) implements Authority {
  JointAuthority {
    parts = List.copyOf(parts);
  }

  @Override
  public CompletionStage<Verdict> mayOpen(String vhost, Peer peer) {
    return all(part -> part.mayOpen(vhost, peer));
  }

  @Override
  public long epoch() {
    long sum = 0;
    for (Authority part : parts) {
      sum += part.epoch();
    }
    return sum;
  }

  @Override
  public @Nullable Rights rights(String vhost) {
    List<Rights> known =
        parts.stream()
            .map(part -> part.rights(vhost))
            .filter(Objects::nonNull)
            .<Rights>map(Objects::requireNonNull)
            .toList();
    return known.size() == parts.size() ? new Joint(known) : null;
  }

  @Override
  public CompletionStage<Verdict> ask(String vhost, Wish wish) {
    return all(
        part -> {
          Rights known = part.rights(vhost);
          return known == null
              ? part.ask(vhost, wish)
              : CompletableFuture.completedStage(Verdict.of(allows(known, wish)));
        });
  }

  private static boolean allows(Rights rights, Wish wish) {
    String key = wish.key();
    return key == null
        ? rights.allow(wish.operation(), wish.name())
        : rights.allowTopic(wish.operation(), wish.name(), key);
  }

  private CompletionStage<Verdict> all(Function<Authority, CompletionStage<Verdict>> question) {
    CompletionStage<Verdict> verdict = CompletableFuture.completedStage(new Verdict.Allowed());
    for (Authority part : parts) {
      verdict =
          verdict.thenCompose(
              before ->
                  before instanceof Verdict.Allowed
                      ? question.apply(part)
                      : CompletableFuture.completedStage(before));
    }
    return verdict;
  }

  @Override
  public @Nullable Instant expiry() {
    Instant first = null;
    for (Authority part : parts) {
      Instant one = part.expiry();
      if (one != null && (first == null || one.isBefore(first))) {
        first = one;
      }
    }
    return first;
  }

  @Override
  public CompletionStage<Login> renew(User user, String secret) {
    CompletionStage<Login> all =
        CompletableFuture.completedStage(new Login.Granted(user, new JointAuthority(List.of())));
    for (Authority part : parts) {
      all =
          all.thenCompose(
              before ->
                  before instanceof Login.Granted granted
                      ? part.renew(granted.user(), secret).thenApply(next -> with(granted, next))
                      : CompletableFuture.completedStage(before));
    }
    return all;
  }

  private static Login with(Login.Granted before, Login next) {
    if (next instanceof Login.Granted(User user, Authority authority)
        && before.authority() instanceof JointAuthority(List<Authority> others)) {
      List<Authority> more = new ArrayList<>(others);
      more.add(authority);
      return new Login.Granted(user, new JointAuthority(more));
    }
    return next;
  }

  private record Joint(List<Rights> parts) implements Rights {
    @Override
    public boolean allow(Operation operation, String name) {
      return parts.stream().allMatch(part -> part.allow(operation, name));
    }

    @Override
    public boolean allowTopic(Operation operation, String exchange, String key) {
      return parts.stream().allMatch(part -> part.allowTopic(operation, exchange, key));
    }

    @Override
    public boolean limitTopics() {
      return parts.stream().anyMatch(Rights::limitTopics);
    }
  }
}
