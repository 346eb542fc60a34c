package org.warrenmq.admin.http;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.warrenmq.admin.node.Caller;
import org.warrenmq.admin.node.LoginCount;
import org.warrenmq.admin.node.Logins;

/** Users who are called as what they are, with the password "right"; any thread. */
public final class HandLogins implements Logins {
  /** The virtual host in which most of them have permissions. */
  public static final String VHOST = "v";

  /** Has no permissions anywhere. */
  public static final String STRANGER = "stranger";

  public static final Map<String, List<String>> TAGS =
      Map.of(
          "administrator",
          List.of("administrator"),
          "monitoring",
          List.of("monitoring"),
          "policymaker",
          List.of("policymaker"),
          "management",
          List.of("management"),
          STRANGER,
          List.of("policymaker"),
          "untagged",
          List.of("other"));

  /** Before it is done nobody hears whether they may come in. */
  public volatile CompletableFuture<Void> decided = CompletableFuture.completedFuture(null);

  /** How many have asked. */
  public final AtomicInteger asked = new AtomicInteger();

  @Override
  public CompletionStage<Login> login(String name, String password, InetSocketAddress from) {
    Login login =
        TAGS.containsKey(name) && password.equals("right")
            ? new Login.Granted(
                new Caller(name, TAGS.get(name), false, vhost -> mayEnter(name, vhost)))
            : new Login.Refused();
    // Not at once, and on another thread.
    CompletableFuture<Login> answer = decided.thenApplyAsync(_ -> login);
    asked.incrementAndGet();
    return answer;
  }

  @Override
  public List<LoginCount> counts() {
    return List.of(new LoginCount("http", "", "", 2, 1));
  }

  @Override
  public List<LoginCount> sources() {
    return List.of(new LoginCount("http", "127.0.0.1", "guest", 2, 1));
  }

  @Override
  public void forgetCounts() {}

  @Override
  public void forgetSources() {}

  private static boolean mayEnter(String name, String vhost) {
    return vhost.equals(VHOST) && List.of("policymaker", "management", "untagged").contains(name);
  }
}
