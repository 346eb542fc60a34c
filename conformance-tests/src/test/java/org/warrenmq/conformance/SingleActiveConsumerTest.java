package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Queues with x-single-active-consumer. On the test thread. */
class SingleActiveConsumerTest extends MessagingTest {
  private static final Map<String, Object> SINGLE = Map.of("x-single-active-consumer", true);

  @Test
  @Behaviour(149)
  void onlyTheFirstConsumerGetsMessagesUntilItIsCancelled() throws Exception {
    String queue = queue(SINGLE);
    Channel channel = newChannel();
    Inbox first = Inbox.consume(channel, queue, true, Map.of());
    Inbox second = Inbox.consume(newChannel(), queue, true, Map.of());

    send("", queue, "1", "2", "3");
    assertThat(first.texts(3)).containsExactly("1", "2", "3");

    first.cancel();
    send("", queue, "4", "5");
    assertThat(second.texts(2)).containsExactly("4", "5");
    first.assertNoMore();
  }

  @Test
  @Behaviour(149)
  void theNextOneTakesOverWhenTheChannelCloses() throws Exception {
    String queue = queue(SINGLE);
    Channel channel = newChannel();
    Inbox first = Inbox.consume(channel, queue, false, Map.of());
    Inbox second = Inbox.consume(newChannel(), queue, true, Map.of());

    send("", queue, "1", "2");
    assertThat(first.texts(2)).containsExactly("1", "2");

    channel.close();
    assertThat(second.texts(2)).containsExactly("1", "2");
  }
}
