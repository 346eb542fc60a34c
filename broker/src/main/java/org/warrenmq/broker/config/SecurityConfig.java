package org.warrenmq.broker.config;

import org.jspecify.annotations.Nullable;

/**
 * How clients are told who they talk to, and how the broker is told who they are. Immutable, any
 * thread.
 *
 * @param tls for the AMQP listeners that speak it; null where no certificate is configured
 */
public record SecurityConfig(@Nullable TlsConfig tls) {
  /** What holds where nothing is set. */
  public static final SecurityConfig DEFAULTS = new SecurityConfig(null);
}
