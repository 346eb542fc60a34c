package org.warrenmq.broker.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.warrenmq.broker.auth.PasswordHash.Algorithm;

/** Passwords as RabbitMQ keeps them. */
class PasswordHashTest {
  /** The example of RabbitMQ's documentation: salt 908DC60A, password test12. */
  private static final String DOCUMENTED = "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR";

  private static final String SHA512 =
      "kI3GChuNuIYf8lRbCCxZjgjKwsY19ns6+uFO0zcXRBGA/XGJPYD8OWMy7EB8TaOmAzjP2azv84GbINYwX2cDWb4DHnc=";

  private static final String MD5 = "kI3GChNpte2FApYFXScl+0dIluk=";

  private static PasswordHash imported(String name, String base64) {
    return new PasswordHash(Algorithm.named(name), base64);
  }

  @Test
  @DisplayName("what RabbitMQ exported lets its user in")
  void imported() {
    PasswordHash hash = imported("rabbit_password_hashing_sha256", DOCUMENTED);
    assertThat(hash.matches("test12")).isTrue();
    assertThat(hash.matches("test13")).isFalse();
    assertThat(hash.matches("")).isFalse();
    assertThat(imported("rabbit_password_hashing_sha512", SHA512).matches("test12")).isTrue();
    assertThat(imported("rabbit_password_hashing_md5", MD5).matches("test12")).isTrue();
    assertThat(imported("rabbit_password_hashing_md5", DOCUMENTED).matches("test12")).isFalse();
  }

  @Test
  @DisplayName("one of our own has a salt of four octets, another each time")
  void own() {
    PasswordHash hash = PasswordHash.of("sécret");
    assertThat(hash.algorithm()).isEqualTo(Algorithm.SHA256);
    assertThat(hash.matches("sécret")).isTrue();
    assertThat(hash.matches("secret")).isFalse();
    assertThat(hash).isNotEqualTo(PasswordHash.of("sécret"));
    assertThat(hash.toString()).doesNotContain(hash.base64());
  }

  @Test
  @DisplayName("no password at all lets nobody in")
  void none() {
    assertThat(imported("rabbit_password_hashing_md5", "").matches("")).isFalse();
    assertThat(imported("rabbit_password_hashing_sha512", "AAAA").matches("")).isFalse();
  }

  @Test
  @DisplayName("what is no hash is refused")
  void refused() {
    assertThatThrownBy(() -> imported("rabbit_password_hashing_sha256", "no base64!"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Algorithm.named("bcrypt"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
