package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How much a user or a virtual host may have. On the test thread. */
class AccountLimitsTest extends AccountTest {
  private void expectNoConnection(String user, String vhost, String text) {
    assertThatThrownBy(() -> connect(user, vhost)).rootCause().hasMessageContaining(text);
  }

  /** RabbitMQ counts a little later. */
  private void awaitConnection(String user, String vhost) {
    await(
        "one more connection",
        () -> {
          try {
            return connect(user, vhost).isOpen();
          } catch (IOException e) {
            return false;
          }
        });
  }

  @Test
  void connectionsOfAVirtualHost() throws Exception {
    String vhost = newVhost();
    String user = userIn(vhost);
    control("set_vhost_limits", "-p", vhost, "{\"max-connections\": 2}");
    Connection first = connect(user, vhost);
    connect(broker.user(), vhost);
    String refusal =
        "NOT_ALLOWED - access to vhost '%s' refused for user '%s': connection limit (%d) is"
            + " reached";
    expectNoConnection(user, vhost, refusal.formatted(vhost, user, 2));
    first.close();
    awaitConnection(user, vhost);
    expectNoConnection(user, vhost, refusal.formatted(vhost, user, 2));
    control("set_vhost_limits", "-p", vhost, "{\"max-connections\": 0}");
    expectNoConnection(user, vhost, refusal.formatted(vhost, user, 0));
    control("set_vhost_limits", "-p", vhost, "{\"max-connections\": -1}");
    assertThat(connect(user, vhost).isOpen()).isTrue();
    control("set_vhost_limits", "-p", vhost, "{\"max-connections\": 1}");
    control("clear_vhost_limits", "-p", vhost);
    assertThat(connect(user, vhost).isOpen()).isTrue();
  }

  @Test
  void queuesOfAVirtualHost() throws Exception {
    String vhost = newVhost();
    control("set_vhost_limits", "-p", vhost, "{\"max-queues\": 2}");
    Channel channel = connect(broker.user(), vhost).createChannel();
    channel.queueDeclare("1", false, false, false, Map.of());
    String second = channel.queueDeclare().getQueue();
    // What is there may be declared.
    channel.queueDeclare("1", false, false, false, Map.of());
    Channel refusing = channel.getConnection().createChannel();
    expectChannelClose(
        refusing,
        406,
        "PRECONDITION_FAILED - cannot declare queue '3': queue limit in vhost '"
            + vhost
            + "' (2) is reached",
        () -> refusing.queueDeclare("3", false, false, false, Map.of()));
    channel.queueDelete(second);
    channel.queueDeclare("3", false, false, false, Map.of());
  }

  @Test
  void connectionsOfAUser() throws Exception {
    String user = userIn("/");
    control("set_user_limits", user, "{\"max-connections\": 1}");
    Connection first = connect(user, "/");
    expectNoConnection(
        user,
        "/",
        "NOT_ALLOWED - Connection refused for user '"
            + user
            + "': user connection limit (1) is reached");
    first.close();
    awaitConnection(user, "/");
    control("clear_user_limits", user, "max-connections");
    assertThat(connect(user, "/").isOpen()).isTrue();
  }

  @Test
  void channelsOfAUser() throws Exception {
    String user = userIn("/");
    control("set_user_limits", user, "{\"max-connections\": 5, \"max-channels\": 2}");
    Connection first = connect(user, "/");
    Connection second = connect(user, "/");
    Channel one = first.createChannel();
    second.createChannel();
    one.close();
    first.createChannel();
    expectConnectionClose(
        second,
        530,
        "NOT_ALLOWED - number of channels opened for user '"
            + user
            + "' has reached the maximum allowed user limit of (2)",
        second::createChannel);
    // Its channel went with it.
    await(
        "one more channel",
        () -> {
          Connection third = connect(user, "/");
          try {
            return third.createChannel() != null;
          } catch (AlreadyClosedException | IOException e) {
            return false;
          } finally {
            third.abort();
          }
        });
  }

  @Test
  void whatIsNoLimitIsRefused() throws Exception {
    String user = user();
    for (String limits :
        new String[] {"{\"max-cats\": 1}", "max-connections", "{\"max-channels\": \"1\"}"}) {
      assertThatThrownBy(() -> control("set_user_limits", user, limits))
          .isInstanceOf(IllegalStateException.class);
    }
  }
}
