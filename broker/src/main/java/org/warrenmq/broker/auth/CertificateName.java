package org.warrenmq.broker.auth;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.naming.NamingException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * Which name in a client's certificate is the user's. Immutable, any thread.
 *
 * @param source where it is
 * @param type of an alternative name
 * @param index of one among those of its type, counted from 0
 */
public record CertificateName(Source source, Type type, int index) {
  public static final CertificateName DEFAULT =
      new CertificateName(Source.DISTINGUISHED_NAME, Type.DNS, 0);

  /** Where a name may be, by RabbitMQ's words. */
  public enum Source {
    DISTINGUISHED_NAME,
    COMMON_NAME,
    SUBJECT_ALTERNATIVE_NAME,
    /** The same. */
    SUBJECT_ALT_NAME
  }

  /** Types of alternative names, by RabbitMQ's words. */
  public enum Type {
    DNS(2),
    IP(7),
    EMAIL(1),
    URI(6),
    OTHER_NAME(0);

    private final int number;

    Type(int number) {
      this.number = number;
    }
  }

  /** Where the octets of another name are followed by its type and its text. */
  private static final int OTHER_TEXT = 3;

  /** What RabbitMQ calls the parts of a name, beside those that RFC 2253 has words for. */
  private static final Map<String, String> KEYWORDS =
      Map.of(
          "2.5.4.4", "SN",
          "2.5.4.5", "SERIALNUMBER",
          "2.5.4.12", "TITLE",
          "2.5.4.42", "GIVENNAME",
          "2.5.4.43", "INITIALS",
          "2.5.4.44", "GENERATIONQUALIFIER",
          "2.5.4.65", "PSEUDONYM",
          "1.2.840.113549.1.9.1", "EMAILADDRESS");

  /** The user's name, or null where there is none. */
  @Nullable String of(X509Certificate certificate) {
    return switch (source) {
      case DISTINGUISHED_NAME ->
          certificate.getSubjectX500Principal().getName(X500Principal.RFC2253, KEYWORDS);
      case COMMON_NAME -> commonName(certificate);
      case SUBJECT_ALTERNATIVE_NAME, SUBJECT_ALT_NAME -> alternative(certificate);
    };
  }

  /** Several are one name, with commas, as with RabbitMQ. */
  private static @Nullable String commonName(X509Certificate certificate) {
    try {
      List<Rdn> parts = new LdapName(certificate.getSubjectX500Principal().getName()).getRdns();
      List<String> names = new ArrayList<>();
      for (Rdn part : parts) {
        var attribute = part.toAttributes().get("CN");
        if (attribute != null) {
          names.add(String.valueOf(attribute.get()));
        }
      }
      return names.isEmpty() ? null : String.join(",", names);
    } catch (NamingException e) {
      return null;
    }
  }

  private @Nullable String alternative(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      if (names == null) {
        return null;
      }
      List<String> ofType =
          names.stream()
              .filter(name -> Integer.valueOf(type.number).equals(name.getFirst()))
              .map(CertificateName::text)
              .collect(Collectors.toList());
      return index < ofType.size() ? ofType.get(index) : null;
    } catch (CertificateParsingException e) {
      return null;
    }
  }

  private static String text(List<?> name) {
    return String.valueOf(name.size() > OTHER_TEXT ? name.get(OTHER_TEXT) : name.get(1));
  }
}
