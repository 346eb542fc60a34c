package org.warrenmq.broker.tls;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.List;
import org.warrenmq.broker.config.StartupException;

/** Reads public keys from PEM files, by themselves or in a certificate. Stateless, any thread. */
public final class PublicKeys {
  private static final List<String> ALGORITHMS = List.of("RSA", "EC");

  private PublicKeys() {}

  /**
   * The first of a file.
   *
   * @param key of the configuration, that the file was named by
   * @throws StartupException with key, file and what is wrong
   */
  public static PublicKey read(String key, Path file) throws StartupException {
    try {
      for (Pem block : Pem.read(file)) {
        if (block.label().equals("PUBLIC KEY")) {
          return key(block.der());
        }
      }
      return Certificates.read(file).getFirst().getPublicKey();
    } catch (BadTlsFile e) {
      throw new StartupException("%s = %s: %s".formatted(key, file, e.why()), e);
    }
  }

  private static PublicKey key(byte[] der) throws BadTlsFile {
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(der));
      } catch (InvalidKeySpecException e) {
        // It is one of another kind.
        continue;
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("every Java has " + algorithm, e);
      }
    }
    throw new BadTlsFile("the key in it is damaged, or neither RSA nor on an elliptic curve");
  }
}
