package org.warrenmq.broker.sockets;

import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.channels.spi.SelectorProvider;
import java.util.Collection;

/**
 * What is special about a node's listening sockets; immutable.
 *
 * @param admission who is let in
 * @param onlyIpv4 whether they take connections by IPv4 alone. Java would listen on all addresses
 *     of both kinds when told to listen on 0.0.0.0; to whoever wrote that, it is all of IPv4
 */
public record Listening(Admission admission, boolean onlyIpv4) {
  private static final String ALL_OF_IPV4 = "0.0.0.0";

  /** For addresses as they stand in the configuration. */
  public static Listening on(Collection<String> hosts, Admission admission) {
    return new Listening(
        admission, hosts.contains(ALL_OF_IPV4) || hosts.stream().allMatch(Listening::isIpv4));
  }

  private static boolean isIpv4(String host) {
    try {
      return InetAddress.ofLiteral(host) instanceof Inet4Address;
    } catch (IllegalArgumentException e) {
      // The name of a host, which may have addresses of both kinds.
      return false;
    }
  }

  ChannelFactory<ServerChannel> epoll(ChannelFactory<? extends ServerChannel> other) {
    return guarded(
        onlyIpv4 ? () -> new EpollServerSocketChannel(SocketProtocolFamily.INET) : other);
  }

  ChannelFactory<ServerChannel> nio(ChannelFactory<? extends ServerChannel> other) {
    return guarded(
        onlyIpv4
            ? () ->
                new NioServerSocketChannel(SelectorProvider.provider(), SocketProtocolFamily.INET)
            : other);
  }

  private ChannelFactory<ServerChannel> guarded(ChannelFactory<? extends ServerChannel> made) {
    return () -> {
      ServerChannel channel = made.newChannel();
      channel.pipeline().addLast(admission);
      return channel;
    };
  }
}
