package org.warrenmq.conformance;

import com.rabbitmq.client.ConnectionFactory;
import java.net.URISyntaxException;
import java.security.GeneralSecurityException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * Gives a test the one broker of the run: the one at system property {@code broker.uri}, else a
 * broker of this project, started on first use and stopped at the end of the run.
 */
public final class BrokerUnderTest implements BeforeEachCallback {
  private static final Namespace NAMESPACE = Namespace.create(BrokerUnderTest.class);

  private @Nullable BrokerEndpoint endpoint;

  @Override
  public void beforeEach(ExtensionContext context) {
    endpoint =
        context
            .getRoot()
            .getStore(NAMESPACE)
            .computeIfAbsent(BrokerEndpoint.class, key -> find(), BrokerEndpoint.class);
  }

  private static BrokerEndpoint find() {
    String uri = System.getProperty("broker.uri", "");
    return uri.isEmpty() ? LocalBroker.start() : new ForeignBroker(uri);
  }

  /** A new factory for the default user and vhost; no recovery, so that failures stay visible. */
  public ConnectionFactory factory() {
    if (endpoint == null) {
      throw new IllegalStateException("no test is running");
    }
    ConnectionFactory factory = new ConnectionFactory();
    try {
      factory.setUri(endpoint.uri());
    } catch (URISyntaxException | GeneralSecurityException e) {
      throw new IllegalArgumentException("not an AMQP address: " + endpoint.uri(), e);
    }
    factory.setAutomaticRecoveryEnabled(false);
    factory.setTopologyRecoveryEnabled(false);
    return factory;
  }

  public String host() {
    return factory().getHost();
  }

  public int amqpPort() {
    return factory().getPort();
  }

  public String user() {
    return factory().getUsername();
  }

  public String password() {
    return factory().getPassword();
  }

  public String vhost() {
    return factory().getVirtualHost();
  }

  private record ForeignBroker(String uri) implements BrokerEndpoint {
    @Override
    public void close() {}
  }
}
