package org.warrenmq.broker.auth;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The other end of a connection, which somebody wants to log in from. Immutable.
 *
 * @param encryption null where there is none
 */
public record Peer(InetAddress address, int port, @Nullable Encryption encryption) {
  /** By a plain connection. */
  public Peer(InetAddress address, int port) {
    this(address, port, null);
  }

  public static Peer at(InetSocketAddress address, @Nullable Encryption encryption) {
    return new Peer(address.getAddress(), address.getPort(), encryption);
  }

  /** Whether it is on this machine. */
  public boolean isLoopback() {
    return address.isLoopbackAddress();
  }

  /** As addresses are shown everywhere. */
  @Override
  public String toString() {
    return new InetSocketAddress(address, port).toString();
  }
}
