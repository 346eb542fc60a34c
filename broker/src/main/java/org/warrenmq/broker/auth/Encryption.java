package org.warrenmq.broker.auth;

import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;

/**
 * What a client and the broker have agreed on for a connection. Immutable.
 *
 * @param protocol version of TLS
 * @param cipher the suite
 * @param certificate the client's own, checked; null where it has shown none
 */
public record Encryption(String protocol, String cipher, @Nullable X509Certificate certificate) {}
