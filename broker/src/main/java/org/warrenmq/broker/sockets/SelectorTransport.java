package org.warrenmq.broker.sockets;

import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;
import io.vertx.core.impl.transports.NioTransport;
import io.vertx.core.transport.Transport;
import org.jspecify.annotations.Nullable;

/** Vert.x's transport on Java's selectors, for systems without epoll. */
public final class SelectorTransport implements Transport {
  private final Listening listening;

  public SelectorTransport(Listening listening) {
    this.listening = listening;
  }

  @Override
  public String name() {
    return NIO.name();
  }

  @Override
  public boolean available() {
    return true;
  }

  @Override
  public @Nullable Throwable unavailabilityCause() {
    return null;
  }

  @Override
  public io.vertx.core.spi.transport.Transport implementation() {
    return new NioTransport() {
      @Override
      public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
        return listening.nio(super.serverChannelFactory(domainSocket));
      }
    };
  }
}
