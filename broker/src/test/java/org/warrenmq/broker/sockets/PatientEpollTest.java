package org.warrenmq.broker.sockets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients of an echo server on one patient loop; the clients are plain sockets. */
class PatientEpollTest {
  private static final int LIMIT_MILLIS = 10_000;
  private static final int MANY = 200;

  private final AtomicInteger accepted = new AtomicInteger();
  private final AtomicInteger closed = new AtomicInteger();
  private final AtomicInteger bytesRead = new AtomicInteger();
  private final List<Socket> clients = new ArrayList<>();
  private EventLoopGroup loop;
  private Channel server;

  /** Sends back what it reads, with the number of sockets closed by then in front. */
  private final class Echo extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext context) {
      context.channel().closeFuture().addListener(_ -> closed());
      accepted.incrementAndGet();
    }

    private void closed() {
      // Long enough to be noticed when many of them go before something else.
      LockSupport.parkNanos(1_000_000);
      closed.incrementAndGet();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      bytesRead.addAndGet(((ByteBuf) message).readableBytes());
      context.write(context.alloc().buffer().writeByte(closed.get()));
      context.writeAndFlush(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }

  @BeforeEach
  void start() throws Exception {
    PatientTransport transport =
        new PatientTransport(
            Listening.on(List.of("127.0.0.1"), new Admission(100_000, () -> false)));
    assumeThat(transport.available()).as("epoll").isTrue();
    loop = new MultiThreadIoEventLoopGroup(1, transport.implementation().ioHandlerFactory());
    server =
        new ServerBootstrap()
            .group(loop)
            .channel(EpollServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(new Echo());
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .sync()
            .channel();
  }

  @AfterEach
  void stop() throws IOException {
    for (Socket client : clients) {
      client.close();
    }
    if (loop != null) {
      loop.shutdownGracefully(0, LIMIT_MILLIS, TimeUnit.MILLISECONDS).awaitUninterruptibly();
    }
  }

  private Socket connect() throws Exception {
    InetSocketAddress address = (InetSocketAddress) server.localAddress();
    Socket client = new Socket(address.getAddress(), address.getPort());
    clients.add(client);
    client.setSoTimeout(LIMIT_MILLIS);
    client.setTcpNoDelay(true);
    await(accepted, clients.size());
    return client;
  }

  private static void await(AtomicInteger counter, int value) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LIMIT_MILLIS);
    while (counter.get() < value && System.nanoTime() - deadline < 0) {
      LockSupport.parkNanos(1_000_000);
    }
    assertThat(counter.get()).isEqualTo(value);
  }

  /** Does something while the loop is held, so that it sees all of it in one pass. */
  private void whileLoopIsHeld(Step step) throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    loop.execute(
        () -> {
          held.countDown();
          try {
            go.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    held.await();
    try {
      step.run();
    } finally {
      go.countDown();
    }
  }

  @FunctionalInterface
  private interface Step {
    void run() throws Exception;
  }

  private static void end(Socket client, boolean reset) throws IOException {
    if (reset) {
      client.setSoLinger(true, 0);
    }
    client.close();
  }

  @ParameterizedTest(name = "reset: {0}")
  @ValueSource(booleans = {false, true})
  @DisplayName(
      "a request behind many ends is answered before most of them are over, and all get over")
  void othersGetTheirTurn(boolean reset) throws Exception {
    List<Socket> ending = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      ending.add(connect());
    }
    Socket other = connect();

    whileLoopIsHeld(
        () -> {
          for (Socket client : ending) {
            end(client, reset);
          }
          other.getOutputStream().write('?');
        });

    int closedByThen = other.getInputStream().read();
    assertThat(other.getInputStream().read()).isEqualTo('?');
    assertThat(closedByThen).isLessThan(MANY / 2);
    await(closed, MANY);
    other.getOutputStream().write('!');
    assertThat(other.getInputStream().read()).isEqualTo(MANY);
    assertThat(other.getInputStream().read()).isEqualTo('!');
  }

  @Test
  @DisplayName("everything that was sent before an end is read first")
  void readsUpToTheEnd() throws Exception {
    byte[] sent = new byte[50_000];
    Socket client = connect();
    whileLoopIsHeld(
        () -> {
          client.getOutputStream().write(sent);
          client.shutdownOutput();
        });

    await(closed, 1);
    assertThat(bytesRead.get()).isEqualTo(sent.length);
  }

  @Test
  @DisplayName("who closes its half only is closed altogether")
  void half() throws Exception {
    Socket client = connect();
    client.shutdownOutput();

    assertThat(client.getInputStream().read()).isEqualTo(-1);
    await(closed, 1);
  }

  @Test
  @DisplayName("a reset behind an end that waits")
  void twoEnds() throws Exception {
    List<Socket> ending = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      ending.add(connect());
    }
    whileLoopIsHeld(
        () -> {
          for (Socket client : ending) {
            client.shutdownOutput();
          }
        });
    for (Socket client : ending) {
      end(client, true);
    }

    await(closed, MANY);
  }

  @Test
  @DisplayName("a loop that stops closes the sockets whose ends wait")
  void stopping() throws Exception {
    for (int i = 0; i < MANY; i++) {
      connect();
    }
    whileLoopIsHeld(
        () -> {
          for (Socket client : clients) {
            end(client, true);
          }
          loop.shutdownGracefully(50, LIMIT_MILLIS, TimeUnit.MILLISECONDS);
        });

    assertThat(loop.awaitTermination(LIMIT_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
    assertThat(closed.get()).isEqualTo(MANY);
  }
}
