package org.warrenmq.benchmarks.topology;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.ChannelMethod;
import org.warrenmq.codec.ConnectionMethod;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FrameDecoder;
import org.warrenmq.codec.FrameEncoder;
import org.warrenmq.codec.FrameListener;
import org.warrenmq.codec.KeyInterner;
import org.warrenmq.codec.Method;
import org.warrenmq.codec.ProtocolHeader;
import org.warrenmq.codec.QueueMethod;

/**
 * A process of its own that says yes to a connection, a channel and a queue, has none of them, and
 * closes each socket as soon as it reads its end: the least that a server can do when its clients
 * drop. One thread does everything; the main thread waits for the parent to go.
 *
 * <p>It prints {@code PORT n} when it listens and {@code EMPTY} whenever its last connection is
 * closed.
 */
final class Sink {
  static final String PORT = "PORT ";
  static final String EMPTY = "EMPTY";

  private static final int FRAME_MAX = 131_072;
  private static final int BACKLOG = 4096;

  /** Open connections; the event loop's own. */
  private int open;

  private Sink() {}

  /** No arguments. */
  public static void main(String[] arguments) throws Exception {
    boolean epoll = Epoll.isAvailable();
    IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, io);
    Sink sink = new Sink();
    Channel listener =
        new ServerBootstrap()
            .group(loop)
            .channel(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel accepted) {
                    accepted.pipeline().addLast(sink.new Peer());
                  }
                })
            .bind("127.0.0.1", 0)
            .sync()
            .channel();
    say(PORT + ((InetSocketAddress) listener.localAddress()).getPort());
    // Until it is killed, or its parent is gone and the pipe to it closed.
    while (System.in.read() >= 0) {
      Thread.onSpinWait();
    }
    Runtime.getRuntime().halt(0);
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  /** One connection; runs on the event loop. */
  private final class Peer extends ChannelInboundHandlerAdapter implements FrameListener {
    private @Nullable FrameDecoder decoder;
    private @Nullable ByteBuf answers;
    private int headerMissing = ProtocolHeader.SIZE;

    @Override
    public void channelActive(ChannelHandlerContext context) {
      open++;
      decoder = new FrameDecoder(this, new KeyInterner(1), FRAME_MAX);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ByteBuf in = (ByteBuf) message;
      answers = context.alloc().directBuffer();
      if (headerMissing > 0) {
        int part = Math.min(headerMissing, in.readableBytes());
        in.skipBytes(part);
        headerMissing -= part;
        if (headerMissing == 0) {
          answer(0, new ConnectionMethod.Start(0, 9, FieldTable.EMPTY, "PLAIN", "en_US"));
        }
      }
      FrameDecoder frames = decoder;
      if (frames != null) {
        frames.decode(in);
      }
      in.release();
      context.writeAndFlush(answers);
      answers = null;
    }

    @Override
    public void method(int channel, Method method) {
      switch (method) {
        case ConnectionMethod.StartOk _ -> answer(0, new ConnectionMethod.Tune(2047, FRAME_MAX, 0));
        case ConnectionMethod.Open _ -> answer(0, new ConnectionMethod.OpenOk());
        case ChannelMethod.Open _ -> answer(channel, new ChannelMethod.OpenOk());
        case QueueMethod.Declare declare ->
            answer(channel, new QueueMethod.DeclareOk(declare.queue(), 0, 0));
        default -> {
          // Nothing else is asked for an answer.
        }
      }
    }

    private void answer(int channel, Method method) {
      ByteBuf out = answers;
      if (out != null) {
        FrameEncoder.method(out, channel, method);
      }
    }

    @Override
    public void header(int channel, int classId, int weight, long bodySize, ByteBuf properties) {
      // Nobody publishes here.
    }

    @Override
    public void body(int channel, ByteBuf payload) {
      // Nobody publishes here.
    }

    @Override
    public void heartbeat() {
      // Switched off.
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      FrameDecoder frames = decoder;
      if (frames != null) {
        frames.close();
      }
      if (--open == 0) {
        say(EMPTY);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}
