package org.warrenmq.broker.auth;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The ways to log in that clients are offered, with what they go by. Immutable, any thread.
 *
 * @param offered in the order in which clients are told
 * @param certificateName which name in a certificate is the user's, for EXTERNAL
 * @param anonymous as whom those come who do not say who they are; null: nobody
 */
public record SaslMechanisms(
    List<SaslMechanism> offered,
    CertificateName certificateName,
    Credentials.@Nullable Password anonymous) {

  /** What holds where nothing is set. */
  public static final SaslMechanisms DEFAULTS =
      new SaslMechanisms(
          List.of(SaslMechanism.PLAIN, SaslMechanism.AMQPLAIN),
          CertificateName.DEFAULT,
          new Credentials.Password("guest", "guest"));

  public SaslMechanisms {
    offered = List.copyOf(offered);
  }

  /** With others offered. */
  public SaslMechanisms offering(List<SaslMechanism> others) {
    return new SaslMechanisms(others, certificateName, anonymous);
  }

  /** Their names, as connection.start has them. EXTERNAL takes TLS, with or without certificate. */
  public String namesFor(Peer peer) {
    return offered.stream()
        .filter(mechanism -> mechanism.isFor(peer))
        .map(Enum::name)
        .collect(Collectors.joining(" "));
  }

  /** The mechanism of that name, or null where it is not offered. */
  public @Nullable SaslMechanism named(String name, Peer peer) {
    for (SaslMechanism mechanism : offered) {
      if (mechanism.name().equals(name) && mechanism.isFor(peer)) {
        return mechanism;
      }
    }
    return null;
  }
}
