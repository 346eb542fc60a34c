/** How listeners speak TLS: certificates, keys, revocation lists, and the handshake. */
@NullMarked
package org.warrenmq.broker.tls;

import org.jspecify.annotations.NullMarked;
