package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.GetResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How often a quorum queue gives a message, and what its x-delivery-count says. On the test thread.
 * What comes back to such a queue may do so a little later than the next request.
 */
class DeliveryLimitTest extends MessagingTest {
  private static final int DEFAULT = 20;

  /** How a message comes back to its queue. */
  private enum Return {
    REJECT {
      @Override
      void of(Channel channel, long tag) throws Exception {
        channel.basicReject(tag, true);
      }
    },
    NACK {
      @Override
      void of(Channel channel, long tag) throws Exception {
        channel.basicNack(tag, false, true);
      }
    },
    RECOVER {
      @Override
      void of(Channel channel, long tag) throws Exception {
        channel.basicRecover(true);
      }
    },
    CHANNEL_CLOSE {
      @Override
      void of(Channel channel, long tag) throws Exception {
        channel.close();
      }
    },
    CONNECTION_CLOSE {
      @Override
      void of(Channel channel, long tag) throws Exception {
        channel.getConnection().close();
      }
    };

    abstract void of(Channel channel, long tag) throws Exception;
  }

  @ParameterizedTest
  @EnumSource
  @Behaviour({131, 172})
  void everyReturnCountsAndOneTooManyEndsIt(Return how) throws Exception {
    String queue = quorum(Map.of("x-delivery-limit", 2));
    send("", queue, "1");
    for (int returns = 0; returns <= 2; returns++) {
      Connection connection = newConnection();
      Channel channel = connection.createChannel();
      GetResponse response = holdEventually(channel, queue);
      assertThat(redelivered(response)).isEqualTo(returns > 0);
      assertCount(response.getProps(), returns);
      how.of(channel, tag(response));
    }
    assertNothingComes(queue);
  }

  @Test
  @Behaviour({131, 172})
  void aLostConnectionCountsToo() throws Exception {
    String queue = quorum(Map.of("x-delivery-limit", 1));
    send("", queue, "1");
    for (int returns = 0; returns <= 1; returns++) {
      awaitReady(queue, 1);
      RawConnection raw = openRawConnection();
      raw.openChannel(1);
      raw.send(1, new AMQP.Basic.Get.Builder().queue(queue).build());
      assertThat(raw.expect(1, AMQP.Basic.GetOk.class).getRedelivered()).isEqualTo(returns > 0);
      raw.close();
    }
    assertNothingComes(queue);
  }

  @Test
  @Behaviour(172)
  void withALimitOfZeroNothingComesTwice() throws Exception {
    String queue = quorum(Map.of("x-delivery-limit", 0));
    send("", queue, "1");
    Channel channel = channel();
    channel.basicReject(tag(holdEventually(channel, queue)), true);
    assertNothingComes(queue);
  }

  @Test
  @Behaviour(172)
  void withoutALimitItIsTwenty() throws Exception {
    String queue = quorum(Map.of());
    send("", queue, "1");
    returnTimes(queue, DEFAULT + 1);
    assertNothingComes(queue);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, -2})
  @Behaviour(172)
  void aNegativeLimitIsNone(int limit) throws Exception {
    String queue = quorum(Map.of("x-delivery-limit", limit));
    send("", queue, "1");
    returnTimes(queue, DEFAULT + 10);
    GetResponse response = holdEventually(channel(), queue);
    assertCount(response.getProps(), DEFAULT + 10);
  }

  @Test
  @Behaviour(172)
  void aLimitAboveTheDefaultHolds() throws Exception {
    String queue = quorum(Map.of("x-delivery-limit", DEFAULT + 5L));
    send("", queue, "1");
    returnTimes(queue, DEFAULT + 6);
    assertNothingComes(queue);
  }

  @Test
  @Behaviour({134, 172})
  void withoutRequeueItIsGoneAtOnce() throws Exception {
    String queue = quorum(Map.of("x-delivery-limit", 5));
    send("", queue, "1", "2");
    Channel channel = channel();
    channel.basicReject(tag(holdEventually(channel, queue)), false);
    channel.basicNack(tag(holdEventually(channel, queue)), false, false);
    assertNothingComes(queue);
  }

  // ---------------------------------------------------------------- counts

  /** The sender's header is replaced by the queue's own as soon as it has one. */
  @Test
  @Behaviour({124, 172})
  void otherHeadersStay() throws Exception {
    String queue = quorum(Map.of());
    Map<String, Object> sent = Map.of("k", 5, "x-delivery-count", 7);
    send("", queue, NO_PROPERTIES.builder().headers(sent).build(), "1");
    Channel channel = channel();
    GetResponse first = holdEventually(channel, queue);
    assertThat(first.getProps().getHeaders()).containsOnly(Map.entry("k", 5), seven());
    channel.basicReject(tag(first), true);
    GetResponse second = holdEventually(channel, queue);
    assertThat(second.getProps().getHeaders())
        .containsOnly(Map.entry("k", 5), Map.entry("x-delivery-count", 1L));
  }

  private static Map.Entry<String, Object> seven() {
    return Map.entry("x-delivery-count", 7);
  }

  @Test
  @Behaviour({132, 172})
  void eachMessageHasItsOwnCount() throws Exception {
    String queue = quorum(Map.of("x-delivery-limit", 1));
    fill(queue, 3);
    Channel channel = channel();
    holdEventually(channel, queue);
    GetResponse second = holdEventually(channel, queue);
    channel.basicReject(tag(second), true);
    awaitReady(queue, 2);
    GetResponse again = hold(channel, queue);
    assertThat(text(again)).isEqualTo("2");
    assertCount(again.getProps(), 1);
    channel.basicNack(tag(again), true, true);
    // The first came back for the first time, the second for the second time.
    awaitReady(queue, 2);
    GetResponse first = hold(channel, queue);
    assertThat(text(first)).isEqualTo("1");
    assertCount(first.getProps(), 1);
    GetResponse third = hold(channel, queue);
    assertThat(text(third)).isEqualTo("3");
    assertCount(third.getProps(), 0);
  }

  @Test
  @Behaviour({133, 172})
  void aConsumerIsGivenOneMessageUntilItIsOver() throws Exception {
    String queue = quorum(Map.of("x-delivery-limit", 2));
    Channel channel = channel();
    channel.basicQos(1);
    Inbox inbox = Inbox.consume(channel, queue, false);
    send("", queue, "1", "2");
    for (String text : List.of("1", "2")) {
      for (int returns = 0; returns <= 2; returns++) {
        Delivery delivery = inbox.next();
        assertThat(Inbox.text(delivery)).isEqualTo(text);
        assertCount(delivery.getProperties(), returns);
        channel.basicReject(Inbox.tag(delivery), true);
      }
    }
    send("", queue, "3");
    assertThat(inbox.texts(1)).containsExactly("3");
    inbox.assertNoMore();
  }

  @Test
  @Behaviour({120, 172})
  void inATransactionItCountsAtTheCommit() throws Exception {
    String queue = quorum(Map.of("x-delivery-limit", 1));
    send("", queue, "1");
    Channel tx = channel();
    tx.txSelect();
    GetResponse response = holdEventually(tx, queue);
    tx.basicReject(tag(response), true);
    tx.txRollback();
    tx.basicReject(tag(response), true);
    tx.txCommit();
    GetResponse again = holdEventually(tx, queue);
    assertCount(again.getProps(), 1);
    tx.basicReject(tag(again), true);
    tx.txCommit();
    assertNothingComes(queue);
  }

  @Test
  @Behaviour({131, 172})
  void aClassicQueueNeitherCountsNorLimits() throws Exception {
    String queue = durableQueue(Map.of());
    send("", queue, "1");
    Channel channel = channel();
    for (int i = 0; i <= DEFAULT + 5; i++) {
      GetResponse response = hold(channel, queue);
      assertThat(response.getProps().getHeaders()).isNull();
      channel.basicReject(tag(response), true);
    }
    assertThat(contents(channel, queue)).containsExactly("1*");
  }

  /** Takes the one message of a queue and returns it, so many times. */
  private void returnTimes(String queue, int times) throws Exception {
    Channel channel = newChannel();
    for (int i = 0; i < times; i++) {
      GetResponse response = holdEventually(channel, queue);
      assertCount(response.getProps(), i);
      channel.basicReject(tag(response), true);
    }
    channel.close();
  }

  /** The first delivery has no count. */
  private static void assertCount(AMQP.BasicProperties properties, int returns) {
    Map<String, Object> headers = properties.getHeaders();
    Object count = headers == null ? null : headers.get("x-delivery-count");
    assertThat(count).isEqualTo(returns == 0 ? null : (Object) (long) returns);
  }

  /** One more message goes through the queue, and with it anything that is there. */
  private void assertNothingComes(String queue) throws Exception {
    send("", queue, "marker");
    Inbox inbox = Inbox.consume(newChannel(), queue, true);
    assertThat(inbox.texts(1)).containsExactly("marker");
    inbox.assertNoMore();
    assertThat(ready(queue)).isZero();
  }

  private static GetResponse holdEventually(Channel channel, String queue) {
    @Nullable GetResponse[] got = new GetResponse[1];
    await("a message in " + queue, () -> (got[0] = channel.basicGet(queue, false)) != null);
    return got[0];
  }

  private String quorum(Map<String, Object> more) throws Exception {
    var arguments = new HashMap<>(more);
    arguments.put("x-queue-type", "quorum");
    return durableQueue(arguments);
  }
}
