package org.warrenmq.broker.tls;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Reads private keys from PEM files: PKCS #8, and what OpenSSL wrote before it, encrypted or not.
 * Stateless, any thread.
 */
final class PrivateKeys {
  private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA", "RSASSA-PSS");

  /** OpenSSL's name for the second version of password-based encryption. */
  private static final String PBES2 = "1.2.840.113549.1.5.13";

  private PrivateKeys() {}

  /**
   * The first key of a file.
   *
   * @param password null where there is none
   * @throws BadTlsFile when there is none, or the password does not fit
   */
  static PrivateKey read(Path file, @Nullable String password) throws BadTlsFile {
    for (Pem block : Pem.read(file)) {
      if (block.label().endsWith("PRIVATE KEY")) {
        return key(pkcs8(block, password));
      }
    }
    throw new BadTlsFile("there is no private key in it");
  }

  private static byte[] pkcs8(Pem block, @Nullable String password) throws BadTlsFile {
    return switch (block.label()) {
      case "PRIVATE KEY" -> block.der();
      case "ENCRYPTED PRIVATE KEY" -> decrypted(block.der(), needed(password));
      case "RSA PRIVATE KEY" -> OldKeys.rsaAsPkcs8(old(block, password));
      case "EC PRIVATE KEY" -> OldKeys.ecAsPkcs8(old(block, password));
      default -> throw new BadTlsFile("keys of the kind " + block.label() + " are not supported");
    };
  }

  private static byte[] old(Pem block, @Nullable String password) throws BadTlsFile {
    String encryption = block.headers().get("DEK-Info");
    return encryption == null
        ? block.der()
        : OldKeys.decrypted(block.der(), encryption, needed(password));
  }

  private static String needed(@Nullable String password) throws BadTlsFile {
    if (password == null) {
      throw new BadTlsFile("the key in it is encrypted, and no password is set");
    }
    return password;
  }

  private static byte[] decrypted(byte[] der, String password) throws BadTlsFile {
    PBEKeySpec given = new PBEKeySpec(password.toCharArray());
    try {
      EncryptedPrivateKeyInfo encrypted = new EncryptedPrivateKeyInfo(der);
      // Which cipher that is, stands in its parameters.
      String algorithm =
          encrypted.getAlgName().equals("PBES2") || encrypted.getAlgName().equals(PBES2)
              ? encrypted.getAlgParameters().toString()
              : encrypted.getAlgName();
      Cipher cipher = Cipher.getInstance(algorithm);
      cipher.init(
          Cipher.DECRYPT_MODE,
          SecretKeyFactory.getInstance(algorithm).generateSecret(given),
          encrypted.getAlgParameters());
      return encrypted.getKeySpec(cipher).getEncoded();
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new BadTlsFile("the key in it is encrypted in a way that Java does not know", e);
    } catch (GeneralSecurityException | java.io.IOException e) {
      throw new BadTlsFile("the password does not fit, or the key in it is damaged", e);
    } finally {
      given.clearPassword();
    }
  }

  private static PrivateKey key(byte[] pkcs8) throws BadTlsFile {
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
      } catch (InvalidKeySpecException e) {
        // It is one of another kind.
        continue;
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("every Java has " + algorithm, e);
      }
    }
    throw new BadTlsFile("the key in it is damaged, or of a kind that Java does not know");
  }
}
