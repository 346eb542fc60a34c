package org.warrenmq.broker.sockets;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.vertx.core.spi.transport.Transport;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who gets in at a listening socket, on each transport. */
class AdmissionTest {
  private static final int MOST = 3;

  enum Kind {
    EPOLL {
      @Override
      Transport transport(Listening listening) {
        return new PatientTransport(listening).implementation();
      }
    },
    SELECTORS {
      @Override
      Transport transport(Listening listening) {
        return new SelectorTransport(listening).implementation();
      }
    };

    abstract Transport transport(Listening listening);
  }

  private final Admission admission = new Admission(MOST, () -> false);
  private final List<Socket> clients = new ArrayList<>();
  private EventLoopGroup loop;
  private int port;

  /** Tells those that got in by which protocol they did. */
  private static final class Hello extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext context) {
      InetSocketAddress peer = (InetSocketAddress) context.channel().remoteAddress();
      int version = peer.getAddress() instanceof Inet4Address ? 4 : 6;
      context.writeAndFlush(context.alloc().buffer().writeByte(version));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }

  private void listen(Kind kind, String host) throws Exception {
    Transport transport = kind.transport(Listening.on(List.of(host), admission));
    loop = new MultiThreadIoEventLoopGroup(1, transport.ioHandlerFactory());
    Channel server =
        new ServerBootstrap()
            .group(loop)
            .channelFactory(transport.serverChannelFactory(false))
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(new Hello());
                  }
                })
            .bind(host, 0)
            .sync()
            .channel();
    port = ((InetSocketAddress) server.localAddress()).getPort();
  }

  @AfterEach
  void stop() throws Exception {
    for (Socket client : clients) {
      client.close();
    }
    loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
  }

  private Socket connect(String address) throws IOException {
    Socket socket = new Socket();
    clients.add(socket);
    socket.connect(new InetSocketAddress(InetAddress.ofLiteral(address), port), 10_000);
    socket.setSoTimeout(10_000);
    return socket;
  }

  /** How a client gets in, or a negative number. */
  private int comesBy(String address) {
    try {
      return connect(address).getInputStream().read();
    } catch (IOException e) {
      return -1;
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("as many as may be are let in, others when one of those has gone")
  void bounded(Kind kind) throws Exception {
    listen(kind, "127.0.0.1");
    for (int i = 0; i < MOST; i++) {
      assertThat(comesBy("127.0.0.1")).isEqualTo(4);
    }
    for (int i = 0; i < 50; i++) {
      assertThat(comesBy("127.0.0.1")).isNegative();
    }
    assertThat(admission.inside()).isEqualTo(MOST);
    clients.getFirst().close();
    Awaitility.await("one has gone")
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> admission.inside() < MOST);
    assertThat(comesBy("127.0.0.1")).isEqualTo(4);
    assertThat(comesBy("127.0.0.1")).isNegative();
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("0.0.0.0 is all of IPv4 and nothing else")
  void ipv4(Kind kind) throws Exception {
    listen(kind, "0.0.0.0");
    assertThat(comesBy("127.0.0.1")).isEqualTo(4);
    assertThat(comesBy("::1")).isNegative();
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(":: is everything, and IPv4 clients come with their own address")
  void both(Kind kind) throws Exception {
    listen(kind, "::");
    assertThat(comesBy("::1")).isEqualTo(6);
    assertThat(comesBy("127.0.0.1")).isEqualTo(4);
  }
}
