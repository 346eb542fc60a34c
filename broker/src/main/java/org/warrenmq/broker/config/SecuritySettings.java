package org.warrenmq.broker.config;

import static org.warrenmq.broker.config.Setting.Reload.NEW_CONNECTIONS;
import static org.warrenmq.broker.config.Setting.Reload.RESTART;
import static org.warrenmq.broker.config.Setting.of;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.warrenmq.broker.auth.CertificateName;
import org.warrenmq.broker.config.Setting.Reader;
import org.warrenmq.broker.config.ValueType.Address;
import org.warrenmq.broker.config.ValueType.Choice;
import org.warrenmq.broker.config.ValueType.Flag;
import org.warrenmq.broker.config.ValueType.Folder;
import org.warrenmq.broker.config.ValueType.Secret;
import org.warrenmq.broker.config.ValueType.Size;
import org.warrenmq.broker.config.ValueType.Text;
import org.warrenmq.broker.config.ValueType.Whole;

/** The part of the table about TLS and logins; see {@link Settings}. Immutable. */
final class SecuritySettings {
  static final Setting<BrokerConfig.Listener> LISTENER =
      of(
          "listeners.ssl.$name",
          new Address(),
          Reader.LISTENERS,
          "",
          RESTART,
          "where AMQP clients are let in by TLS, as `listeners.tcp.$name`; mostly 5671. It takes"
              + " `ssl_options.certfile` and `ssl_options.keyfile`. See [TLS](tls.md)");
  static final Setting<String> NO_LISTENER =
      of(
          "listeners.ssl",
          ValueType.Any.of("none"),
          Reader.LISTENERS,
          "",
          RESTART,
          "`none`: the same as no `listeners.ssl.$name`");

  static final TlsSettings SSL_OPTIONS = new TlsSettings("ssl_options", Reader.TLS);

  static final Setting<TlsConfig.Revocation> CRL_CHECK =
      of(
          "ssl_options.crl_check",
          Choice.of(TlsConfig.Revocation.class),
          Reader.TLS,
          "false",
          NEW_CONNECTIONS,
          "whether clients' certificates are looked up in revocation lists: `true` all up to the"
              + " authority, `peer` the client's own, `best_effort` as far as there are lists; with"
              + " the others a certificate that no list is there for is refused");
  static final Setting<Path> CRL_FOLDER =
      of(
          "warren.ssl.crl_folder",
          new Folder(),
          Reader.TLS,
          "",
          NEW_CONNECTIONS,
          "where revocation lists are, files in PEM or DER; read again when they change");
  static final Setting<Long> HANDSHAKE_TIMEOUT =
      of(
          "ssl_handshake_timeout",
          new Whole("milliseconds", 100, 3_600_000),
          Reader.TLS,
          "5000",
          NEW_CONNECTIONS,
          "from accept to the end of the TLS handshake");
  static final Setting<Path> NAMED_CERTFILE =
      of(
          "warren.ssl.names.$name.certfile",
          new ValueType.File(),
          Reader.TLS,
          "",
          NEW_CONNECTIONS,
          "a further certificate, for clients that ask (by SNI) for a name that is in it");
  static final Setting<Path> NAMED_KEYFILE =
      of(
          "warren.ssl.names.$name.keyfile",
          new ValueType.File(),
          Reader.TLS,
          "",
          NEW_CONNECTIONS,
          "its private key");
  static final Setting<String> NAMED_PASSWORD =
      of(
          "warren.ssl.names.$name.password",
          new Secret(),
          Reader.TLS,
          "",
          NEW_CONNECTIONS,
          "of that key");

  static final Setting<String> MECHANISM =
      of(
          "auth_mechanisms.$name",
          ValueType.Any.of("PLAIN|AMQPLAIN|EXTERNAL|ANONYMOUS"),
          Reader.LOGINS,
          "`PLAIN`, `AMQPLAIN`",
          NEW_CONNECTIONS,
          "how clients may log in, one a key; `EXTERNAL` by their certificate. See"
              + " [authentication](authentication.md)");
  static final Setting<CertificateName.Source> CERT_LOGIN_FROM =
      of(
          "ssl_cert_login_from",
          Choice.of(CertificateName.Source.class),
          Reader.LOGINS,
          "distinguished_name",
          NEW_CONNECTIONS,
          "which name in a certificate is the user's");
  static final Setting<CertificateName.Type> CERT_LOGIN_SAN_TYPE =
      of(
          "ssl_cert_login_san_type",
          Choice.of(CertificateName.Type.class),
          Reader.LOGINS,
          "dns",
          NEW_CONNECTIONS,
          "type of the alternative name");
  static final Setting<Long> CERT_LOGIN_SAN_INDEX =
      of(
          "ssl_cert_login_san_index",
          new Whole("", 0, 1000),
          Reader.LOGINS,
          "0",
          NEW_CONNECTIONS,
          "which one of that type, counted from 0");
  static final Setting<String> ANONYMOUS_USER =
      of(
          "anonymous_login_user",
          new Text(1, 255),
          Reader.LOGINS,
          "guest",
          NEW_CONNECTIONS,
          "as whom those come who do not say who they are, if `ANONYMOUS` is among the mechanisms;"
              + " `none`: nobody");
  static final Setting<String> ANONYMOUS_PASSWORD =
      of(
          "anonymous_login_pass",
          new Secret(),
          Reader.LOGINS,
          "guest",
          NEW_CONNECTIONS,
          "the password they come with");

  static final Setting<Boolean> AUDIT =
      of(
          "warren.audit.enabled",
          new Flag(),
          Reader.NODE,
          "true",
          RESTART,
          "whether logins and changes are taken down in `audit.log`. See"
              + " [authentication](authentication.md#the-audit-log)");
  static final Setting<Path> AUDIT_FOLDER =
      of(
          "warren.audit.folder",
          new Folder(),
          Reader.NODE,
          "the data folder",
          RESTART,
          "where that is; made when missing");
  static final Setting<Long> AUDIT_FILE_SIZE =
      of(
          "warren.audit.file_size",
          new Size(1 << 10, 1L << 40, 1000),
          Reader.NODE,
          "10MB",
          RESTART,
          "after which there is a new file, `audit.1.log` is the last but one");
  static final Setting<Long> AUDIT_FILES =
      of(
          "warren.audit.files",
          new Whole("files", 1, 100),
          Reader.NODE,
          "5",
          RESTART,
          "how many are kept beside the one that is written");

  /** All of them, in the order of the documentation. */
  static final List<Setting<?>> TABLE =
      Stream.of(
              List.of(LISTENER, NO_LISTENER),
              SSL_OPTIONS.rows(),
              List.of(
                  CRL_CHECK,
                  CRL_FOLDER,
                  HANDSHAKE_TIMEOUT,
                  NAMED_CERTFILE,
                  NAMED_KEYFILE,
                  NAMED_PASSWORD,
                  MECHANISM,
                  CERT_LOGIN_FROM,
                  CERT_LOGIN_SAN_TYPE,
                  CERT_LOGIN_SAN_INDEX,
                  ANONYMOUS_USER,
                  ANONYMOUS_PASSWORD,
                  AUDIT,
                  AUDIT_FOLDER,
                  AUDIT_FILE_SIZE,
                  AUDIT_FILES))
          .<Setting<?>>flatMap(List::stream)
          .toList();

  private SecuritySettings() {}
}
