package org.warrenmq.broker.auth;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/** The other end of a connection, which somebody wants to log in from. Immutable. */
public record Peer(InetAddress address, int port) {
  public static Peer at(InetSocketAddress address) {
    return new Peer(address.getAddress(), address.getPort());
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
