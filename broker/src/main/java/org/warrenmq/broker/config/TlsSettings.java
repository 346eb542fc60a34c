package org.warrenmq.broker.config;

import static org.warrenmq.broker.config.Setting.Reload.NEW_CONNECTIONS;

import java.nio.file.Path;
import java.util.List;
import org.warrenmq.broker.config.Setting.Reader;
import org.warrenmq.broker.config.ValueType.Choice;
import org.warrenmq.broker.config.ValueType.Flag;
import org.warrenmq.broker.config.ValueType.Secret;
import org.warrenmq.broker.config.ValueType.Text;
import org.warrenmq.broker.config.ValueType.Whole;

/**
 * The rows of the table that one kind of listener speaks TLS by, all with the same beginning of
 * their keys; read by {@link TlsReader}. Immutable, any thread.
 */
final class TlsSettings {
  enum Verify {
    VERIFY_NONE,
    VERIFY_PEER
  }

  static final int DEPTH = 10;
  private static final String OWN_ORDER =
      "whether the broker's order of cipher suites counts, or the client's";
  private static final int LONGEST_NAME = 100;

  final String prefix;
  final Setting<Path> cacertfile;
  final Setting<Path> certfile;
  final Setting<Path> keyfile;
  final Setting<String> password;
  final Setting<Verify> verify;
  final Setting<Boolean> required;
  final Setting<Long> depth;
  final Setting<String> version;
  final Setting<String> cipher;
  final Setting<Boolean> ownOrder;

  /**
   * @param prefix what their keys begin with, without the dot
   */
  TlsSettings(String prefix, Reader reader) {
    this.prefix = prefix;
    certfile =
        row(
            reader,
            "certfile",
            new ValueType.File(),
            "",
            "the certificate clients are shown, and those above it; PEM, read again on change");
    keyfile =
        row(
            reader,
            "keyfile",
            new ValueType.File(),
            "",
            "its private key; PEM, as OpenSSL writes it, encrypted or not");
    password = row(reader, "password", new Secret(), "", "of the private key");
    cacertfile =
        row(
            reader,
            "cacertfile",
            new ValueType.File(),
            "",
            "authorities that clients' certificates are checked against; those above the broker's"
                + " own are found there, too; PEM");
    verify =
        row(
            reader,
            "verify",
            Choice.of(Verify.class),
            "verify_none",
            "`verify_peer`: clients are asked for a certificate, and one that does not hold is"
                + " refused");
    required =
        row(
            reader,
            "fail_if_no_peer_cert",
            new Flag(),
            "false",
            "whether clients without a certificate are refused; only with `verify_peer`");
    depth =
        row(
            reader,
            "depth",
            new Whole("authorities", 0, 100),
            String.valueOf(DEPTH),
            "between a client's certificate and one in `cacertfile`");
    version =
        row(
            reader,
            "versions.$version",
            ValueType.Any.of("tlsv1.3|tlsv1.2|tlsv1.1|tlsv1"),
            "`tlsv1.3`, `tlsv1.2`",
            "versions of TLS, one a key; those before 1.2 are named in the log and not spoken");
    cipher =
        row(
            reader,
            "ciphers.$cipher",
            new Text(1, LONGEST_NAME),
            "all that give forward secrecy and are authenticated",
            "cipher suites, one a key, by OpenSSL's names or those of the standard; those that Java"
                + " has not are named in the log");
    ownOrder = row(reader, "honor_cipher_order", new Flag(), "true", OWN_ORDER);
  }

  private <T> Setting<T> row(
      Reader reader, String name, ValueType<T> type, String byDefault, String meaning) {
    return Setting.of(prefix + "." + name, type, reader, byDefault, NEW_CONNECTIONS, meaning);
  }

  List<Setting<?>> rows() {
    return List.of(
        certfile,
        keyfile,
        password,
        cacertfile,
        verify,
        required,
        depth,
        version,
        cipher,
        ownOrder);
  }
}
