package org.warrenmq.conformance;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.rabbitmq.client.ConnectionFactory;
import java.net.URISyntaxException;
import java.security.GeneralSecurityException;
import java.util.List;
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

  /** Whether it is another one than this project's, which may take a liberty that ours does not. */
  public static boolean isForeign() {
    return !System.getProperty("broker.uri", "").isEmpty();
  }

  private static BrokerEndpoint find() {
    String uri = System.getProperty("broker.uri", "");
    return !isForeign()
        ? LocalBroker.start()
        : new ForeignBroker(
            uri,
            System.getProperty("broker.http", ""),
            System.getProperty("broker.restart", ""),
            System.getProperty("broker.control", ""));
  }

  private BrokerEndpoint endpoint() {
    if (endpoint == null) {
      throw new IllegalStateException("no test is running");
    }
    return endpoint;
  }

  /** Skips the test, visibly, when the broker cannot be restarted from here. */
  public void assumeRestarts() {
    assumeTrue(
        endpoint().canRestart(),
        "restarting the broker at " + endpoint().uri() + " needs -Dbroker.restart='COMMAND'");
  }

  /** Stops the broker in order and starts it again; returns when it listens. */
  public void restart() throws Exception {
    endpoint().restart();
  }

  /** Skips the test, visibly, when the broker takes no commands from here. */
  public void assumeControl() {
    assumeTrue(
        endpoint().canControl(),
        "users of the broker at " + endpoint().uri() + " need -Dbroker.control='rabbitmqctl'");
  }

  /**
   * Runs a command of rabbitmqctl: the command, then {@code -p} and a virtual host if it is about
   * one, then arguments.
   *
   * @return what it says
   */
  public String control(String... words) throws Exception {
    return endpoint().control(List.of(words));
  }

  /** The same, whatever comes of it. */
  public ControlRequest.Outcome tool(String... words) throws Exception {
    return endpoint().tool(List.of(words));
  }

  /** Where its HTTP API is; skips the test, visibly, when nobody knows. */
  public String http() {
    assumeTrue(
        !endpoint().httpUri().isEmpty(),
        "the HTTP API of the broker at " + endpoint().uri() + " needs -Dbroker.http=http://…");
    return endpoint().httpUri();
  }

  /** A new factory for the default user and vhost; no recovery, so that failures stay visible. */
  public ConnectionFactory factory() {
    ConnectionFactory factory = new ConnectionFactory();
    try {
      factory.setUri(endpoint().uri());
    } catch (URISyntaxException | GeneralSecurityException e) {
      throw new IllegalArgumentException("not an AMQP address: " + endpoint().uri(), e);
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
}
