package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * In which order a quorum queue gives its messages: by 32 priorities, as RabbitMQ does from 4.3 on;
 * 4.0 has two. On the test thread. A text such as "b5" is the second message, of priority 5, and
 * "b" one without.
 */
class QuorumPriorityTest extends RestartTest {
  private static final Map<String, Object> QUORUM = Map.of("x-queue-type", "quorum");

  @BeforeEach
  void thirtyTwoOfThem() {
    assumeFalse(BrokerUnderTest.isForeign(), "RabbitMQ 4.0 has two priorities in a quorum queue");
  }

  private void sendAll(String queue, String... texts) throws Exception {
    for (String text : texts) {
      AMQP.BasicProperties.Builder properties = properties();
      if (text.length() > 1) {
        properties.priority(Integer.parseInt(text.substring(1)));
      }
      send("", queue, properties.build(), text);
    }
  }

  @Test
  void higherOnesComeFirstAndFourIsUsual() throws Exception {
    String queue = durableQueue(QUORUM);
    sendAll(queue, "a", "b5", "c3", "d4", "e0", "f", "g31", "h5");
    assertThat(contents(channel(), queue))
        .containsExactly("g31", "b5", "h5", "a", "d4", "f", "c3", "e0");
  }

  @Test
  void beyondTheHighestItIsTheHighestButThePropertyStays() throws Exception {
    String queue = durableQueue(QUORUM);
    sendAll(queue, "a30", "b255", "c31", "d32");
    List<String> seen = new ArrayList<>();
    GetResponse response;
    while ((response = channel().basicGet(queue, true)) != null) {
      seen.add(text(response) + "=" + response.getProps().getPriority());
    }
    assertThat(seen).containsExactly("b255=255", "c31=31", "d32=32", "a30=30");
  }

  @Test
  void thereAreThirtyTwo() throws Exception {
    String queue = durableQueue(QUORUM);
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      int priority = i * 13 % 32;
      sendAll(queue, "x" + priority);
      expected.add("x" + (31 - i));
    }
    assertThat(contents(channel(), queue)).isEqualTo(expected);
  }

  @Test
  void whatComesBackTakesItsPlace() throws Exception {
    String queue = durableQueue(QUORUM);
    sendAll(queue, "a", "b3", "c");
    Channel channel = newChannel();
    GetResponse held = hold(channel, queue);
    assertThat(text(held)).isEqualTo("a");
    sendAll(queue, "d", "e5");
    channel.basicReject(tag(held), true);
    assertThat(contents(channel, queue)).containsExactly("e5", "a*", "c", "d", "b3");
  }

  @Test
  void prioritiesOutliveARestart() throws Exception {
    String queue = durableQueue(QUORUM);
    var verdicts = Verdicts.of(newChannel());
    for (String text : List.of("a", "b5", "c3", "d0", "e", "f31")) {
      AMQP.BasicProperties.Builder properties = properties();
      if (text.length() > 1) {
        properties.priority(Integer.parseInt(text.substring(1)));
      }
      verdicts.publish("", queue, properties.build(), text);
    }
    assertThat(verdicts.acked()).hasSize(6);
    restartBroker();
    sendAll(queue, "g", "h31");
    assertThat(contents(channel(), queue))
        .containsExactly("f31", "h31", "b5", "a", "e", "g", "c3", "d0");
  }

  /** What was deleted is gone with all its priorities, and does not come back. */
  @Test
  void allGoWithTheQueue() throws Exception {
    String queue = durableQueue(QUORUM);
    sendAll(queue, "a", "b0", "c31", "d7");
    awaitReady(queue, 4);
    assertThat(channel().queueDelete(queue).getMessageCount()).isEqualTo(4);
    restartBroker();
    channel().queueDeclare(queue, true, false, false, QUORUM);
    assertThat(ready(queue)).isZero();
  }
}
