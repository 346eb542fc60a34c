package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.rabbitmq.client.MessageProperties;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a restart leaves of policies and parameters. On the test thread. */
class PolicyRestartTest extends PolicyTest {
  @BeforeEach
  void assumeRestarts() {
    broker.assumeRestarts();
  }

  @Test
  void policiesHoldAsBefore() throws Exception {
    String dead = durableQueue(Map.of());
    String limited = durableQueue(Map.of());
    String cleared = durableQueue(Map.of());
    String alternate = exchangeName();
    channel().exchangeDeclare(alternate, "fanout", true);
    String main = exchangeName();
    channel().exchangeDeclare(main, "direct", true);
    channel().queueBind(dead, alternate, "");
    policy(limited, "{\"max-length\": 2, \"dead-letter-exchange\": \"%s\"}".formatted(alternate));
    operatorPolicy(limited, "{\"max-length\": 1}");
    clear(policy(cleared, "{\"max-length\": 1}"));
    policy(main, "{\"alternate-exchange\": \"%s\"}".formatted(alternate));
    String listed = control("list_policies", "-p", broker.vhost());
    String overrides = control("list_operator_policies", "-p", broker.vhost());
    for (int i = 1; i <= 2; i++) {
      send("", cleared, MessageProperties.MINIMAL_PERSISTENT_BASIC, "kept");
    }
    restartBroker();
    assertThat(control("list_policies", "-p", broker.vhost())).isEqualTo(listed);
    assertThat(control("list_operator_policies", "-p", broker.vhost())).isEqualTo(overrides);
    send("", limited, "1", "2", "3");
    assertThat(drain(limited)).containsExactly("3");
    awaitReady(dead, 2);
    assertThat(drain(dead)).containsExactlyInAnyOrder("1", "2");
    send(main, "unknown", "m");
    assertThat(drain(dead)).containsExactly("m");
    assertThat(drain(cleared)).containsExactly("kept", "kept");
  }

  @Test
  void parametersAreKept() throws Exception {
    assumeFalse(BrokerUnderTest.isForeign(), "RabbitMQ needs plugins for some");
    String vhost = newVhost();
    String name = uniqueName("global");
    control("set_global_parameter", name, "{\"a\": [1, {\"b\": null}]}");
    control("set_parameter", "-p", vhost, "shovel", "s", "{\"src-uri\": \"amqp://\"}");
    control("set_parameter", "-p", vhost, "federation-upstream", "f", "{\"uri\": \"amqp://\"}");
    control("clear_parameter", "-p", vhost, "federation-upstream", "f");
    restartBroker();
    assertThat(control("list_global_parameters").lines())
        .contains(name + "\t{\"a\":[1,{\"b\":null}]}");
    assertThat(control("list_parameters", "-q", "-p", vhost).lines())
        .containsExactly("component\tname\tvalue", "shovel\ts\t{\"src-uri\":\"amqp://\"}");
    control("clear_global_parameter", name);
  }
}
