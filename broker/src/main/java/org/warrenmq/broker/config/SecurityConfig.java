package org.warrenmq.broker.config;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.auth.SaslMechanisms;

/**
 * How clients are told who they talk to, and how the broker is told who they are. Immutable, any
 * thread.
 *
 * @param tls for the AMQP listeners that speak it; null where no certificate is configured
 * @param managementTls for the HTTP API where it speaks it; null where that has no certificate
 * @param mechanisms how clients may log in
 * @param loopbackUsers those that may from this machine only, beside the first one
 * @param backends who says who they are, and what they may do
 * @param audit whether logins and changes are taken down
 */
public record SecurityConfig(
    @Nullable TlsConfig tls,
    @Nullable TlsConfig managementTls,
    SaslMechanisms mechanisms,
    Set<String> loopbackUsers,
    BackendConfig backends,
    AuditConfig audit) {
  /** What holds where nothing is set. */
  public static final SecurityConfig DEFAULTS =
      new SecurityConfig(
          null,
          null,
          SaslMechanisms.DEFAULTS,
          Set.of(),
          BackendConfig.DEFAULTS,
          AuditConfig.DEFAULTS);

  public SecurityConfig {
    loopbackUsers = Set.copyOf(loopbackUsers);
  }

  public SecurityConfig withMechanisms(SaslMechanisms other) {
    return new SecurityConfig(tls, managementTls, other, loopbackUsers, backends, audit);
  }
}
