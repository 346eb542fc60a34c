package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Consumers with an x-priority. On the test thread. */
class ConsumerPriorityTest extends MessagingTest {

  @Test
  @Behaviour(148)
  void thePriorityMustBeAnInteger() throws Exception {
    String queue = queue();
    Channel channel = newChannel();
    expectChannelClose(
        channel,
        406,
        "PRECONDITION_FAILED - invalid arg 'x-priority' for queue '"
            + queue
            + "' in vhost '/': \"expected integer, got longstr\"",
        () -> Inbox.consume(channel, queue, false, priority("high")));
  }

  static List<Object> integers() {
    return List.of((byte) 5, (short) 5, 5, 5L, -5, 1000000);
  }

  @ParameterizedTest
  @MethodSource("integers")
  @Behaviour(148)
  void everyIntegerIsValid(Object value) throws Exception {
    String queue = queue();
    Inbox inbox = Inbox.consume(channel(), queue, true, priority(value));
    send("", queue, "m");
    assertThat(inbox.texts(1)).containsExactly("m");
  }

  @Test
  @Behaviour(148)
  void higherOnesComeFirstWhileTheyHaveRoom() throws Exception {
    String queue = queue();
    Inbox negative = consumer(queue, priority(-1));
    Inbox none = consumer(queue, Map.of());
    Inbox high = consumer(queue, priority(10));
    Inbox middle = consumer(queue, priority(5));
    send("", queue, "1", "2", "3", "4", "5");
    Delivery first = high.next();
    assertThat(Inbox.text(first)).isEqualTo("1");
    assertThat(middle.texts(1)).containsExactly("2");
    assertThat(none.texts(1)).containsExactly("3");
    Delivery fourth = negative.next();
    assertThat(Inbox.text(fourth)).isEqualTo("4");
    assertThat(ready(queue)).isEqualTo(1);
    // Whoever has room gets the rest, whatever its priority.
    negative.getChannel().basicAck(Inbox.tag(fourth), false);
    assertThat(negative.texts(1)).containsExactly("5");
    high.getChannel().basicAck(Inbox.tag(first), false);
    send("", queue, "6");
    assertThat(high.texts(1)).containsExactly("6");
  }

  @Test
  @Behaviour(148)
  void aHigherOneWithoutLimitTakesAll() throws Exception {
    String queue = queue();
    Inbox low = Inbox.consume(newChannel(), queue, true);
    Inbox high = Inbox.consume(newChannel(), queue, true, priority(1));
    fill(queue, 20);
    assertThat(high.texts(20)).hasSize(20);
    low.assertNoMore();
    high.cancel();
    send("", queue, "now");
    assertThat(low.texts(1)).containsExactly("now");
  }

  private Inbox consumer(String queue, Map<String, Object> arguments) throws Exception {
    Channel channel = newChannel();
    channel.basicQos(1);
    return Inbox.consume(channel, queue, false, arguments);
  }

  private static Map<String, Object> priority(Object value) {
    return Map.of("x-priority", value);
  }
}
