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

  // ---------------------------------------------------------------- beside other things

  /** Who is active stays so, whoever comes; then the highest one follows, the oldest of those. */
  @Test
  @Behaviour({148, 149})
  void theNextOneIsTheHighest() throws Exception {
    String queue = queue(SINGLE);
    Inbox first = consumer(queue, 0);
    Inbox low = consumer(queue, -1);
    Inbox high = consumer(queue, 5);
    Inbox alsoHigh = consumer(queue, 5);
    Inbox middle = consumer(queue, 1);
    send("", queue, "1");
    assertThat(first.texts(1)).containsExactly("1");
    first.cancel();
    send("", queue, "2");
    assertThat(high.texts(1)).containsExactly("2");
    Inbox higher = consumer(queue, 9);
    send("", queue, "3");
    assertThat(high.texts(1)).containsExactly("3");
    high.cancel();
    send("", queue, "4");
    assertThat(higher.texts(1)).containsExactly("4");
    higher.cancel();
    send("", queue, "5");
    assertThat(alsoHigh.texts(1)).containsExactly("5");
    alsoHigh.getChannel().close();
    send("", queue, "6");
    assertThat(middle.texts(1)).containsExactly("6");
    middle.cancel();
    send("", queue, "7");
    assertThat(low.texts(1)).containsExactly("7");
  }

  private Inbox consumer(String queue, int priority) throws Exception {
    return Inbox.consume(newChannel(), queue, true, Map.of("x-priority", priority));
  }

  @Test
  @Behaviour({149, 150})
  void itIsGivenTheHighestMessageThatThereIs() throws Exception {
    String queue = queue(Map.of("x-single-active-consumer", true, "x-max-priority", 5));
    Channel channel = newChannel();
    channel.basicQos(1);
    Inbox first = Inbox.consume(channel, queue, false);
    Inbox second = Inbox.consume(newChannel(), queue, true);
    for (int priority : new int[] {1, 3, 5, 2}) {
      send("", queue, NO_PROPERTIES.builder().priority(priority).build(), "" + priority);
    }
    assertThat(first.texts(1)).containsExactly("1");
    channel.basicAck(1, false);
    assertThat(first.texts(1)).containsExactly("5");
    assertThat(ready(queue)).isEqualTo(2);
    channel.close();
    assertThat(second.texts(3)).containsExactly("5", "3", "2");
  }

  @Test
  @Behaviour({149, 155})
  void whatWaitsTooLongForItLeaves() throws Exception {
    String queue = queue(Map.of("x-single-active-consumer", true, "x-message-ttl", 200));
    Channel channel = newChannel();
    channel.basicQos(1);
    Inbox first = Inbox.consume(channel, queue, false);
    Inbox second = Inbox.consume(newChannel(), queue, true);
    send("", queue, "1", "2", "3");
    long held = first.nextTag();
    // Another one with room does not save them.
    awaitReady(queue, 0);
    channel.basicAck(held, false);
    channel.basicPublish("", queue, NO_PROPERTIES, bytes("4"));
    assertThat(first.texts(1)).containsExactly("4");
    letPass(200);
    channel.close();
    send("", queue, "5");
    assertThat(second.texts(1)).containsExactly("5");
    second.assertNoMore();
  }

  @Test
  @Behaviour({149, 158})
  void aTimeOfZeroPassesOnToItAlone() throws Exception {
    String queue = queue(Map.of("x-single-active-consumer", true, "x-message-ttl", 0));
    Channel channel = newChannel();
    channel.basicQos(1);
    Inbox first = Inbox.consume(channel, queue, false);
    Inbox second = Inbox.consume(newChannel(), queue, true);
    send("", queue, "1", "2");
    channel.basicAck(first.nextTag(), false);
    channel.basicPublish("", queue, NO_PROPERTIES, bytes("3"));
    assertThat(first.texts(1)).containsExactly("3");
    first.assertNoMore();
    second.assertNoMore();
  }

  @Test
  @Behaviour({82, 149})
  void aGetTakesAMessageAllTheSame() throws Exception {
    String queue = queue(SINGLE);
    fill(queue, 1);
    assertThat(take(queue)).isEqualTo("1");
  }
}
