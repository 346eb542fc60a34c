package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.warrenmq.broker.config.BrokerConfig;

/** What the first user and new virtual hosts begin with, as it is configured. */
class NewVhostsTest {
  @Test
  @DisplayName("the first user has the permissions and tags that are configured")
  void firstUser() throws Exception {
    try (TestBroker broker =
        ConfiguredBroker.start(
            "management.tcp.port = 0",
            "default_permissions.configure = ^c",
            "default_permissions.read = ^r",
            "default_permissions.write = ^w",
            "default_user_tags.administrator = true",
            "default_user_tags.extra = true",
            "default_user_tags.monitoring = false")) {
      HttpApi api = new HttpApi(broker);
      assertThat(api.list("/permissions").encode())
          .isEqualTo(
              "[{\"user\":\"guest\",\"vhost\":\"/\",\"configure\":\"^c\",\"write\":\"^w\","
                  + "\"read\":\"^r\"}]");
      assertThat(api.list("/users").getJsonObject(0).getJsonArray("tags"))
          .containsExactly("administrator", "extra");
      try (Connection connection = broker.connect()) {
        Channel channel = connection.createChannel();
        channel.queueDeclare("c", false, true, false, null);
        assertThatThrownBy(() -> channel.queueDeclare("x", false, true, false, null))
            .isInstanceOf(IOException.class);
      }
    }
  }

  @Test
  @DisplayName("a new virtual host has limits, operator policies and users by its name")
  void defaults() throws Exception {
    try (TestBroker broker =
        ConfiguredBroker.start(
            "management.tcp.port = 0",
            "default_limits.vhosts.1.pattern = ^tenant",
            "default_limits.vhosts.1.max_connections = 1",
            "default_limits.vhosts.1.max_queues = 2",
            "default_limits.vhosts.2.max_queues = 9",
            "default_policies.operator.one.vhost_pattern = ^tenant",
            "default_policies.operator.one.queue_pattern = ^q",
            "default_policies.operator.one.expires = 1h30m",
            "default_policies.operator.one.max_length = 100",
            "default_users.second.vhost_pattern = ^tenant",
            "default_users.second.configure = ^mine",
            "default_users.second.tags = monitoring, other",
            "default_users.second.password = pw")) {
      HttpApi api = new HttpApi(broker);
      assertThat(api.list("/vhost-limits").encode())
          .isEqualTo("[{\"vhost\":\"/\",\"value\":{\"max-queues\":9}}]");
      assertThat(api.put("/vhosts/tenant-a", "{}")).isEqualTo(201);
      JsonObject limits = api.list("/vhost-limits/tenant-a").getJsonObject(0);
      assertThat(limits.getJsonObject("value"))
          .isEqualTo(new JsonObject().put("max-connections", 1).put("max-queues", 2));
      JsonObject policy = api.list("/operator-policies").getJsonObject(0);
      assertThat(policy.getString("vhost")).isEqualTo("tenant-a");
      assertThat(policy.getString("name")).isEqualTo("one");
      assertThat(policy.getString("pattern")).isEqualTo("^q");
      assertThat(policy.getString("apply-to")).isEqualTo("all");
      assertThat(policy.getInteger("priority")).isZero();
      assertThat(policy.getJsonObject("definition"))
          .isEqualTo(new JsonObject().put("expires", 5_400_000).put("max-length", 100));

      ConnectionFactory factory = broker.factory();
      factory.setUsername("second");
      factory.setPassword("pw");
      factory.setVirtualHost("tenant-a");
      try (Connection connection = factory.newConnection()) {
        connection.createChannel().queueDeclare("mine", false, true, false, null);
        assertThatThrownBy(factory::newConnection).isInstanceOf(IOException.class);
      }
      // What is taken away does not come back with the next change.
      assertThat(api.ask("DELETE", "/operator-policies/tenant-a/one", "").statusCode())
          .isEqualTo(204);
      assertThat(api.put("/vhosts/tenant-a", "{\"description\":\"x\"}")).isEqualTo(204);
      assertThat(api.list("/operator-policies")).isEmpty();
    }
  }

  @Test
  @DisplayName("a pattern or a time that is none is named with its key")
  void wrong() {
    for (String[] line :
        new String[][] {
          {"default_limits.vhosts.1.pattern = (", "default_limits.vhosts.1.pattern = ("},
          {"default_policies.operator.a.expires = soon", "default_policies.operator.a.expires"},
          {"default_policies.operator.a.queue_pattern = x", "default_policies.operator.a"},
          {"default_permissions.read = [", "default_permissions.read = ["}
        }) {
      assertThatThrownBy(() -> ConfiguredBroker.over(BrokerConfig.defaults(), line[0]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(line[1]);
    }
  }

  @Test
  @DisplayName("connections hear the cluster's name: that of the configuration, or set since")
  void clusterName() throws Exception {
    try (TestBroker broker =
        ConfiguredBroker.start("management.tcp.port = 0", "cluster_name = configured")) {
      assertThat(clusterName(broker)).isEqualTo("configured");
      assertThat(new HttpApi(broker).put("/cluster-name", "{\"name\":\"renamed\"}")).isEqualTo(204);
      assertThat(clusterName(broker)).isEqualTo("renamed");
    }
  }

  private static String clusterName(TestBroker broker) throws Exception {
    try (Connection connection = broker.connect()) {
      return String.valueOf(connection.getServerProperties().get("cluster_name"));
    }
  }
}
