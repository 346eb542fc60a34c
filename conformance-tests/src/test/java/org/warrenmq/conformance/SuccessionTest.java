package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Who comes after a consumer, and in what order it finds what that one held. On the test thread.
 */
class SuccessionTest extends MessagingTest {
  private static final Map<String, Object> SINGLE = Map.of("x-single-active-consumer", true);
  private static final List<String> ALL = List.of("1", "2", "3", "4", "5", "6", "7");

  /** How a channel can end. */
  enum End {
    CHANNEL_CLOSE {
      @Override
      void of(RawConnection raw) throws IOException {
        raw.send(1, new AMQP.Channel.Close.Builder().replyCode(200).replyText("").build());
      }
    },
    CHANNEL_ERROR {
      @Override
      void of(RawConnection raw) throws IOException {
        raw.send(1, new AMQP.Queue.Purge.Builder().queue("conformance.nowhere").build());
      }
    },
    CONNECTION_CLOSE {
      @Override
      void of(RawConnection raw) throws IOException {
        raw.send(0, new AMQP.Connection.Close.Builder().replyCode(200).replyText("").build());
      }
    },
    CONNECTION_ERROR {
      @Override
      void of(RawConnection raw) throws IOException {
        raw.send(1, new AMQP.Channel.Open.Builder().build());
      }
    },
    RESET {
      @Override
      void of(RawConnection raw) throws IOException {
        raw.reset();
      }
    };

    abstract void of(RawConnection raw) throws IOException;
  }

  @ParameterizedTest
  @EnumSource
  @Behaviour({131, 149})
  void theNextActiveConsumerBeginsWithWhatComesBack(End end) throws Exception {
    String queue = queue(SINGLE);
    fill(queue, 7);
    RawConnection raw = activeConsumer(queue, 3);
    Inbox next = Inbox.consume(channel(), queue, true);

    end.of(raw);

    assertThat(next.texts(7)).isEqualTo(ALL);
  }

  /** More than goes back to a queue in one piece of work. */
  @ParameterizedTest
  @EnumSource
  @Behaviour({131, 149})
  void thousandsComeBackInOrderBeforeTheNextBegins(End end) throws Exception {
    String queue = queue(SINGLE);
    int count = 10_001;
    Channel publisher = newChannel();
    publisher.confirmSelect();
    for (int i = 0; i < count; i++) {
      publisher.basicPublish("", queue, null, new byte[] {(byte) ('0' + i % 10)});
    }
    publisher.waitForConfirmsOrDie(LIMIT.toMillis());
    RawConnection raw = openRawConnection();
    raw.openChannel(1);
    consume(raw, queue, 0, count);
    Inbox next = Inbox.consume(channel(), queue, true);

    end.of(raw);

    List<String> expected = IntStream.range(0, count).mapToObj(i -> "" + i % 10).toList();
    assertThat(next.texts(count)).isEqualTo(expected);
  }

  @Test
  @Behaviour(131)
  void closeOkComesWhenWhatAFailedChannelHeldIsBack() throws Exception {
    String queue = queue();
    int count = 10_001;
    Channel publisher = newChannel();
    publisher.confirmSelect();
    for (int i = 0; i < count; i++) {
      publisher.basicPublish("", queue, null, new byte[1]);
    }
    publisher.waitForConfirmsOrDie(LIMIT.toMillis());
    RawConnection raw = openRawConnection();
    raw.openChannel(1);
    consume(raw, queue, 0, count);

    End.CHANNEL_ERROR.of(raw);
    raw.expect(1, AMQP.Channel.Close.class);
    raw.send(1, new AMQP.Channel.CloseOk.Builder().build());
    // The number is free at once.
    raw.openChannel(1);
    End.CONNECTION_CLOSE.of(raw);
    raw.expect(0, AMQP.Connection.CloseOk.class);

    assertThat(channel().queueDeclarePassive(queue).getMessageCount()).isEqualTo(count);
  }

  @ParameterizedTest
  @EnumSource
  @Behaviour({131, 149})
  void whatWasGotComesBackFirstToo(End end) throws Exception {
    String queue = queue(SINGLE);
    fill(queue, 7);
    RawConnection raw = openRawConnection();
    raw.openChannel(1);
    for (int i = 0; i < 2; i++) {
      raw.send(1, new AMQP.Basic.Get.Builder().queue(queue).build());
      raw.expect(1, AMQP.Basic.GetOk.class);
      readContent(raw);
    }
    consume(raw, queue, 2);
    Inbox next = Inbox.consume(channel(), queue, true);

    end.of(raw);

    assertThat(next.texts(7)).isEqualTo(ALL);
  }

  @ParameterizedTest
  @EnumSource
  @Behaviour({129, 131})
  void anExclusiveConsumerLeavesWhenAllIsBack(End end) throws Exception {
    String queue = queue();
    fill(queue, 7);
    RawConnection raw = openRawConnection();
    raw.openChannel(1);
    raw.send(1, new AMQP.Basic.Qos.Builder().prefetchCount(3).build());
    raw.expect(1, AMQP.Basic.QosOk.class);
    raw.send(1, new AMQP.Basic.Consume.Builder().queue(queue).exclusive(true).build());
    raw.expect(1, AMQP.Basic.ConsumeOk.class);
    readDeliveries(raw, 3);

    end.of(raw);

    Inbox[] next = new Inbox[1];
    await("the end of the exclusive use", () -> (next[0] = consumeIfFree(queue)) != null);
    assertThat(next[0].texts(7)).isEqualTo(ALL);
  }

  private Inbox consumeIfFree(String queue) throws Exception {
    Channel channel = newChannel();
    try {
      return Inbox.consume(channel, queue, true);
    } catch (IOException refused) {
      assertThat(channel.getCloseReason().getReason()).isInstanceOf(AMQP.Channel.Close.class);
      return null;
    }
  }

  @Test
  @Behaviour({131, 132})
  void whatSeveralConsumersOfAChannelHeldIsGivenOutInOrder() throws Exception {
    String queue = queue();
    fill(queue, 6);
    Channel channel = newChannel();
    channel.basicQos(1);
    // They hold 1 and 2, a get 3, then 4 and 5, and a get 6: in turns.
    Inbox first = Inbox.consume(channel, queue, false);
    Inbox second = Inbox.consume(channel, queue, false);
    long one = first.nextTag();
    long two = second.nextTag();
    hold(channel, queue);
    channel.basicAck(one, false);
    first.next();
    channel.basicAck(two, false);
    second.next();
    hold(channel, queue);
    first.cancel();
    second.cancel();
    Inbox next = Inbox.consume(newChannel(), queue, true);

    channel.close();

    assertThat(next.texts(4)).containsExactly("3", "4", "5", "6");
  }

  @Test
  @Behaviour(149)
  void theHighestPriorityIsNextAndAmongEqualsWhoWaitedLongest() throws Exception {
    String queue = queue(SINGLE);
    Inbox active = consume(queue, 0);
    Inbox low = consume(queue, 0);
    Inbox high = consume(queue, 5);
    Inbox alsoHigh = consume(queue, 5);

    send("", queue, "1");
    assertThat(active.texts(1)).containsExactly("1");
    active.cancel();
    send("", queue, "2");
    assertThat(high.texts(1)).containsExactly("2");
    high.cancel();
    send("", queue, "3");
    assertThat(alsoHigh.texts(1)).containsExactly("3");
    Inbox late = consume(queue, 0);
    alsoHigh.cancel();
    send("", queue, "4");
    assertThat(low.texts(1)).containsExactly("4");
    late.assertNoMore();
  }

  private Inbox consume(String queue, int priority) throws Exception {
    return Inbox.consume(newChannel(), queue, true, Map.of("x-priority", priority));
  }

  private RawConnection activeConsumer(String queue, int prefetch) throws IOException {
    RawConnection raw = openRawConnection();
    raw.openChannel(1);
    consume(raw, queue, prefetch);
    return raw;
  }

  private static void consume(RawConnection raw, String queue, int prefetch) throws IOException {
    consume(raw, queue, prefetch, prefetch);
  }

  private static void consume(RawConnection raw, String queue, int prefetch, int count)
      throws IOException {
    raw.send(1, new AMQP.Basic.Qos.Builder().prefetchCount(prefetch).build());
    raw.expect(1, AMQP.Basic.QosOk.class);
    raw.send(1, new AMQP.Basic.Consume.Builder().queue(queue).consumerTag("c").build());
    raw.expect(1, AMQP.Basic.ConsumeOk.class);
    readDeliveries(raw, count);
  }

  private static void readDeliveries(RawConnection raw, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      raw.expect(1, AMQP.Basic.Deliver.class);
      readContent(raw);
    }
  }

  private static void readContent(RawConnection raw) throws IOException {
    assertThat(raw.read().bodySize()).isEqualTo(1);
    assertThat(raw.read().type()).isEqualTo(RawFrame.BODY);
  }
}
