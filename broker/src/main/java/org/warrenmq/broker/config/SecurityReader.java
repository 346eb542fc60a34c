package org.warrenmq.broker.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.auth.CertificateName;
import org.warrenmq.broker.auth.Credentials;
import org.warrenmq.broker.auth.SaslMechanism;
import org.warrenmq.broker.auth.SaslMechanisms;

/** Reads what is about TLS and logins, for {@link ConfigReader}. Stateless, any thread. */
final class SecurityReader {
  private static final long HANDSHAKE_MILLIS = 5000;

  private final Configuration given;

  private SecurityReader(Configuration given) {
    this.given = given;
  }

  static SecurityConfig read(Configuration given, SecurityConfig base) throws StartupException {
    return new SecurityReader(given).over(base);
  }

  private SecurityConfig over(SecurityConfig base) throws StartupException {
    return new SecurityConfig(
        tls(base.tls()),
        managementTls(base.managementTls()),
        mechanisms(base.mechanisms()),
        loopbackUsers(base.loopbackUsers()),
        BackendReader.read(given, base.backends()),
        audit(base.audit()));
  }

  private AuditConfig audit(AuditConfig base) {
    Path folder = given.get(SecuritySettings.AUDIT_FOLDER);
    return new AuditConfig(
        given.get(SecuritySettings.AUDIT, base.enabled()),
        folder == null ? base.folder() : folder,
        given.get(SecuritySettings.AUDIT_FILE_SIZE, base.fileSize()),
        given.get(SecuritySettings.AUDIT_FILES, (long) base.files()).intValue());
  }

  private SaslMechanisms mechanisms(SaslMechanisms base) {
    List<SaslMechanism> offered = new ArrayList<>();
    for (String name : given.all(SecuritySettings.MECHANISM).values()) {
      SaslMechanism mechanism = SaslMechanism.valueOf(name);
      if (!offered.contains(mechanism)) {
        offered.add(mechanism);
      }
    }
    CertificateName name = base.certificateName();
    return new SaslMechanisms(
        offered.isEmpty() ? base.offered() : offered,
        new CertificateName(
            given.get(SecuritySettings.CERT_LOGIN_FROM, name.source()),
            given.get(SecuritySettings.CERT_LOGIN_SAN_TYPE, name.type()),
            given.get(SecuritySettings.CERT_LOGIN_SAN_INDEX, (long) name.index()).intValue()),
        anonymous(base.anonymous()));
  }

  private Credentials.@Nullable Password anonymous(Credentials.@Nullable Password base) {
    String user = given.get(SecuritySettings.ANONYMOUS_USER, base == null ? "none" : base.name());
    String password =
        given.get(SecuritySettings.ANONYMOUS_PASSWORD, base == null ? "" : base.password());
    return user.equals("none") ? null : new Credentials.Password(user, password);
  }

  private Set<String> loopbackUsers(Set<String> base) {
    Set<String> users = new HashSet<>(base);
    given
        .all(Settings.LOOPBACK_USER)
        .forEach(
            (user, limited) -> {
              if (limited) {
                users.add(user);
              } else {
                users.remove(user);
              }
            });
    return users;
  }

  private @Nullable TlsConfig tls(@Nullable TlsConfig base) throws StartupException {
    TlsConfig tls = TlsReader.read(SecuritySettings.SSL_OPTIONS, given, common());
    TlsConfig chosen = tls == null ? base : tls;
    Map<String, BrokerConfig.Listener> listeners = given.all(SecuritySettings.LISTENER);
    if (chosen == null && !listeners.isEmpty()) {
      throw new StartupException(
          "%s: listeners.ssl.%s: it takes ssl_options.certfile and ssl_options.keyfile"
              .formatted(
                  given.place(SecuritySettings.LISTENER), listeners.keySet().iterator().next()));
    }
    return chosen;
  }

  /** Where HTTPS is configured there is no start without what it takes. */
  private @Nullable TlsConfig managementTls(@Nullable TlsConfig base) throws StartupException {
    TlsConfig tls = TlsReader.read(ManagementSettings.SSL_OPTIONS, given, common());
    if (tls == null && base == null) {
      ManagementReader.refuseWithoutCertificate(given);
    }
    return tls == null ? base : tls;
  }

  private TlsReader.Common common() throws StartupException {
    return new TlsReader.Common(
        named(),
        given.get(SecuritySettings.CRL_CHECK, TlsConfig.Revocation.FALSE),
        given.get(SecuritySettings.CRL_FOLDER),
        Duration.ofMillis(given.get(SecuritySettings.HANDSHAKE_TIMEOUT, HANDSHAKE_MILLIS)));
  }

  /** Certificates for clients that ask for one by name, in the order of their own names here. */
  private List<TlsConfig.Identity> named() throws StartupException {
    SequencedMap<String, Path> certificates = given.all(SecuritySettings.NAMED_CERTFILE);
    SequencedMap<String, Path> keys = given.all(SecuritySettings.NAMED_KEYFILE);
    Map<String, String> passwords = given.all(SecuritySettings.NAMED_PASSWORD);
    TreeSet<String> names = new TreeSet<>(certificates.keySet());
    names.addAll(keys.keySet());
    List<TlsConfig.Identity> named = new ArrayList<>();
    for (String name : names) {
      Path certificate = certificates.get(name);
      Path key = keys.get(name);
      if (certificate == null || key == null) {
        throw new StartupException(
            "warren.ssl.names.%s: it takes a certfile and a keyfile".formatted(name));
      }
      named.add(new TlsConfig.Identity(certificate, key, passwords.get(name)));
    }
    return named;
  }
}
