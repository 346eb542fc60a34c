package org.warrenmq.broker.sockets;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets in as many connections as there may be at once, while there is memory, and closes every
 * further one right where it was accepted. Without that, strangers who only connect take the last
 * file descriptor, and the store, which needs one for its next file, ends the node. Stands in the
 * pipelines of all listening sockets; any loop.
 */
@ChannelHandler.Sharable
public final class Admission extends ChannelInboundHandlerAdapter {
  private static final Logger log = LoggerFactory.getLogger(Admission.class);

  /** Refusals are told of this often at most. */
  private static final long LOG_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final int most;
  private final BooleanSupplier noMemory;
  private final AtomicInteger inside = new AtomicInteger();
  private long refused;
  private long toldAt;

  /**
   * For one node.
   *
   * @param most connections at once
   * @param noMemory whether there is none left for another one; asked on any loop
   */
  public Admission(int most, BooleanSupplier noMemory) {
    this.most = most;
    this.noMemory = noMemory;
    toldAt = System.nanoTime() - LOG_NANOS;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object accepted) {
    Channel socket = (Channel) accepted;
    if (inside.incrementAndGet() <= most && !noMemory.getAsBoolean()) {
      socket.closeFuture().addListener(this::left);
      context.fireChannelRead(accepted);
    } else {
      inside.decrementAndGet();
      socket.unsafe().closeForcibly();
      refused();
    }
  }

  private void left(Object ignored) {
    inside.decrementAndGet();
  }

  private synchronized void refused() {
    refused++;
    long now = System.nanoTime();
    if (now - toldAt >= LOG_NANOS) {
      log.warn(
          "{} connections refused: of {} that may be {} are there{}",
          refused,
          most,
          inside.get(),
          noMemory.getAsBoolean() ? ", and memory is used up" : "");
      refused = 0;
      toldAt = now;
    }
  }

  /** How many connections there are. */
  int inside() {
    return inside.get();
  }
}
