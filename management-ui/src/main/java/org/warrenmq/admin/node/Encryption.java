package org.warrenmq.admin.node;

import io.netty.channel.Channel;

/** Lets users in by TLS, with the node's certificates. */
public interface Encryption {
  /**
   * Puts TLS between a socket that was just accepted and whoever speaks through it, at the front of
   * its pipeline; it closes the socket when the two sides do not agree in time. On the socket's
   * event loop.
   */
  void begin(Channel socket);
}
