package org.warrenmq.broker.tls;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;

/** An authority that a test makes, with what it signs: certificates and revocation lists. */
public final class TestAuthority {
  private static final byte[] SHA256_WITH_ECDSA = Der.sequence(Der.oid("1.2.840.10045.4.3.2"));
  private static final AtomicLong SERIAL = new AtomicLong(1000);
  private static final char[] PASSWORD = "test".toCharArray();

  private final Signed own;

  /** A certificate with its key. */
  public record Signed(X509Certificate certificate, PrivateKey key, List<X509Certificate> above) {
    /** Writes the certificate, and those above it, and the key; as name.pem and name.key. */
    public Signed write(Path folder, String name) throws IOException {
      StringBuilder chain = new StringBuilder(pem("CERTIFICATE", encoded(certificate)));
      above.forEach(one -> chain.append(pem("CERTIFICATE", encoded(one))));
      Files.writeString(folder.resolve(name + ".pem"), chain);
      Files.writeString(folder.resolve(name + ".key"), pem("PRIVATE KEY", key.getEncoded()));
      return this;
    }
  }

  private TestAuthority(Signed own) {
    this.own = own;
  }

  /** One that signs itself. */
  public static TestAuthority root(String name) {
    return new TestAuthority(
        sign(null, List.of("CN=" + name), List.of(), Duration.ofDays(1), true));
  }

  /** One that this one signs. */
  public TestAuthority below(String name) {
    return new TestAuthority(sign(own, List.of("CN=" + name), List.of(), Duration.ofDays(1), true));
  }

  /** A certificate for localhost, with a name of its own. */
  public Signed server(String name) {
    return issue(Duration.ofDays(1), List.of("CN=" + name), "dns:localhost", "ip:127.0.0.1");
  }

  /**
   * Any certificate.
   *
   * @param holds from now on; negative: until so long ago
   * @param subject such as CN=name, the first first
   * @param names alternative ones, such as dns:host, mail:a@b, uri:x, ip:127.0.0.1
   */
  public Signed issue(Duration holds, List<String> subject, String... names) {
    return sign(own, subject, List.of(names), holds, false);
  }

  public X509Certificate certificate() {
    return own.certificate();
  }

  /** Writes the certificate. */
  public Path write(Path file) throws IOException {
    return Files.writeString(file, pem("CERTIFICATE", encoded(own.certificate())));
  }

  /** Writes a list of what it takes back. */
  public Path revoke(Path file, X509Certificate... revoked) throws IOException {
    Instant now = Instant.now().minusSeconds(60);
    byte[][] entries =
        Arrays.stream(revoked)
            .map(
                one ->
                    Der.sequence(
                        Der.element(2, one.getSerialNumber().toByteArray()), Der.time(now)))
            .toArray(byte[][]::new);
    byte[] list =
        Der.sequence(
            Der.number(1),
            SHA256_WITH_ECDSA,
            own.certificate().getSubjectX500Principal().getEncoded(),
            Der.time(now),
            Der.time(now.plus(Duration.ofDays(1))),
            revoked.length == 0 ? new byte[0] : Der.sequence(entries));
    byte[] der = Der.sequence(list, SHA256_WITH_ECDSA, Der.bits(signature(own.key(), list)));
    return Files.writeString(file, pem("X509 CRL", der));
  }

  /** What a client needs that trusts this authority. */
  public SSLContext client(@Nullable Signed identity) throws GeneralSecurityException, IOException {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("ca", own.certificate());
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(trusted);
    KeyManager[] keys = null;
    if (identity != null) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      List<X509Certificate> chain = new ArrayList<>(List.of(identity.certificate()));
      chain.addAll(identity.above());
      store.setKeyEntry("own", identity.key(), PASSWORD, chain.toArray(X509Certificate[]::new));
      KeyManagerFactory factory = KeyManagerFactory.getInstance("SunX509");
      factory.init(store, PASSWORD);
      keys = new KeyManager[] {new Persistent((X509KeyManager) factory.getKeyManagers()[0])};
    }
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys, trust.getTrustManagers(), null);
    return context;
  }

  /** What a client needs that trusts anybody. */
  public static SSLContext careless() throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
    return context;
  }

  /** Shows its certificate to everybody, whoever is trusted there. */
  private static final class Persistent extends X509ExtendedKeyManager {
    private final X509KeyManager keys;

    Persistent(X509KeyManager keys) {
      this.keys = keys;
    }

    @Override
    public String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine engine) {
      return "own";
    }

    @Override
    public String[] getClientAliases(String type, Principal[] issuers) {
      return new String[] {"own"};
    }

    @Override
    public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
      return "own";
    }

    @Override
    public String[] getServerAliases(String type, Principal[] issuers) {
      return new String[0];
    }

    @Override
    public @Nullable String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
      return null;
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      return keys.getCertificateChain(alias);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
      return keys.getPrivateKey(alias);
    }
  }

  private static Signed sign(
      @Nullable Signed by,
      List<String> subject,
      List<String> names,
      Duration holds,
      boolean authority) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(256);
      KeyPair pair = generator.generateKeyPair();
      byte[] name = name(subject);
      Instant from = Instant.now().minus(Duration.ofDays(2));
      byte[] content =
          Der.sequence(
              Der.element(0xA0, Der.number(2)),
              Der.number(SERIAL.incrementAndGet()),
              SHA256_WITH_ECDSA,
              by == null ? name : by.certificate().getSubjectX500Principal().getEncoded(),
              Der.sequence(Der.time(from), Der.time(Instant.now().plus(holds))),
              name,
              pair.getPublic().getEncoded(),
              Der.element(0xA3, Der.sequence(extensions(names, authority))));
      PrivateKey key = by == null ? pair.getPrivate() : by.key();
      byte[] der = Der.sequence(content, SHA256_WITH_ECDSA, Der.bits(signature(key, content)));
      X509Certificate certificate =
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(der));
      List<X509Certificate> above = new ArrayList<>();
      if (by != null && !by.above().isEmpty()) {
        above.add(by.certificate());
        above.addAll(by.above());
      } else if (by != null && !isRoot(by)) {
        above.add(by.certificate());
      }
      return new Signed(certificate, pair.getPrivate(), above);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean isRoot(Signed signed) {
    X509Certificate certificate = signed.certificate();
    return certificate.getIssuerX500Principal().equals(certificate.getSubjectX500Principal());
  }

  private static byte[] name(List<String> parts) {
    return Der.sequence(
        parts.stream()
            .map(part -> part.split("=", 2))
            .map(part -> Der.set(Der.sequence(Der.oid(attribute(part[0])), Der.text(part[1]))))
            .toArray(byte[][]::new));
  }

  private static String attribute(String name) {
    return switch (name) {
      case "CN" -> "2.5.4.3";
      case "C" -> "2.5.4.6";
      case "O" -> "2.5.4.10";
      case "OU" -> "2.5.4.11";
      case "E" -> "1.2.840.113549.1.9.1";
      default -> throw new IllegalArgumentException(name);
    };
  }

  private static byte[] extensions(List<String> names, boolean authority) {
    if (authority) {
      return extension("2.5.29.19", Der.sequence(Der.truth()));
    }
    if (names.isEmpty()) {
      return extension("2.5.29.19", Der.sequence());
    }
    byte[][] alternatives = names.stream().map(TestAuthority::alternative).toArray(byte[][]::new);
    return extension("2.5.29.17", Der.sequence(alternatives));
  }

  private static byte[] extension(String oid, byte[] value) {
    return Der.sequence(Der.oid(oid), Der.octets(value));
  }

  private static byte[] alternative(String name) {
    String[] parts = name.split(":", 2);
    byte[] text = parts[1].getBytes(StandardCharsets.US_ASCII);
    return switch (parts[0]) {
      case "mail" -> Der.element(0x81, text);
      case "dns" -> Der.element(0x82, text);
      case "uri" -> Der.element(0x86, text);
      case "ip" -> Der.element(0x87, InetAddress.ofLiteral(parts[1]).getAddress());
      case "other" ->
          Der.element(
              0xA0, Der.oid("1.3.6.1.4.1.311.20.2.3"), Der.element(0xA0, Der.text(parts[1])));
      default -> throw new IllegalArgumentException(name);
    };
  }

  private static byte[] signature(PrivateKey key, byte[] content) {
    try {
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(key);
      signature.update(content);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] encoded(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String pem(String label, byte[] der) {
    String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(label, base64, label);
  }
}
