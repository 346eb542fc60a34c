package org.warrenmq.broker.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a listener needs to speak TLS, as it was configured: nothing of it is read yet. Immutable,
 * any thread.
 *
 * @param key what all keys of rabbitmq.conf begin with that this is from, for messages
 * @param identity who the broker says it is
 * @param named further ones, for clients that ask for a name that is in one of their certificates
 * @param cacertfile authorities: those of clients' certificates, and those between the broker's own
 *     and the root; null for none
 * @param peers what is asked of clients
 * @param versions of the protocol, by Java's names; one at least
 * @param ciphers by Java's names, in their order; empty: all that are up to date
 * @param ownOrder whether the order of ciphers is the broker's or the client's
 * @param handshakeTimeout how long a client has to agree on all that
 */
public record TlsConfig(
    String key,
    Identity identity,
    List<Identity> named,
    @Nullable Path cacertfile,
    Peers peers,
    List<String> versions,
    List<String> ciphers,
    boolean ownOrder,
    Duration handshakeTimeout) {

  public TlsConfig {
    named = List.copyOf(named);
    versions = List.copyOf(versions);
    ciphers = List.copyOf(ciphers);
  }

  /**
   * A certificate with its key.
   *
   * @param certfile the certificate, and those above it; PEM
   * @param keyfile PEM
   * @param password of that; null where it has none
   */
  public record Identity(Path certfile, Path keyfile, @Nullable String password) {
    /** Without the password: this may end up in a log. */
    @Override
    public String toString() {
      return "Identity[" + certfile + ", " + keyfile + "]";
    }
  }

  /**
   * What is asked of clients.
   *
   * @param asked whether they are asked for a certificate, which is checked when they have one
   * @param required whether they must have one
   * @param depth how many authorities there may be between theirs and one of ours
   * @param revocation whether certificates are looked up in revocation lists
   * @param crlFolder where these are; null for none
   */
  public record Peers(
      boolean asked,
      boolean required,
      int depth,
      Revocation revocation,
      @Nullable Path crlFolder) {}

  /** How certificates are looked up in revocation lists, by the values of crl_check. */
  public enum Revocation {
    /** Not at all. */
    FALSE,
    /** All of them; one that no list is there for counts as revoked. */
    TRUE,
    /** The client's own only. */
    PEER,
    /** All of them, as far as there are lists. */
    BEST_EFFORT
  }
}
