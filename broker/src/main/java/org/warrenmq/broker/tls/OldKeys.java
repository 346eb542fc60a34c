package org.warrenmq.broker.tls;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Private keys as OpenSSL wrote them before PKCS #8, which Java does not read: many RabbitMQ nodes
 * have one. Stateless, any thread.
 */
final class OldKeys {
  private static final byte[] VERSION = {2, 1, 0};
  private static final byte[] RSA = HexFormat.of().parseHex("300d06092a864886f70d0101010500");
  private static final byte[] EC = HexFormat.of().parseHex("06072a8648ce3d0201");

  private static final int SEQUENCE = 0x30;
  private static final int OCTETS = 4;
  private static final int PARAMETERS = 0xA0;
  private static final int SALT = 8;

  private OldKeys() {}

  /** The PKCS #8 of an RSA key in PKCS #1. */
  static byte[] rsaAsPkcs8(byte[] key) {
    return element(SEQUENCE, VERSION, RSA, element(OCTETS, key));
  }

  /**
   * The PKCS #8 of a key on an elliptic curve in SEC 1, which names its curve.
   *
   * @throws BadTlsFile when it does not
   */
  static byte[] ecAsPkcs8(byte[] key) throws BadTlsFile {
    return element(SEQUENCE, VERSION, element(SEQUENCE, EC, curve(key)), element(OCTETS, key));
  }

  private static byte[] curve(byte[] key) throws BadTlsFile {
    try {
      for (int at = content(key, 0); at < key.length; at = end(key, at)) {
        if ((key[at] & 0xFF) == PARAMETERS) {
          return Arrays.copyOfRange(key, content(key, at), end(key, at));
        }
      }
    } catch (ArrayIndexOutOfBoundsException e) {
      throw new BadTlsFile("the key in it is damaged", e);
    }
    throw new BadTlsFile("the key in it does not name its curve");
  }

  /** Where the content of the element begins that begins there. */
  private static int content(byte[] der, int at) {
    int length = der[at + 1] & 0xFF;
    return at + 2 + (length < 0x80 ? 0 : length & 3);
  }

  private static int end(byte[] der, int at) {
    int length = der[at + 1] & 0xFF;
    int content = content(der, at);
    if (length >= 0x80) {
      length = 0;
      for (int i = at + 2; i < content; i++) {
        length = length << 8 | der[i] & 0xFF;
      }
    }
    return content + length;
  }

  private static byte[] element(int tag, byte[]... parts) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      content.writeBytes(part);
    }
    ByteArrayOutputStream element = new ByteArrayOutputStream();
    element.write(tag);
    int length = content.size();
    if (length >= 0x80) {
      int octets = length >= 0x100 ? 2 : 1;
      element.write(0x80 | octets);
      if (octets == 2) {
        element.write(length >> 8);
      }
    }
    element.write(length);
    element.writeBytes(content.toByteArray());
    return element.toByteArray();
  }

  /**
   * What was encrypted in OpenSSL's old way.
   *
   * @param encryption the header that says how
   * @throws BadTlsFile when the password does not fit, or that way is not known
   */
  static byte[] decrypted(byte[] octets, String encryption, String password) throws BadTlsFile {
    String[] parts = encryption.split(",", 2);
    int keyLength =
        switch (parts[0]) {
          case "AES-128-CBC" -> 16;
          case "AES-192-CBC", "DES-EDE3-CBC" -> 24;
          case "AES-256-CBC" -> 32;
          default -> throw new BadTlsFile("the key in it is encrypted by " + parts[0]);
        };
    String cipher = parts[0].startsWith("AES") ? "AES" : "DESede";
    try {
      byte[] iv = HexFormat.of().parseHex(parts.length == 2 ? parts[1] : "");
      Cipher decryption = Cipher.getInstance(cipher + "/CBC/PKCS5Padding");
      decryption.init(
          Cipher.DECRYPT_MODE,
          new SecretKeySpec(key(password, Arrays.copyOf(iv, SALT), keyLength), cipher),
          new IvParameterSpec(iv));
      return decryption.doFinal(octets);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new BadTlsFile("the password does not fit, or the key in it is damaged", e);
    }
  }

  /** OpenSSL's way from a password to a key, which others do not use. */
  private static byte[] key(String password, byte[] salt, int length)
      throws GeneralSecurityException {
    MessageDigest md5 = MessageDigest.getInstance("MD5");
    ByteArrayOutputStream key = new ByteArrayOutputStream();
    byte[] last = {};
    while (key.size() < length) {
      md5.update(last);
      md5.update(password.getBytes(StandardCharsets.UTF_8));
      md5.update(salt);
      last = md5.digest();
      key.writeBytes(last);
    }
    return Arrays.copyOf(key.toByteArray(), length);
  }
}
