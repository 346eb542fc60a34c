package org.warrenmq.broker.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.security.auth.x500.X500Principal;

/**
 * Checks clients' certificates as Java does, and beside it how many authorities there are between
 * theirs and one of ours: a chain that a client sends whole, Java takes at any length. Any thread.
 */
final class ClientTrust extends X509ExtendedTrustManager {
  private final X509ExtendedTrustManager java;
  private final Set<X500Principal> authorities;
  private final int depth;

  /**
   * @param authorities where a chain ends
   * @param depth how many others there may be before one of them
   */
  ClientTrust(X509ExtendedTrustManager java, List<X509Certificate> authorities, int depth) {
    this.java = java;
    this.authorities =
        authorities.stream()
            .map(X509Certificate::getSubjectX500Principal)
            .collect(Collectors.toUnmodifiableSet());
    this.depth = depth;
  }

  private void checkDepth(X509Certificate[] chain) throws CertificateException {
    int between = 0;
    int last = 0;
    while (last + 1 < chain.length && !authorities.contains(chain[last].getIssuerX500Principal())) {
      last++;
      X509Certificate next = chain[last];
      between += next.getSubjectX500Principal().equals(next.getIssuerX500Principal()) ? 0 : 1;
    }
    if (between > depth) {
      throw new CertificateException(
          "%d authorities between the client's and ours, at most %d may be"
              .formatted(between, depth));
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    java.checkClientTrusted(chain, type, engine);
    checkDepth(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    java.checkClientTrusted(chain, type, socket);
    checkDepth(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    java.checkClientTrusted(chain, type);
    checkDepth(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    throw new CertificateException("this is for clients");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    throw new CertificateException("this is for clients");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw new CertificateException("this is for clients");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return java.getAcceptedIssuers();
  }
}
