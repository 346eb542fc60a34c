package org.warrenmq.broker.config;

import static org.warrenmq.broker.config.Setting.Reload.NEW_CONNECTIONS;

import io.netty.handler.ssl.CipherSuiteConverter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.config.Setting.Reader;
import org.warrenmq.broker.config.TlsConfig.Identity;
import org.warrenmq.broker.config.TlsConfig.Peers;
import org.warrenmq.broker.config.TlsConfig.Revocation;
import org.warrenmq.broker.config.ValueType.Choice;
import org.warrenmq.broker.config.ValueType.Flag;
import org.warrenmq.broker.config.ValueType.Secret;
import org.warrenmq.broker.config.ValueType.Text;
import org.warrenmq.broker.config.ValueType.Whole;

/**
 * The rows of the table that one kind of listener speaks TLS by, all with the same beginning of
 * their keys. Immutable, any thread.
 */
final class TlsSettings {
  private enum Verify {
    VERIFY_NONE,
    VERIFY_PEER
  }

  private static final List<String> VERSIONS = List.of("TLSv1.3", "TLSv1.2");
  private static final int DEPTH = 10;
  private static final String OWN_ORDER =
      "whether the broker's order of cipher suites counts, or the client's";
  private static final int LONGEST_NAME = 100;

  private final String prefix;
  private final Setting<Path> cacertfile;
  private final Setting<Path> certfile;
  private final Setting<Path> keyfile;
  private final Setting<String> password;
  private final Setting<Verify> verify;
  private final Setting<Boolean> required;
  private final Setting<Long> depth;
  private final Setting<String> version;
  private final Setting<String> cipher;
  private final Setting<Boolean> ownOrder;

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

  /** What holds whatever kind of listener it is for. */
  record Common(
      List<Identity> named,
      Revocation revocation,
      @Nullable Path crlFolder,
      Duration handshakeTimeout) {}

  /**
   * What was configured, or null where no certificate is.
   *
   * @throws StartupException when the keys do not fit each other
   */
  @Nullable TlsConfig read(Configuration given, Common common) throws StartupException {
    Path certificate = given.get(certfile);
    Path key = given.get(keyfile);
    if (certificate == null && key == null) {
      return null;
    }
    if (certificate == null || key == null) {
      Setting<Path> there = certificate == null ? keyfile : certfile;
      throw wrong(given, there, "it takes %s.certfile and %s.keyfile".formatted(prefix, prefix));
    }
    return new TlsConfig(
        prefix,
        new Identity(certificate, key, given.get(password)),
        common.named(),
        given.get(cacertfile),
        peers(given, common),
        versions(given),
        ciphers(given),
        given.get(ownOrder, true),
        common.handshakeTimeout());
  }

  private Peers peers(Configuration given, Common common) throws StartupException {
    boolean asked = given.get(verify, Verify.VERIFY_NONE) == Verify.VERIFY_PEER;
    boolean must = given.get(required, false);
    if (asked && given.get(cacertfile) == null) {
      throw wrong(given, verify, "it takes %s.cacertfile".formatted(prefix));
    }
    if (must && !asked) {
      throw wrong(given, required, "it takes %s.verify = verify_peer".formatted(prefix));
    }
    return new Peers(
        asked,
        must,
        given.get(depth, (long) DEPTH).intValue(),
        common.revocation(),
        common.crlFolder());
  }

  private List<String> versions(Configuration given) throws StartupException {
    SequencedMap<String, String> all = given.all(version);
    List<String> spoken =
        VERSIONS.stream().filter(one -> all.containsValue(one.toLowerCase(Locale.ROOT))).toList();
    if (spoken.isEmpty() && !all.isEmpty()) {
      throw wrong(given, version, "neither tlsv1.2 nor tlsv1.3 is among the versions");
    }
    return spoken.isEmpty() ? VERSIONS : spoken;
  }

  private List<String> ciphers(Configuration given) {
    List<String> ciphers = new ArrayList<>();
    for (String name : given.all(cipher).values()) {
      String java = CipherSuiteConverter.toJava(name, "TLS");
      ciphers.add(java == null ? name : java);
    }
    return ciphers;
  }

  private StartupException wrong(Configuration given, Setting<?> setting, String why) {
    return new StartupException(
        "%s: %s: %s".formatted(given.place(setting), shown(given, setting), why));
  }

  private static String shown(Configuration given, Setting<?> setting) {
    return given.values().stream()
        .filter(value -> value.setting().equals(setting))
        .map(value -> value.given().key() + " = " + value.shown())
        .findFirst()
        .orElse(setting.key());
  }
}
