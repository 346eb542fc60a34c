package org.warrenmq.broker.config;

import io.netty.handler.ssl.CipherSuiteConverter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.config.TlsConfig.Identity;
import org.warrenmq.broker.config.TlsConfig.Peers;
import org.warrenmq.broker.config.TlsConfig.Revocation;

/** Reads what one kind of listener speaks TLS by, for {@link SecurityReader}. Any thread. */
final class TlsReader {
  private static final List<String> VERSIONS = List.of("TLSv1.3", "TLSv1.2");

  private final TlsSettings rows;
  private final Configuration given;

  private TlsReader(TlsSettings rows, Configuration given) {
    this.rows = rows;
    this.given = given;
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
  static @Nullable TlsConfig read(TlsSettings rows, Configuration given, Common common)
      throws StartupException {
    return new TlsReader(rows, given).read(common);
  }

  private @Nullable TlsConfig read(Common common) throws StartupException {
    Path certificate = given.get(rows.certfile);
    Path key = given.get(rows.keyfile);
    if (certificate == null && key == null) {
      return null;
    }
    if (certificate == null || key == null) {
      Setting<Path> there = certificate == null ? rows.keyfile : rows.certfile;
      throw wrong(there, "it takes %s.certfile and %s.keyfile".formatted(rows.prefix, rows.prefix));
    }
    return new TlsConfig(
        rows.prefix,
        new Identity(certificate, key, given.get(rows.password)),
        common.named(),
        given.get(rows.cacertfile),
        peers(common),
        versions(),
        ciphers(),
        given.get(rows.ownOrder, true),
        common.handshakeTimeout());
  }

  private Peers peers(Common common) throws StartupException {
    boolean asked =
        given.get(rows.verify, TlsSettings.Verify.VERIFY_NONE) == TlsSettings.Verify.VERIFY_PEER;
    boolean must = given.get(rows.required, false);
    if (asked && given.get(rows.cacertfile) == null) {
      throw wrong(rows.verify, "it takes %s.cacertfile".formatted(rows.prefix));
    }
    if (must && !asked) {
      throw wrong(rows.required, "it takes %s.verify = verify_peer".formatted(rows.prefix));
    }
    return new Peers(
        asked,
        must,
        given.get(rows.depth, (long) TlsSettings.DEPTH).intValue(),
        common.revocation(),
        common.crlFolder());
  }

  private List<String> versions() throws StartupException {
    SequencedMap<String, String> all = given.all(rows.version);
    List<String> spoken =
        VERSIONS.stream().filter(one -> all.containsValue(one.toLowerCase(Locale.ROOT))).toList();
    if (spoken.isEmpty() && !all.isEmpty()) {
      throw wrong(rows.version, "neither tlsv1.2 nor tlsv1.3 is among the versions");
    }
    return spoken.isEmpty() ? VERSIONS : spoken;
  }

  private List<String> ciphers() {
    List<String> ciphers = new ArrayList<>();
    for (String name : given.all(rows.cipher).values()) {
      String java = CipherSuiteConverter.toJava(name, "TLS");
      ciphers.add(java == null ? name : java);
    }
    return ciphers;
  }

  private StartupException wrong(Setting<?> setting, String why) {
    return new StartupException("%s: %s: %s".formatted(given.place(setting), shown(setting), why));
  }

  private String shown(Setting<?> setting) {
    return given.values().stream()
        .filter(value -> value.setting().equals(setting))
        .map(value -> value.given().key() + " = " + value.shown())
        .findFirst()
        .orElse(setting.key());
  }
}
