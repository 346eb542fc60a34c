package org.warrenmq.broker.tls;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.function.Function;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.broker.auth.Encryption;

/**
 * Stands behind TLS in an accepted socket's pipeline until that is agreed on, and gives its place
 * to who speaks through it then, or just leaves it. Runs on the socket's event loop.
 */
public final class TlsHandshake extends ChannelInboundHandlerAdapter {
  private static final Logger log = LoggerFactory.getLogger(TlsHandshake.class);

  private final ServerTls tls;

  /** Null where those who speak through it are there already. */
  private final @Nullable Function<Encryption, ChannelHandler> next;

  private @Nullable SslHandler handler;
  private boolean over;

  private TlsHandshake(ServerTls tls, @Nullable Function<Encryption, ChannelHandler> next) {
    this.tls = tls;
    this.next = next;
  }

  /**
   * Begins it, in the place of a handler.
   *
   * @param next makes who takes that place when TLS is agreed on
   */
  public static void begin(
      ChannelHandlerContext place, ServerTls tls, Function<Encryption, ChannelHandler> next) {
    TlsHandshake handshake = entered(place.channel(), tls, next);
    if (handshake != null) {
      place.pipeline().replace(place.name(), "handshake", handshake);
      handshake.addTls(place.channel());
    }
  }

  /** Begins it before whoever is in a socket's pipeline. */
  public static void beginFirst(Channel socket, ServerTls tls) {
    TlsHandshake handshake = entered(socket, tls, null);
    if (handshake != null) {
      socket.pipeline().addFirst("handshake", handshake);
      handshake.addTls(socket);
    }
  }

  private static @Nullable TlsHandshake entered(
      Channel socket, ServerTls tls, @Nullable Function<Encryption, ChannelHandler> next) {
    if (tls.enter()) {
      return new TlsHandshake(tls, next);
    }
    log.warn("{} is closed: too many TLS handshakes at once", socket.remoteAddress());
    socket.close();
    return null;
  }

  private void addTls(Channel socket) {
    SslHandler made = tls.handler(socket.alloc());
    handler = made;
    socket.pipeline().addBefore("handshake", "tls", made);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof SslHandshakeCompletionEvent completion) {
      if (completion.isSuccess()) {
        leave();
        if (next == null) {
          context.pipeline().remove(this);
        } else {
          context.pipeline().replace(this, "amqp", next.apply(encryption()));
        }
      } else {
        failed(context, completion.cause());
      }
    } else {
      context.fireUserEventTriggered(event);
    }
  }

  private Encryption encryption() {
    SslHandler done = handler;
    if (done == null) {
      throw new IllegalStateException("TLS has not begun");
    }
    SSLSession session = done.engine().getSession();
    return new Encryption(session.getProtocol(), session.getCipherSuite(), certificate(session));
  }

  private static @Nullable X509Certificate certificate(SSLSession session) {
    try {
      Certificate[] chain = session.getPeerCertificates();
      return chain[0] instanceof X509Certificate own ? own : null;
    } catch (SSLPeerUnverifiedException e) {
      // It was not asked for one, or had none.
      return null;
    }
  }

  private void failed(ChannelHandlerContext context, Throwable cause) {
    if (!over) {
      tls.failed(context.channel().remoteAddress(), reason(cause));
      leave();
    }
    context.close();
  }

  private static String reason(Throwable cause) {
    if (cause instanceof NotSslRecordException) {
      return "the client does not speak TLS";
    }
    Throwable inner = cause;
    while (inner.getCause() != null && inner.getCause() != inner) {
      inner = inner.getCause();
    }
    return inner.getMessage() == null ? inner.getClass().getSimpleName() : inner.getMessage();
  }

  private void leave() {
    if (!over) {
      over = true;
      tls.leave();
    }
  }

  /** Whatever TLS throws, the handshake has failed by it. */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    failed(context, cause);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    leave();
    context.fireChannelInactive();
  }
}
