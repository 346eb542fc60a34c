package org.warrenmq.broker.auth.http;

import java.net.http.HttpClient;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.broker.auth.AuthBackend;
import org.warrenmq.broker.auth.Authority;
import org.warrenmq.broker.auth.Credentials;
import org.warrenmq.broker.auth.Login;
import org.warrenmq.broker.auth.Peer;
import org.warrenmq.broker.auth.Rights;
import org.warrenmq.broker.auth.User;
import org.warrenmq.broker.auth.Verdict;
import org.warrenmq.broker.auth.Wish;
import org.warrenmq.broker.config.BackendConfig;

/**
 * Asks a server by RabbitMQ's protocol of rabbitmq_auth_backend_http: who may log in, and each
 * thing that somebody wants to do. Any thread.
 */
public final class HttpBackend implements AuthBackend {
  private static final Logger log = LoggerFactory.getLogger(HttpBackend.class);

  /** By RabbitMQ's name, which is in its refusals. */
  private static final String NAME = "rabbit_auth_backend_http";

  /** What was allowed is asked for again after so long. */
  private static final long REMEMBERED_NANOS = 60_000_000_000L;

  private final BackendConfig.Http config;
  private final Questions questions;

  /**
   * @param client asks
   */
  public HttpBackend(BackendConfig.Http config, HttpClient client) {
    this.config = config;
    questions = new Questions(client, config.post(), config.requestTimeout());
  }

  @Override
  public CompletionStage<Login> login(Credentials who, Peer peer) {
    Map<String, String> about = new LinkedHashMap<>();
    about.put("username", who.name());
    if (who instanceof Credentials.Password(_, String password)) {
      about.put("password", password);
    }
    return questions.ask(config.user(), about).thenApply(answer -> login(who.name(), answer));
  }

  private Login login(String name, String answer) {
    String[] words = answer.split(" ");
    return switch (words[0].toLowerCase(Locale.ROOT)) {
      case "allow" -> {
        List<String> tags = Arrays.stream(words).skip(1).filter(word -> !word.isEmpty()).toList();
        User user = new User(name, tags);
        yield new Login.Granted(user, new Asked(user));
      }
      case "deny" -> {
        if (words.length > 1) {
          log.info("login of '{}' denied by the HTTP server: {}", name, answer);
        }
        yield new Login.Refused(name);
      }
      default -> throw new IllegalStateException("neither allow nor deny was answered");
    };
  }

  /** What one user may do: each time the server is asked. */
  private final class Asked implements Authority {
    private final User user;

    Asked(User user) {
      this.user = user;
    }

    private Map<String, String> about(String vhost) {
      Map<String, String> about = new LinkedHashMap<>();
      about.put("username", user.name());
      about.put("vhost", vhost);
      about.put("tags", String.join(" ", user.tags()));
      return about;
    }

    @Override
    public CompletionStage<Verdict> mayOpen(String vhost, Peer peer) {
      Map<String, String> about = about(vhost);
      about.put("ip", peer.address().getHostAddress());
      return verdict(questions.ask(config.vhost(), about));
    }

    @Override
    public long epoch() {
      return System.nanoTime() / REMEMBERED_NANOS;
    }

    @Override
    public @Nullable Rights rights(String vhost) {
      return null;
    }

    @Override
    public CompletionStage<Verdict> ask(String vhost, Wish wish) {
      Map<String, String> about = about(vhost);
      about.put("resource", wish.kind());
      about.put("name", wish.name());
      about.put("permission", wish.operation().toString());
      String key = wish.key();
      if (key == null) {
        return verdict(questions.ask(config.resource(), about));
      }
      about.put("routing_key", key);
      about.put("variable_map.username", user.name());
      about.put("variable_map.vhost", vhost);
      return verdict(questions.ask(config.topic(), about));
    }

    private CompletionStage<Verdict> verdict(CompletionStage<String> asked) {
      return asked.handle(
          (answer, cause) -> {
            if (cause != null) {
              String why = Questions.reason(cause);
              log.error("the HTTP server could not be asked about '{}': {}", user.name(), why);
              return new Verdict.Failed(NAME, why);
            }
            return switch (answer.split(" ")[0].toLowerCase(Locale.ROOT)) {
              case "allow" -> new Verdict.Allowed();
              case "deny" -> new Verdict.Denied();
              default -> new Verdict.Failed(NAME, "bad response");
            };
          });
    }
  }
}
