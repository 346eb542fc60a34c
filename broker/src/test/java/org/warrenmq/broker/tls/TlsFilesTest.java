package org.warrenmq.broker.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.warrenmq.broker.config.StartupException;
import org.warrenmq.broker.config.TlsConfig;

/** Certificates and keys as files: every form of a key, what is wrong with one, and its changes. */
class TlsFilesTest {
  private static final TestAuthority ROOT = TestAuthority.root("root");

  /**
   * {@code openssl genrsa -traditional -aes128 -passout pass:secret 1024}: too short for any use,
   * long enough to be read.
   */
  private static final String OLD_ENCRYPTED =
      """
      -----BEGIN RSA PRIVATE KEY-----
      Proc-Type: 4,ENCRYPTED
      DEK-Info: AES-128-CBC,87BFB7C29D9F3D57A87990A4DA24F645

      S9C1bB/BLAyM86cNLtfNUzLpSKDuHK8RxEcMRj5UIVVVC5HYkmMsStq3p9VURTAl
      I/S3rvnujH52+KX3WbVWWfRgTxPirzaYi3O5GdfyY3MU/3wcefdZfEPeqP9tYo5/
      09ytENIg1bug8VfxLFFqlqMfbTXzwKwRHpe7TCxWASf77GQ8/XbAJxNtrZkKt8aE
      2yJeKEKZiaGfeICwfOPO3ByMqGH7Xh9mZYHb+52bbR1GxXttb7ovxa6BPMb40Mbu
      Fx/Tdqu5B3w8PFIUiwy3EuLpIiOXt8Qrk82F0i/ErtLlB/UzcL00tbTY3mVte3Bz
      UFfgUjKCSoMFhep3pUOmEp2zjXjcVfNvlB8wmriF/pL+1rS+BSR/qCkvXGHj+1/j
      PQ/SOgC38zG9qi4+rZNQw4wAaDZA2pNQB5KMSjPWrtBQxRx7qfEPX7BtuPhCdilX
      i7yP7V+v7SE80XVC2t2I9aFhJSMNOliNmNIZP7agJybTHbHkqajIKWhDpJK+s08x
      C1s3bkXrljhsvHuJL83hPEZBF6kjTSGSXW+CUQZjl9wXzmHj+KdxbpkCg8+RpkVF
      hsS08vwH7v8U+tMp+uoIIkXQGaTKbWq6gmA28Kni3OtLlIPXBKG3xsJZBkprj/Xf
      lLMng8lNHTJlHFKHj4oEXaHDLx22eMPF/VMV+JRekZifO7dHx6PGuW/x3GLvW11T
      Ordym5MRa9H9CLVp8RHNrYCggDrmjwFGkhkCQjgMZkGe/Nsuq3mCHkIqYin0X7tj
      6kHla6V84AqPJb5ku8/p3XY7JIY8f0oehMGcYltTBXc=
      -----END RSA PRIVATE KEY-----
      """;

  /** The same by {@code openssl pkcs8 -topk8 -v2 aes256}. */
  private static final String ENCRYPTED =
      """
      -----BEGIN ENCRYPTED PRIVATE KEY-----
      MIIC3TBXBgkqhkiG9w0BBQ0wSjApBgkqhkiG9w0BBQwwHAQIUXfweJibUlgCAggA
      MAwGCCqGSIb3DQIJBQAwHQYJYIZIAWUDBAEqBBDTM3WcRHTmfoQ/KvRcU0MgBIIC
      gEAfVi+O0ymJpHxTfJJbjRXXV1pTVX+ZOhxQvxEDAkNvFcEkPxNUbbGiSODbHJ5A
      nG3ZEpl4AEGxjJ777R8n4GJHy290FXQQusbmR/LAXbp2zloMa7Vwlo4xZBoTyCL9
      hOASSe2XwLlrCCOsDLLX4bO5Naq42K+8nsy0VoWwXWDre2fgu/J2vmVtlhHiq0Ex
      DMoX5BEf5S6GjwajUZGb76V2DrJl1BEs1Y244qBJglCUAWXTXNL4tpcsnWbs+MAx
      IbEUH7bHzsg7U2H9IcXXXdibeZ9Uhe8JgPQ/YA4z1ShjbyLz8FqsegOVUPfkti29
      0hzZKipKmDn/KZKy8nY4DjOZUaHRUlr3n1dnF8zcXY3O9hWUySkwP8vlJS/IgVXZ
      plx/VMEn+G3CdwnNCaf+H9dVua+y65mkkS9MGJao53YD7Ue5skNBQl5R1O9fa4l/
      GLpkR9WKi1+9aHDSdkGtCpYT23/6u6WSV4q27m+kdJFnYi34snJAFeNBcZkQIUuQ
      f2q5T+UsATXC1J/AFTHK0qUppe8t0GWWCnaWFphYHwkSQbhVrJvZTm10Z6k85B4g
      ITHEO/i9HP+HZyW4zaFFy4HZpwY28dS4UtxQ8BwrrBpPGFYqAJSiUN9axkSlrZmO
      Vmv82iWRdzCQ5Oel7jnHBsLVrFm5AKvw5MVt9xATcIriFO+UWunB5/nz84ybliIQ
      LoN5nGsbrRCZYfCMBUq2tUDVMwMOJiRKahGinzN0SNM7LCrCKEyv4HviD0PbxD0J
      yub4BDGql1kc7GQGGYlgq1MSwiFFyYak7VgcqGcnrU+y1wVlfPRJPCo86M3uEMAh
      eHgeDWWbA4rMQD9+wF1Ez+o=
      -----END ENCRYPTED PRIVATE KEY-----
      """;

  @TempDir private Path folder;

  private TlsConfig config(@Nullable String password, @Nullable Path authorities) {
    return new TlsConfig(
        "ssl_options",
        new TlsConfig.Identity(
            folder.resolve("server.pem"), folder.resolve("server.key"), password),
        List.of(),
        authorities,
        new TlsConfig.Peers(authorities != null, false, 10, TlsConfig.Revocation.FALSE, null),
        List.of("TLSv1.3"),
        List.of(),
        true,
        Duration.ofSeconds(5));
  }

  private void writeKey(String label, byte[] der) throws Exception {
    Files.writeString(
        folder.resolve("server.key"),
        "some text before it\n-----BEGIN %s-----\n%s\n-----END %s-----\n"
            .formatted(label, Base64.getMimeEncoder().encodeToString(der), label));
  }

  @Test
  @DisplayName("keys in the forms from before PKCS #8 are read")
  void oldForms() throws Exception {
    PrivateKey rsa = keys("RSA", null);
    byte[] pkcs8 = rsa.getEncoded();
    // What is in the last element of it.
    writeKey("RSA PRIVATE KEY", Arrays.copyOfRange(pkcs8, 26, pkcs8.length));
    assertThat(PrivateKeys.read(folder.resolve("server.key"), null)).isEqualTo(rsa);

    PrivateKey ec = keys("EC", "secp256r1");
    byte[] scalar = new byte[32];
    byte[] s = ((ECPrivateKey) ec).getS().toByteArray();
    int length = Math.min(32, s.length);
    System.arraycopy(s, s.length - length, scalar, 32 - length, length);
    writeKey(
        "EC PRIVATE KEY",
        Der.sequence(
            Der.number(1), Der.octets(scalar), Der.element(0xA0, Der.oid("1.2.840.10045.3.1.7"))));
    assertThat(((ECPrivateKey) PrivateKeys.read(folder.resolve("server.key"), null)).getS())
        .isEqualTo(((ECPrivateKey) ec).getS());
  }

  private static PrivateKey keys(String algorithm, @Nullable String curve) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    if (curve == null) {
      generator.initialize(2048);
    } else {
      generator.initialize(new ECGenParameterSpec(curve));
    }
    return generator.generateKeyPair().getPrivate();
  }

  @ParameterizedTest
  @ValueSource(strings = {OLD_ENCRYPTED, ENCRYPTED})
  @DisplayName("a key that OpenSSL has encrypted is read with its password, and with no other")
  void encrypted(String key) throws Exception {
    Path file = Files.writeString(folder.resolve("server.key"), key);
    assertThat(PrivateKeys.read(file, "secret").getAlgorithm()).isEqualTo("RSA");
    assertThatThrownBy(() -> PrivateKeys.read(file, "wrong"))
        .isInstanceOf(BadTlsFile.class)
        .hasMessageContaining("the password does not fit");
    ROOT.server("encrypted").write(folder, "other");
    Files.copy(folder.resolve("other.pem"), folder.resolve("server.pem"));
    refused(config(null, null), "server.key: the key in it is encrypted, and no password is set");
  }

  @ParameterizedTest
  @ValueSource(strings = {"server.pem", "server.key", "ca.pem"})
  @DisplayName("each file that is missing, empty, no PEM or damaged is named with what is wrong")
  void broken(String file) throws Exception {
    ROOT.server("broken").write(folder, "server");
    Path authorities = ROOT.write(folder.resolve("ca.pem"));
    TlsConfig config = config(null, authorities);
    TlsFiles.read(config);

    Path broken = folder.resolve(file);
    String content = Files.readString(broken);
    Files.writeString(broken, "");
    refused(config, file + ": there is no ");
    Files.writeString(broken, content.replaceAll("(?m)^M.*", "MAAA"));
    refused(config, file + ": ");
    Files.writeString(broken, content.replaceAll("(?m)^M", "?"));
    refused(config, file + ": a block of it is not Base64");
    Files.delete(broken);
    refused(config, file + ": there is no such file");
    Files.createDirectory(broken);
    refused(config, file + ": it cannot be read");
  }

  @Test
  @DisplayName("a key of another certificate is refused")
  void anotherKey() throws Exception {
    ROOT.server("one").write(folder, "server");
    Files.writeString(folder.resolve("keep.pem"), Files.readString(folder.resolve("server.pem")));
    ROOT.server("two").write(folder, "server");
    Files.move(
        folder.resolve("keep.pem"),
        folder.resolve("server.pem"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    refused(config(null, null), "server.key: it is not the key of the certificate in");
  }

  private static void refused(TlsConfig config, String says) {
    assertThatThrownBy(() -> TlsFiles.read(config))
        .isInstanceOf(StartupException.class)
        .hasMessageStartingWith("ssl_options.")
        .hasMessageContaining(says);
  }

  @Test
  @DisplayName("files that change are read again, and what is wrong with them changes nothing")
  void refreshed() throws Exception {
    ROOT.server("first").write(folder, "server");
    try (ServerTls tls = new ServerTls(config(null, null))) {
      tls.refresh();
      assertThat(subject(tls)).isEqualTo("CN=first");

      Files.writeString(folder.resolve("server.key"), "nothing");
      tls.refresh();
      tls.refresh();
      assertThat(subject(tls)).isEqualTo("CN=first");

      ROOT.server("second").write(folder, "server");
      Files.setLastModifiedTime(
          folder.resolve("server.key"), FileTime.from(Instant.now().plusSeconds(5)));
      tls.refresh();
      assertThat(subject(tls)).isEqualTo("CN=second");
    }
  }

  private static String subject(ServerTls tls) {
    return tls.certificate().getSubjectX500Principal().getName();
  }
}
