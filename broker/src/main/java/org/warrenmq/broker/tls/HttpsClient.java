package org.warrenmq.broker.tls;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.config.BackendConfig.ClientTls;
import org.warrenmq.broker.config.StartupException;
import org.warrenmq.broker.config.TlsConfig.Identity;

/**
 * Makes clients for HTTP that the broker asks others by; they answer on a thread of their own.
 * Stateless, any thread.
 */
public final class HttpsClient {
  private HttpsClient() {}

  /**
   * @throws StartupException when a file of TLS is not what it has to be
   */
  public static HttpClient of(ClientTls tls, Duration connectionTimeout) throws StartupException {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(connectionTimeout)
        .executor(thread())
        .sslContext(context(tls))
        .build();
  }

  private static ExecutorService thread() {
    ThreadPoolExecutor thread =
        new ThreadPoolExecutor(
            2,
            2,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().name("warren-auth-", 1).daemon().factory());
    thread.allowCoreThreadTimeOut(true);
    return thread;
  }

  private static SSLContext context(ClientTls tls) throws StartupException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys(tls), trust(tls), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new StartupException("%s.*: %s".formatted(tls.key(), e.getMessage()), e);
    }
  }

  private static KeyManager @Nullable [] keys(ClientTls tls) throws StartupException {
    Identity identity = tls.identity();
    return identity == null
        ? null
        : new KeyManager[] {TlsFiles.keys(tls.key(), identity, List.of(), List.of())};
  }

  private static TrustManager @Nullable [] trust(ClientTls tls)
      throws StartupException, GeneralSecurityException, IOException {
    if (!tls.verify()) {
      return InsecureTrustManagerFactory.INSTANCE.getTrustManagers();
    }
    Path file = tls.cacertfile();
    if (file == null) {
      return null;
    }
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    int number = 0;
    for (X509Certificate one : TlsFiles.certificates(tls.key() + ".cacertfile", file)) {
      trusted.setCertificateEntry("ca" + number++, one);
    }
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(trusted);
    return factory.getTrustManagers();
  }
}
