package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.Channel;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a restart leaves of users, permissions and limits. On the test thread. */
class AccountsRestartTest extends AccountTest {
  @BeforeEach
  void assumeRestarts() {
    broker.assumeRestarts();
  }

  @Test
  void everythingSurvives() throws Exception {
    String vhost = newVhost();
    String user = user();
    String gone = userIn(vhost);
    forget(gone);
    permit(user, vhost, "^mine", ".*", "");
    control("set_topic_permissions", "-p", vhost, user, "amq.topic", "^a", ".*");
    control("set_user_tags", user, "management", "impersonator");
    control("set_user_limits", user, "{\"max-channels\": 1}");
    control("set_vhost_limits", "-p", vhost, "{\"max-queues\": 1}");
    control("delete_user", gone);
    String permissions = control("list_user_permissions", user);
    restartBroker();
    assertThat(control("list_user_permissions", user)).isEqualTo(permissions);
    assertThat(control("list_topic_permissions", "-p", vhost)).contains("^a");
    assertThat(control("list_users"))
        .contains(user + "\t[management, impersonator]")
        .doesNotContain(gone);
    assertThatThrownBy(() -> connect(gone, vhost))
        .isInstanceOf(AuthenticationFailureException.class);
    Channel channel = connect(user, vhost).createChannel();
    expectConnectionClose(
        channel.getConnection(),
        530,
        "NOT_ALLOWED - number of channels opened for user '"
            + user
            + "' has reached the maximum allowed user limit of (1)",
        () -> channel.getConnection().createChannel());
    control("clear_user_limits", user, "all");
    Channel next = connect(user, vhost).createChannel();
    next.queueDeclare("mine", false, false, false, Map.of());
    expectChannelClose(
        next,
        406,
        "PRECONDITION_FAILED - cannot declare queue 'mine.too': queue limit in vhost '"
            + vhost
            + "' (1) is reached",
        () -> next.queueDeclare("mine.too", false, false, false, Map.of()));
    Channel last = next.getConnection().createChannel();
    expectChannelClose(
        last,
        403,
        refused("configure access to queue 'yours' in vhost '" + vhost + "'", user),
        () -> last.queueDeclare("yours", false, false, false, Map.of()));
  }
}
