package org.warrenmq.broker.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.warrenmq.broker.tls.TestAuthority;

/** Which name of a certificate is the user's. */
class CertificateNameTest {
  private static final TestAuthority ROOT = TestAuthority.root("root");

  private static final X509Certificate FULL =
      ROOT.issue(
              Duration.ofDays(1),
              List.of("C=DE", "O=Warren, Inc.", "OU=one", "CN=first", "CN=second", "E=a@b.c"),
              "dns:one.example",
              "mail:first@example",
              "dns:two.example",
              "uri:urn:app",
              "ip:192.0.2.7",
              "other:name@realm")
          .certificate();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "DISTINGUISHED_NAME|DNS|0|EMAILADDRESS=a@b.c,CN=second,CN=first,OU=one,O=Warren\\,"
            + " Inc.,C=DE",
        "COMMON_NAME|DNS|0|first,second",
        "SUBJECT_ALTERNATIVE_NAME|DNS|0|one.example",
        "SUBJECT_ALTERNATIVE_NAME|DNS|1|two.example",
        "SUBJECT_ALT_NAME|EMAIL|0|first@example",
        "SUBJECT_ALT_NAME|URI|0|urn:app",
        "SUBJECT_ALT_NAME|IP|0|192.0.2.7",
        "SUBJECT_ALT_NAME|OTHER_NAME|0|name@realm",
      })
  @DisplayName("each name a certificate can have")
  void names(CertificateName.Source source, CertificateName.Type type, int index, String name) {
    assertThat(new CertificateName(source, type, index).of(FULL)).isEqualTo(name);
  }

  @Test
  @DisplayName("where it is not there, there is none")
  void none() {
    X509Certificate bare = ROOT.issue(Duration.ofDays(1), List.of("O=only")).certificate();
    for (CertificateName.Source source : CertificateName.Source.values()) {
      if (source != CertificateName.Source.DISTINGUISHED_NAME) {
        assertThat(new CertificateName(source, CertificateName.Type.DNS, 0).of(bare)).isNull();
      }
    }
    assertThat(
            new CertificateName(
                    CertificateName.Source.SUBJECT_ALT_NAME, CertificateName.Type.DNS, 2)
                .of(FULL))
        .isNull();
  }
}
