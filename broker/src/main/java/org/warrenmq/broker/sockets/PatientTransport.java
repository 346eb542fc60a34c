package org.warrenmq.broker.sockets;

import io.netty.channel.ChannelFactory;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.ThreadAwareExecutor;
import io.vertx.core.impl.transports.EpollTransport;
import io.vertx.core.transport.Transport;
import org.jspecify.annotations.Nullable;

/** Vert.x's transport on epoll, on event loops that see their ended sockets off by and by. */
public final class PatientTransport implements Transport {
  private final EpollTransport epoll;

  public PatientTransport(Listening listening) {
    epoll = new OnPatientLoops(listening);
  }

  @Override
  public String name() {
    return EPOLL.name();
  }

  @Override
  public boolean available() {
    return epoll.isAvailable();
  }

  @Override
  public @Nullable Throwable unavailabilityCause() {
    return epoll.unavailabilityCause();
  }

  @Override
  public io.vertx.core.spi.transport.Transport implementation() {
    return epoll;
  }

  private static final class OnPatientLoops extends EpollTransport {
    private final Listening listening;

    OnPatientLoops(Listening listening) {
      this.listening = listening;
    }

    @Override
    public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
      return listening.epoll(super.serverChannelFactory(domainSocket));
    }

    @Override
    public IoHandlerFactory ioHandlerFactory() {
      IoHandlerFactory plain = EpollIoHandler.newFactory();
      return new IoHandlerFactory() {
        @Override
        public IoHandler newHandler(ThreadAwareExecutor executor) {
          return new PatientEpoll(plain.newHandler(executor));
        }

        @Override
        public boolean isChangingThreadSupported() {
          return plain.isChangingThreadSupported();
        }
      };
    }
  }
}
