package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which routing keys somebody may use with a topic exchange. On the test thread. */
@Behaviour(176)
class TopicPermissionsTest extends AccountTest {
  private String vhost = "";
  private String user = "";
  private String queue = "";

  @BeforeEach
  void makeUser() throws Exception {
    vhost = newVhost();
    user = userIn(vhost);
    Channel owner = connect(broker.user(), vhost).createChannel();
    queue = owner.queueDeclare("q", false, false, false, Map.of()).getQueue();
    owner.queueBind(queue, "amq.topic", "#");
    owner.exchangeDeclare("other", "topic");
  }

  private void limit(String exchange, String write, String read) throws Exception {
    control("set_topic_permissions", "-p", vhost, user, exchange, write, read);
  }

  private String refusal(String operation, String key) {
    return refused(
        "%s access to topic '%s' in exchange 'amq.topic' in vhost '%s'"
            .formatted(operation, key, vhost),
        user);
  }

  private void expectRefused(Connection connection, String key) throws Exception {
    Channel channel = connection.createChannel();
    expectChannelClose(
        channel,
        403,
        refusal("write", key),
        () -> channel.basicPublish("amq.topic", key, null, bytes("m")));
  }

  private static void publish(Connection connection, String exchange, String key) throws Exception {
    Channel channel = connection.createChannel();
    channel.confirmSelect();
    channel.basicPublish(exchange, key, null, bytes("m"));
    channel.waitForConfirmsOrDie(LIMIT.toMillis());
    channel.close();
  }

  @Test
  void keysOfPublishes() throws Exception {
    Connection connection = connect(user, vhost);
    publish(connection, "amq.topic", "anything");
    limit("amq.topic", "^a\\.", "");
    publish(connection, "amq.topic", "a.b");
    expectRefused(connection, "b.a");
    Channel channel = connection.createChannel();
    AMQP.BasicProperties copies =
        new AMQP.BasicProperties.Builder().headers(Map.of("CC", List.of("b.c"))).build();
    expectChannelClose(
        channel,
        403,
        refusal("write", "b.c"),
        () -> channel.basicPublish("amq.topic", "a.b", copies, bytes("m")));
    // Of this exchange alone, and as long as there are some.
    publish(connection, "other", "b.a");
    publish(connection, "amq.direct", "b.a");
    control("clear_topic_permissions", "-p", vhost, user, "amq.topic");
    publish(connection, "amq.topic", "b.a");
  }

  @Test
  void keysOfBindings() throws Exception {
    limit("amq.topic", "", "^a\\.");
    Connection connection = connect(user, vhost);
    Channel channel = connection.createChannel();
    channel.queueBind(queue, "amq.topic", "a.#");
    channel.queueUnbind(queue, "amq.topic", "a.#");
    channel.exchangeBind("other", "amq.topic", "a.*");
    channel.queueBind(queue, "other", "b.#");
    expectChannelClose(
        channel, 403, refusal("read", "b.#"), () -> channel.queueBind(queue, "amq.topic", "b.#"));
    Channel unbinding = connection.createChannel();
    expectChannelClose(
        unbinding, 403, refusal("read", "#"), () -> unbinding.queueUnbind(queue, "amq.topic", "#"));
    expectRefused(connection, "a.b");
  }

  @Test
  void variables() throws Exception {
    limit("amq.topic", "^{username}-{vhost}-{client_id}$", "");
    Connection connection = connect(user, vhost);
    publish(connection, "amq.topic", user + "-" + vhost + "-{client_id}");
    expectRefused(connection, "somebody-" + vhost + "-{client_id}");
    assertThat(control("list_topic_permissions", "-p", vhost).lines())
        .contains(user + "\tamq.topic\t^{username}-{vhost}-{client_id}$\t");
  }
}
