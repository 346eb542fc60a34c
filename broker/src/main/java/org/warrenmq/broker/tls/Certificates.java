package org.warrenmq.broker.tls;

import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads certificates from PEM files, and puts them in order. Stateless, any thread. */
final class Certificates {
  private static final int LONGEST_CHAIN = 20;

  private Certificates() {}

  /**
   * All of a file, one at least.
   *
   * @throws BadTlsFile when there is none, or one is damaged
   */
  static List<X509Certificate> read(Path file) throws BadTlsFile {
    List<X509Certificate> all = new ArrayList<>();
    for (Pem block : Pem.read(file)) {
      if (block.label().equals("CERTIFICATE") || block.label().equals("TRUSTED CERTIFICATE")) {
        all.add(certificate(block.der()));
      }
    }
    if (all.isEmpty()) {
      throw new BadTlsFile("there is no certificate in it");
    }
    return all;
  }

  private static X509Certificate certificate(byte[] der) throws BadTlsFile {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(der));
    } catch (CertificateException e) {
      throw new BadTlsFile("a certificate in it is damaged", e);
    }
  }

  /**
   * The first of some certificates, and those above it as far as they are there, among the
   * authorities, too: clients know the root, and need what is between.
   */
  static X509Certificate[] chain(
      List<X509Certificate> certificates, List<X509Certificate> authorities) {
    List<X509Certificate> others = new ArrayList<>(certificates);
    others.addAll(authorities);
    List<X509Certificate> chain = new ArrayList<>();
    X509Certificate next = certificates.getFirst();
    while (next != null && chain.size() < LONGEST_CHAIN) {
      chain.add(next);
      next = isSelfSigned(next) ? null : issuer(next, others);
    }
    // Nobody trusts a root since it was sent one.
    if (chain.size() > 1 && isSelfSigned(chain.getLast())) {
      chain.removeLast();
    }
    return chain.toArray(X509Certificate[]::new);
  }

  private static boolean isSelfSigned(X509Certificate certificate) {
    return certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
  }

  private static @Nullable X509Certificate issuer(X509Certificate of, List<X509Certificate> among) {
    for (X509Certificate candidate : among) {
      if (candidate.getSubjectX500Principal().equals(of.getIssuerX500Principal())
          && signed(candidate.getPublicKey(), of)) {
        return candidate;
      }
    }
    return null;
  }

  private static boolean signed(PublicKey by, X509Certificate certificate) {
    try {
      certificate.verify(by);
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /** Whether a certificate is of that key. */
  static boolean belong(X509Certificate certificate, PrivateKey key) {
    PublicKey open = certificate.getPublicKey();
    byte[] text = new byte[32];
    new SecureRandom().nextBytes(text);
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          case "RSASSA-PSS" -> "RSASSA-PSS";
          default -> "EdDSA";
        };
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(text);
      byte[] signed = signature.sign();
      signature.initVerify(open);
      signature.update(text);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
