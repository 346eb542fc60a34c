package org.warrenmq.broker.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.net.SocketAddress;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.broker.config.StartupException;
import org.warrenmq.broker.config.TlsConfig;

/**
 * TLS for the listeners that share a configuration: gives each accepted socket its part, and takes
 * other files or another configuration for those to come; who is connected keeps what was agreed.
 * Any thread; changed by one at a time.
 *
 * <p>What a handshake has to compute is done on two threads of their own: a thousand clients that
 * connect at once delay each other, and nobody else.
 */
public final class ServerTls implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ServerTls.class);

  /** Handshakes at once; a newcomer beyond that is closed. */
  private static final int MOST_HANDSHAKES = 1024;

  private static final int THREADS = 2;

  /** Up to date: with forward secrecy, authenticated. Older ones only where they are named. */
  private static final List<String> CIPHERS =
      List.of(
          "TLS_AES_256_GCM_SHA384",
          "TLS_AES_128_GCM_SHA256",
          "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  /** So many handshakes that fail are told of in such a time. */
  private static final int MOST_TOLD = 20;

  private static final long LOG_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final ExecutorService threads;
  private final AtomicInteger handshakes = new AtomicInteger();
  private volatile Current current;
  private long toldSince = System.nanoTime();
  private int told;

  private record Current(TlsConfig config, TlsFiles files, SslContext context) {}

  /**
   * @throws StartupException when its files are not what they have to be
   */
  public ServerTls(TlsConfig config) throws StartupException {
    current = made(config);
    log(current.files().certificate());
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().name("warren-tls-", 1).daemon().factory());
    pool.allowCoreThreadTimeOut(true);
    threads = pool;
  }

  private static Current made(TlsConfig config) throws StartupException {
    TlsFiles files = TlsFiles.read(config);
    SslContextBuilder builder =
        SslContextBuilder.forServer(files.keys())
            .sslProvider(SslProvider.JDK)
            .protocols(config.versions())
            .ciphers(ciphers(config), SupportedCipherSuiteFilter.INSTANCE);
    if (files.trust() != null) {
      builder
          .trustManager(files.trust())
          .clientAuth(config.peers().required() ? ClientAuth.REQUIRE : ClientAuth.OPTIONAL);
    }
    try {
      return new Current(config, files, builder.build());
    } catch (SSLException e) {
      throw new StartupException("%s: %s".formatted(config.key(), e.getMessage()), e);
    }
  }

  private static List<String> ciphers(TlsConfig config) throws StartupException {
    if (config.ciphers().isEmpty()) {
      return CIPHERS;
    }
    Set<String> known;
    try {
      SSLParameters all = SSLContext.getDefault().getSupportedSSLParameters();
      known = new HashSet<>(Arrays.asList(all.getCipherSuites()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has TLS", e);
    }
    List<String> usable = config.ciphers().stream().filter(known::contains).toList();
    if (usable.isEmpty()) {
      throw new StartupException(
          "%s.ciphers = %s: Java has none of these".formatted(config.key(), config.ciphers()));
    }
    if (usable.size() < config.ciphers().size()) {
      List<String> others = config.ciphers().stream().filter(one -> !known.contains(one)).toList();
      log.warn("{}.ciphers: Java has no {}", config.key(), String.join(", ", others));
    }
    return usable;
  }

  private static void log(X509Certificate certificate) {
    log.info(
        "TLS as {}, until {}",
        certificate.getSubjectX500Principal().getName(),
        certificate.getNotAfter().toInstant());
  }

  /**
   * Reads another configuration, or the same with other files.
   *
   * @return takes it; what is under way goes on
   * @throws StartupException when it is not what it has to be
   */
  public Runnable prepare(TlsConfig config) throws StartupException {
    Current next = made(config);
    return () -> take(next);
  }

  private synchronized void take(Current next) {
    current = next;
    log(next.files().certificate());
  }

  /** Reads the files again if they have changed; what is wrong with them is told once. */
  public synchronized void refresh() {
    Current last = current;
    if (!last.files().haveChanged(last.config())) {
      return;
    }
    try {
      take(made(last.config()));
    } catch (StartupException e) {
      log.error("TLS goes on with the old certificate: {}", e.getMessage());
      TlsFiles old = last.files();
      current =
          new Current(
              last.config(),
              new TlsFiles(
                  old.keys(), old.trust(), old.certificate(), TlsFiles.stamps(last.config())),
              last.context());
    }
  }

  /** The broker's certificate, for those to come. */
  public X509Certificate certificate() {
    return current.files().certificate();
  }

  /** Chooses the broker's certificate, for those to come; for a server that is not Netty's own. */
  public KeyManager keys() {
    return current.files().keys();
  }

  /** Checks those of clients, for the same; null where they are not asked for any. */
  public @Nullable TrustManager trust() {
    return current.files().trust();
  }

  /** What a new socket needs. */
  SslHandler handler(ByteBufAllocator allocator) {
    Current now = current;
    SslHandler handler = now.context().newHandler(allocator, threads);
    SSLParameters parameters = handler.engine().getSSLParameters();
    parameters.setUseCipherSuitesOrder(now.config().ownOrder());
    handler.engine().setSSLParameters(parameters);
    handler.setHandshakeTimeoutMillis(now.config().handshakeTimeout().toMillis());
    return handler;
  }

  /** One has failed: a line in the log, while there are not too many. Any thread. */
  synchronized void failed(SocketAddress peer, String why) {
    long now = System.nanoTime();
    if (now - toldSince > LOG_NANOS) {
      if (told > MOST_TOLD) {
        log.warn("{} more TLS handshakes failed", told - MOST_TOLD);
      }
      toldSince = now;
      told = 0;
    }
    if (told++ < MOST_TOLD) {
      log.warn("TLS handshake with {} failed: {}", peer, why);
    }
  }

  /** A handshake begins; false when there are too many. */
  boolean enter() {
    if (handshakes.incrementAndGet() <= MOST_HANDSHAKES) {
      return true;
    }
    handshakes.decrementAndGet();
    return false;
  }

  /** One that began is over. */
  void leave() {
    handshakes.decrementAndGet();
  }

  /** After all sockets are closed. */
  @Override
  public void close() {
    threads.shutdownNow();
  }
}
