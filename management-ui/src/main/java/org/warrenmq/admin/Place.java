package org.warrenmq.admin;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One of the connections that there may be, and what it is waited for there: stands at the front of
 * its pipeline, before TLS, and sees what comes in and when. Runs on the event loop of the HTTP
 * API, which owns it.
 *
 * <p>Who is slow with a head has it until its time is up. What is slow with a body is the matter of
 * {@link Exchanges}, which asks for {@link #octets}.
 */
final class Place extends ChannelInboundHandlerAdapter {
  private final Channel socket;
  private final long headMillis;

  /** Null while there is none. */
  private @Nullable HttpServerRequest request;

  /** Null while no head is waited for. */
  private @Nullable ScheduledFuture<?> deadline;

  /** Whether the next request came in part while the last one was carried out. */
  private boolean more;

  private long octets;

  /**
   * @param headMillis after which the head of a request is here
   */
  Place(Channel socket, long headMillis) {
    this.socket = socket;
    this.headMillis = headMillis;
  }

  /** A head is waited for from now on. */
  void awaitHead() {
    if (deadline == null) {
      deadline = socket.eventLoop().schedule(this::close, headMillis, TimeUnit.MILLISECONDS);
    }
  }

  private void stopWaiting() {
    if (deadline != null) {
      deadline.cancel(false);
      deadline = null;
    }
  }

  /** A request has begun. */
  void begin(HttpServerRequest begun) {
    stopWaiting();
    request = begun;
    more = false;
  }

  /** It was answered. */
  void end(HttpServerRequest ended) {
    if (request == ended) {
      request = null;
      if (more) {
        awaitHead();
      }
    }
  }

  /** Whether somebody waits for an answer here. */
  boolean isInUse() {
    return request != null;
  }

  /** Whether a head is waited for, part of which may be here. */
  boolean lacksHead() {
    return deadline != null;
  }

  /** Whether a request is waited for of which the head is here. */
  boolean lacksBody() {
    return request != null && !request.isEnded();
  }

  /** After which the head of a request is here. */
  long headMillis() {
    return headMillis;
  }

  /** How many have come in. */
  long octets() {
    return octets;
  }

  void close() {
    stopWaiting();
    socket.close();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object read) {
    if (read instanceof ByteBuf bytes) {
      octets += bytes.readableBytes();
    }
    HttpServerRequest now = request;
    if (now == null) {
      awaitHead();
    } else {
      more |= now.isEnded();
    }
    context.fireChannelRead(read);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    stopWaiting();
    context.fireChannelInactive();
  }
}
