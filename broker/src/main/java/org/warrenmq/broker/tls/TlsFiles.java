package org.warrenmq.broker.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.KeyStoreBuilderParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.broker.config.StartupException;
import org.warrenmq.broker.config.TlsConfig;
import org.warrenmq.broker.config.TlsConfig.Identity;
import org.warrenmq.broker.config.TlsConfig.Revocation;

/**
 * What the files say that a listener's TLS is configured with. Immutable, any thread.
 *
 * @param keys chooses the broker's certificate, by the name that a client asks for
 * @param trust checks those of clients; null where they are not asked for any
 * @param certificate the broker's own
 * @param stamps of the files, as they were read
 */
record TlsFiles(
    KeyManager keys,
    @Nullable TrustManager trust,
    X509Certificate certificate,
    Map<Path, String> stamps) {
  private static final Logger log = LoggerFactory.getLogger(TlsFiles.class);

  /** Of key stores in memory, which are never written. */
  private static final char[] NO_SECRET = "in memory".toCharArray();

  /**
   * Reads them.
   *
   * @throws StartupException with key, file and what is wrong
   */
  static TlsFiles read(TlsConfig config) throws StartupException {
    Map<Path, String> stamps = stamps(config);
    Path cacertfile = config.cacertfile();
    List<X509Certificate> authorities =
        cacertfile == null ? List.of() : certificates(config.key() + ".cacertfile", cacertfile);
    KeyManager keys = keys(config.key(), config.identity(), config.named(), authorities);
    try {
      TrustManager trust = config.peers().asked() ? trust(config, authorities) : null;
      Path certfile = config.identity().certfile();
      return new TlsFiles(
          keys, trust, certificates(config.key() + ".certfile", certfile).getFirst(), stamps);
    } catch (GeneralSecurityException e) {
      throw new StartupException(
          "%s.cacertfile = %s: %s".formatted(config.key(), cacertfile, e.getMessage()), e);
    }
  }

  /**
   * The certificates of a file.
   *
   * @throws StartupException with key, file and what is wrong
   */
  static List<X509Certificate> certificates(String key, Path file) throws StartupException {
    return read(key, file, Certificates::read);
  }

  /**
   * Who shows a certificate, and has its key.
   *
   * @param key what its keys in the configuration begin with
   * @param named further ones, by name
   * @param authorities where those between are looked for
   * @throws StartupException with key, file and what is wrong
   */
  static KeyManager keys(
      String key, Identity identity, List<Identity> named, List<X509Certificate> authorities)
      throws StartupException {
    try {
      List<KeyStore.Builder> stores = new ArrayList<>();
      add(key, identity, authorities, stores);
      for (Identity further : named) {
        add("warren.ssl.names.*", further, authorities, stores);
      }
      KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
      keys.init(new KeyStoreBuilderParameters(stores));
      return keys.getKeyManagers()[0];
    } catch (GeneralSecurityException e) {
      throw new StartupException(
          "%s.certfile = %s: %s".formatted(key, identity.certfile(), e.getMessage()), e);
    }
  }

  /** Whether one of the files is another one by now. */
  boolean haveChanged(TlsConfig config) {
    return !stamps.equals(stamps(config));
  }

  private static void add(
      String key,
      Identity identity,
      List<X509Certificate> authorities,
      List<KeyStore.Builder> stores)
      throws StartupException, GeneralSecurityException {
    List<X509Certificate> certificates =
        read(key + ".certfile", identity.certfile(), Certificates::read);
    PrivateKey privateKey =
        read(
            key + ".keyfile",
            identity.keyfile(),
            file -> PrivateKeys.read(file, identity.password()));
    X509Certificate own = certificates.getFirst();
    if (!Certificates.belong(own, privateKey)) {
      throw new StartupException(
          "%s.keyfile = %s: it is not the key of the certificate in %s"
              .formatted(key, identity.keyfile(), identity.certfile()));
    }
    warnOfTime(identity.certfile(), own);
    KeyStore store = KeyStore.getInstance("PKCS12");
    try {
      store.load(null, null);
    } catch (IOException e) {
      throw new IllegalStateException("nothing is read", e);
    }
    store.setKeyEntry("own", privateKey, NO_SECRET, Certificates.chain(certificates, authorities));
    stores.add(KeyStore.Builder.newInstance(store, new KeyStore.PasswordProtection(NO_SECRET)));
  }

  private static void warnOfTime(Path file, X509Certificate own) {
    Instant now = Instant.now();
    if (own.getNotAfter().toInstant().isBefore(now)) {
      log.warn("the certificate in {} has expired, on {}", file, own.getNotAfter().toInstant());
    } else if (own.getNotBefore().toInstant().isAfter(now)) {
      log.warn("the certificate in {} holds from {} on", file, own.getNotBefore().toInstant());
    }
  }

  private static TrustManager trust(TlsConfig config, List<X509Certificate> authorities)
      throws StartupException, GeneralSecurityException {
    PKIXBuilderParameters chain =
        new PKIXBuilderParameters(
            authorities.stream().map(one -> new TrustAnchor(one, null)).collect(Collectors.toSet()),
            new X509CertSelector());
    // No bound of Java's, whose default is 5.
    chain.setMaxPathLength(-1);
    Revocation how = config.peers().revocation();
    chain.setRevocationEnabled(how != Revocation.FALSE);
    Path folder = config.peers().crlFolder();
    if (how != Revocation.FALSE && folder != null) {
      read(
          "warren.ssl.crl_folder",
          folder,
          there -> {
            List<Path> files = RevocationLists.files(there);
            try {
              RevocationLists.check(chain, files, how);
            } catch (GeneralSecurityException e) {
              throw new BadTlsFile("its lists cannot be used", e);
            }
            return files;
          });
    }
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(new CertPathTrustManagerParameters(chain));
    return new ClientTrust(
        (X509ExtendedTrustManager) factory.getTrustManagers()[0],
        authorities,
        config.peers().depth());
  }

  private interface Reading<T> {
    T from(Path file) throws BadTlsFile;
  }

  private static <T> T read(String key, Path file, Reading<T> reading) throws StartupException {
    try {
      return reading.from(file);
    } catch (BadTlsFile e) {
      throw new StartupException("%s = %s: %s".formatted(key, file, e.why()), e);
    }
  }

  /** What the files are told apart by, as of now. */
  static Map<Path, String> stamps(TlsConfig config) {
    List<Path> files = new ArrayList<>();
    files.add(config.identity().certfile());
    files.add(config.identity().keyfile());
    for (Identity named : config.named()) {
      files.add(named.certfile());
      files.add(named.keyfile());
    }
    if (config.cacertfile() != null) {
      files.add(config.cacertfile());
    }
    Path lists = config.peers().crlFolder();
    if (lists != null && config.peers().revocation() != Revocation.FALSE) {
      try {
        files.addAll(RevocationLists.files(lists));
      } catch (BadTlsFile e) {
        files.add(lists);
      }
    }
    Map<Path, String> stamps = new LinkedHashMap<>();
    for (Path file : files) {
      stamps.put(file, stamp(file));
    }
    return stamps;
  }

  private static String stamp(Path file) {
    try {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      return now.lastModifiedTime() + " " + now.size() + " " + now.fileKey();
    } catch (IOException e) {
      return "not there";
    }
  }
}
