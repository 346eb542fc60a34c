package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Users, what they may do, and how they lose it. On the test thread. */
class PermissionsTest extends AccountTest {
  private static final int PATTERNS = 60;

  @Test
  @Behaviour(12)
  void whoHasNoPermissionsDoesNotGetIn() throws Exception {
    String user = user();
    assertThatThrownBy(() -> connect(user, "/"))
        .rootCause()
        .hasMessageContaining("NOT_ALLOWED - access to vhost '/' refused for user '" + user + "'");
    // Nothing is a permission, too.
    permit(user, "/", "", "", "");
    assertThat(connect(user, "/").isOpen()).isTrue();
  }

  @Test
  @Behaviour(174)
  void serverNamedQueuesNeedConfigureOnTheirName() throws Exception {
    String user = user();
    permit(user, "/", "^amq\\.gen", "", "");
    Connection connection = connect(user, "/");
    assertThat(connection.createChannel().queueDeclare().getQueue()).startsWith("amq.gen");
    permit(user, "/", "^mine", ".*", ".*");
    Channel refusing = connection.createChannel();
    AMQP.Channel.Close close = channelClose(refusing, refusing::queueDeclare);
    assertThat(close.getReplyCode()).isEqualTo(403);
    assertThat(close.getReplyText())
        .startsWith("ACCESS_REFUSED - configure access to queue 'amq.gen")
        .endsWith("' in vhost '/' refused for user '" + user + "'");
  }

  @Test
  void aPermissionIsLostAtTheNextMethod() throws Exception {
    assumeFalse(BrokerUnderTest.isForeign(), "RabbitMQ's channels remember for a while");
    String vhost = newVhost();
    String user = userIn(vhost);
    Channel channel = connect(user, vhost).createChannel();
    channel.queueDeclare("q", false, false, false, Map.of());
    for (int i = 0; i < 10; i++) {
      channel.basicPublish("", "q", null, bytes("m"));
    }
    assertThat(channel.basicGet("q", true)).isNotNull();
    permit(user, vhost, ".*", "", ".*");
    expectChannelClose(
        channel,
        403,
        refused("write access to exchange 'amq.default' in vhost '" + vhost + "'", user),
        () -> channel.basicPublish("", "q", null, bytes("m")));
    Channel next = channel.getConnection().createChannel();
    assertThat(next.basicGet("q", true)).isNotNull();
    control("clear_permissions", "-p", vhost, user);
    expectChannelClose(
        next,
        403,
        refused("read access to queue 'q' in vhost '" + vhost + "'", user),
        () -> next.basicGet("q", true));
    assertThatThrownBy(() -> connect(user, vhost)).isInstanceOf(IOException.class);
  }

  @Test
  void whoIsDeletedIsClosedAndDoesNotComeBack() throws Exception {
    String user = userIn("/");
    Connection connection = connect(user, "/");
    forget(user);
    expectConnectionClose(
        connection,
        320,
        "CONNECTION_FORCED - user '" + user + "' is deleted",
        () -> control("delete_user", user));
    assertThatThrownBy(() -> connect(user, "/")).isInstanceOf(AuthenticationFailureException.class);
    assertThat(control("list_permissions", "-p", "/")).doesNotContain(user);
  }

  @Test
  void permissionsGoWithTheirVirtualHost() throws Exception {
    String vhost = newVhost();
    String user = userIn(vhost);
    control("set_topic_permissions", "-p", vhost, user, "amq.topic", "a", "b");
    assertThat(control("list_user_permissions", user)).contains(vhost);
    control("delete_vhost", vhost);
    control("add_vhost", vhost);
    assertThat(control("list_user_permissions", user)).doesNotContain(vhost);
    assertThat(control("list_topic_permissions", "-p", vhost)).doesNotContain(user);
    assertThatThrownBy(() -> connect(user, vhost)).isInstanceOf(IOException.class);
  }

  @Test
  void aPasswordIsChanged() throws Exception {
    String user = userIn("/");
    Connection connection = connect(user, "/");
    control("authenticate_user", user, PASSWORD);
    control("change_password", user, "other");
    assertThat(connection.isOpen()).isTrue();
    assertThatThrownBy(() -> connect(user, "/")).isInstanceOf(AuthenticationFailureException.class);
    assertThatThrownBy(() -> control("authenticate_user", user, PASSWORD))
        .hasMessageContaining("invalid credentials");
    control("authenticate_user", user, "other");
    control("change_password", user, PASSWORD);
    assertThat(connect(user, "/").isOpen()).isTrue();
  }

  @Test
  void usersAreListedWithTheirTags() throws Exception {
    String user = user();
    control("set_user_tags", user, "monitoring", "custom");
    assertThat(control("list_users").lines())
        .contains(user + "\t[monitoring, custom]", broker.user() + "\t[administrator]");
    permit(user, "/", "^a$", "", "b|c");
    assertThat(control("list_permissions", "-p", "/").lines()).contains(user + "\t^a$\t\tb|c");
    assertThat(control("list_user_permissions", user).lines()).contains("/\t^a$\t\tb|c");
  }

  @Test
  void whatCannotBeIsRefused() throws Exception {
    String user = user();
    for (List<String> words :
        List.of(
            List.of("add_user", user, "again"),
            List.of("change_password", "nobody", "p"),
            List.of("set_user_tags", "nobody", "management"),
            List.of("set_permissions", "-p", "/", "nobody", "", "", ""),
            List.of("set_permissions", "-p", "nowhere", user, "", "", ""),
            List.of("set_permissions", "-p", "/", user, "(", "", ""),
            List.of("set_topic_permissions", "-p", "/", user, "amq.topic", "[", ""))) {
      assertThatThrownBy(() -> control(words.toArray(String[]::new)))
          .as(words.toString())
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  @Behaviour(109)
  void impersonatorsSpeakForOthers() throws Exception {
    String user = userIn("/");
    String queue = queue();
    AMQP.BasicProperties bob = new AMQP.BasicProperties.Builder().userId("bob").build();
    Channel channel = connect(user, "/").createChannel();
    expectChannelClose(
        channel,
        406,
        "PRECONDITION_FAILED - user_id property set to 'bob' but authenticated user was '"
            + user
            + "'",
        () -> channel.basicPublish("", queue, bob, bytes("m")));
    control("set_user_tags", user, "impersonator");
    connect(user, "/").createChannel().basicPublish("", queue, bob, bytes("m"));
    assertThat(getEventually(queue).getProps().getUserId()).isEqualTo("bob");
  }

  @Test
  void twoTenantsHaveTheSameNames() throws Exception {
    String one = newVhost();
    String other = newVhost();
    String ofOne = userIn(one);
    String ofOther = userIn(other);
    Channel first = connect(ofOne, one).createChannel();
    Channel second = connect(ofOther, other).createChannel();
    for (Channel channel : List.of(first, second)) {
      channel.exchangeDeclare("x", "fanout");
      channel.queueDeclare("q", false, false, false, Map.of());
      channel.queueBind("q", "x", "");
      channel.confirmSelect();
    }
    first.basicPublish("x", "", null, bytes("first"));
    first.waitForConfirmsOrDie(LIMIT.toMillis());
    assertThat(second.basicGet("q", true)).isNull();
    assertThat(text(first.basicGet("q", true).getBody())).isEqualTo("first");
    assertThatThrownBy(() -> connect(ofOne, other))
        .rootCause()
        .hasMessageContaining("access to vhost '" + other + "' refused");
    control("clear_permissions", "-p", one, ofOne);
    second.basicPublish("x", "", null, bytes("second"));
    second.waitForConfirmsOrDie(LIMIT.toMillis());
    assertThat(text(second.basicGet("q", true).getBody())).isEqualTo("second");
  }

  @Test
  void regularExpressionsAreFoundAnywhereInTheName() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    String vhost = newVhost();
    String user = user();
    permit(user, vhost, "", "", "");
    Connection connection = connect(user, vhost);
    for (int i = 0; i < PATTERNS; i++) {
      String regex = regex(random, 3);
      String name = name(random);
      permit(user, vhost, regex, "", "");
      Channel channel = connection.createChannel();
      boolean allowed;
      try {
        channel.queueDeclare(name, false, true, true, Map.of());
        channel.queueDelete(name);
        allowed = true;
        channel.close();
      } catch (IOException e) {
        allowed = false;
      }
      assertThat(allowed)
          .as("'%s' in '%s', seed %d", regex, name, seed)
          .isEqualTo(!regex.isEmpty() && Pattern.compile(regex).matcher(name).find());
    }
  }

  private static String name(Random random) {
    StringBuilder name = new StringBuilder();
    for (int left = 1 + random.nextInt(5); left > 0; left--) {
      name.append("ab.-".charAt(random.nextInt(4)));
    }
    return name.toString();
  }

  private static String regex(Random random, int depth) {
    if (depth == 0) {
      return List.of("a", "b", "\\.", ".", "[ab]", "[^b]", "", "-").get(random.nextInt(8));
    }
    String part = regex(random, depth - 1);
    return switch (random.nextInt(7)) {
      case 0 -> "(" + part + ")*";
      case 1 -> "(" + part + "|" + regex(random, depth - 1) + ")";
      case 2 -> part + regex(random, depth - 1);
      case 3 -> "^" + part;
      case 4 -> part + "$";
      case 5 -> "(?:" + part + "){1,2}";
      default -> "^(?!" + part + ")";
    };
  }
}
