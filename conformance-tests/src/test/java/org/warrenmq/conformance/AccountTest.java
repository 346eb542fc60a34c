package org.warrenmq.conformance;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What the tests of users have in common, used by the test thread only: users and virtual hosts
 * that are gone after the test. Another broker than ours needs the system property {@code
 * broker.control}, or these tests are skipped.
 */
abstract class AccountTest extends MessagingTest {
  static final String PASSWORD = "secret";

  private final List<String> users = new ArrayList<>();
  private final List<String> vhosts = new ArrayList<>();

  @BeforeEach
  void assumeControl() {
    broker.assumeControl();
  }

  @AfterEach
  void removeUsersAndVhosts() throws Exception {
    for (String user : users) {
      control("delete_user", user);
    }
    for (String vhost : vhosts) {
      control("delete_vhost", vhost);
    }
  }

  /** Texts are cut that do not fit a short string. */
  private static String shortName(String hint) {
    return hint + "-" + UUID.randomUUID().toString().substring(0, 8);
  }

  final String control(String... words) throws Exception {
    return broker.control(words);
  }

  /** A fresh user, who may do nothing. */
  final String user() throws Exception {
    String name = shortName("user");
    control("add_user", name, PASSWORD);
    users.add(name);
    return name;
  }

  /** A fresh user, who may do everything in a virtual host. */
  final String userIn(String vhost) throws Exception {
    String name = user();
    permit(name, vhost, ".*", ".*", ".*");
    return name;
  }

  /** Who must not be deleted after the test, since the test does it. */
  final void forget(String user) {
    users.remove(user);
  }

  /** A fresh virtual host, in which the default user may do everything. */
  final String newVhost() throws Exception {
    String name = shortName("vhost");
    control("add_vhost", name);
    vhosts.add(name);
    permit(broker.user(), name, ".*", ".*", ".*");
    return name;
  }

  final void permit(String user, String vhost, String configure, String write, String read)
      throws Exception {
    control("set_permissions", "-p", vhost, user, configure, write, read);
  }

  /** A connection of a user, closed after the test. */
  final Connection connect(String user, String vhost) throws IOException, TimeoutException {
    ConnectionFactory factory = broker.factory();
    if (!user.equals(broker.user())) {
      factory.setUsername(user);
      factory.setPassword(PASSWORD);
    }
    factory.setVirtualHost(vhost);
    return closeLater(factory.newConnection());
  }

  static String refused(String access, String user) {
    return "ACCESS_REFUSED - " + access + " refused for user '" + user + "'";
  }
}
