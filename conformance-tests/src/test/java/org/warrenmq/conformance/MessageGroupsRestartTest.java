package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a restart leaves of message groups: their order. On the test thread. */
class MessageGroupsRestartTest extends RestartTest {
  private static final String HEADER = "customer";

  private void keepGroups(String queue, String... texts) throws Exception {
    for (String text : texts) {
      Map<String, Object> headers = Map.of(HEADER, text.substring(0, 1));
      send("", queue, NO_PROPERTIES.builder().deliveryMode(2).headers(headers).build(), text);
    }
  }

  private Inbox consume(String queue, int prefetch) throws Exception {
    Channel channel = newChannel();
    channel.basicQos(prefetch);
    return Inbox.consume(channel, queue, false);
  }

  @Test
  void groupsSurviveARestart() throws Exception {
    assumeFalse(BrokerUnderTest.isForeign(), "RabbitMQ has no message groups");
    String queue = durableQueue(Map.of("x-group-header", HEADER));
    Inbox before = consume(queue, 1);
    keepGroups(queue, "a1", "a2", "b1", "a3", "b2");
    assertThat(before.texts(1)).containsExactly("a1");
    assertThat(consume(queue, 1).texts(1)).containsExactly("b1");

    restartBroker();
    Inbox first = consume(queue, 1);
    Delivery held = first.next();
    assertThat(Inbox.text(held)).isEqualTo("a1");
    assertThat(held.getEnvelope().isRedeliver()).isTrue();
    Inbox second = consume(queue, 10);
    assertThat(second.texts(2)).containsExactly("b1", "b2");
    second.assertNoMore();
    first.getChannel().close();
    assertThat(second.texts(3)).containsExactly("a1", "a2", "a3");
  }
}
