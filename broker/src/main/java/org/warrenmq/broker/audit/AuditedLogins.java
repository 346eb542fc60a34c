package org.warrenmq.broker.audit;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.warrenmq.broker.auth.AuthBackend;
import org.warrenmq.broker.auth.Credentials;
import org.warrenmq.broker.auth.Encryption;
import org.warrenmq.broker.auth.Login;
import org.warrenmq.broker.auth.Peer;

/** Takes down each login that another back end has decided about. Any thread. */
public record AuditedLogins(AuthBackend backend, AuditLog audit) implements AuthBackend {
  @Override
  public CompletionStage<Login> login(Credentials who, Peer peer) {
    return backend.login(who, peer).whenComplete((login, _) -> record(who, peer, login));
  }

  private void record(Credentials who, Peer peer, Login login) {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put(
        "user", login instanceof Login.Granted granted ? granted.user().name() : who.name());
    details.put("from", peer.toString().substring(1));
    details.put(
        "by",
        switch (who) {
          case Credentials.Password _ -> "password";
          case Credentials.Proven _ -> "certificate";
        });
    Encryption encryption = peer.encryption();
    if (encryption != null) {
      details.put("tls", encryption.protocol());
    }
    audit.record(
        switch (login) {
          case Login.Granted _ -> "login granted";
          case Login.Refused _, Login.Malformed _ -> "login refused";
          case Login.Failed _ -> "login undecided";
          case null -> "login undecided";
        },
        details);
  }
}
