package org.warrenmq.broker.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;

/**
 * What is kept of a password, in RabbitMQ's format, so that its users can be taken over: a salt of
 * four octets, then the hash of salt and password. Comparing takes a few microseconds: an event
 * loop may. Immutable, any thread.
 *
 * @param base64 salt and hash; empty for a user that no password lets in
 */
public record PasswordHash(Algorithm algorithm, String base64) {
  private static final int SALT = 4;

  /** Characters; twice of what the longest of them takes. */
  private static final int MOST = 200;

  private static final SecureRandom RANDOM = new SecureRandom();

  /** The ways to hash, by RabbitMQ's names. */
  public enum Algorithm {
    SHA256("rabbit_password_hashing_sha256", "SHA-256"),
    SHA512("rabbit_password_hashing_sha512", "SHA-512"),
    /** Of old users, which come from elsewhere. */
    MD5("rabbit_password_hashing_md5", "MD5");

    private final String wireName;
    private final String digest;

    Algorithm(String wireName, String digest) {
      this.wireName = wireName;
      this.digest = digest;
    }

    /** As definitions call it. */
    public String wireName() {
      return wireName;
    }

    /**
     * The one of that name.
     *
     * @throws IllegalArgumentException when there is none
     */
    public static Algorithm named(String name) {
      return Arrays.stream(values())
          .filter(each -> each.wireName.equals(name))
          .findFirst()
          .orElseThrow(() -> new IllegalArgumentException("unknown password hashing " + name));
    }

    private byte[] hash(byte[] salt, String password) {
      try {
        MessageDigest hash = MessageDigest.getInstance(digest);
        hash.update(salt);
        return hash.digest(password.getBytes(StandardCharsets.UTF_8));
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java has " + digest, e);
      }
    }
  }

  /**
   * Checks what came from elsewhere.
   *
   * @throws IllegalArgumentException when it is not Base64, or too long
   */
  public PasswordHash {
    if (base64.length() > MOST) {
      throw new IllegalArgumentException("a password hash is not longer than " + MOST);
    }
    Base64.getDecoder().decode(base64);
  }

  /** That of a password, with a salt of its own. */
  public static PasswordHash of(String password) {
    byte[] salt = new byte[SALT];
    RANDOM.nextBytes(salt);
    byte[] hash = Algorithm.SHA256.hash(salt, password);
    byte[] both = Arrays.copyOf(salt, SALT + hash.length);
    System.arraycopy(hash, 0, both, SALT, hash.length);
    return new PasswordHash(Algorithm.SHA256, Base64.getEncoder().encodeToString(both));
  }

  /** Whether this is the password; a blank one never is. */
  public boolean matches(String password) {
    byte[] both = Base64.getDecoder().decode(base64);
    if (password.isEmpty() || both.length <= SALT) {
      return false;
    }
    byte[] given = algorithm.hash(Arrays.copyOf(both, SALT), password);
    return MessageDigest.isEqual(given, Arrays.copyOfRange(both, SALT, both.length));
  }

  /** Without the hash: this may end up in a log. */
  @Override
  public String toString() {
    return "PasswordHash[" + algorithm + "]";
  }
}
