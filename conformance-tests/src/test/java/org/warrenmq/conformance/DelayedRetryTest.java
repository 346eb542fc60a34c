package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.GetResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Messages that come back wait before they are given again, where a queue is declared so: RabbitMQ
 * has that from 4.3 on, for quorum queues. On the test thread.
 */
class DelayedRetryTest extends MessagingTest {
  /** Milliseconds; a timer may be late, and is never early. */
  private static final int WAIT = 400;

  private static final int LONG = 3_600_000;

  /** How a message comes back to its queue. */
  private enum Return {
    REJECT(true) {
      @Override
      void of(Channel channel, long tag) throws Exception {
        channel.basicReject(tag, true);
      }
    },
    NACK(false) {
      @Override
      void of(Channel channel, long tag) throws Exception {
        channel.basicNack(tag, false, true);
      }
    },
    RECOVER(false) {
      @Override
      void of(Channel channel, long tag) throws Exception {
        channel.basicRecover(true);
      }
    },
    CHANNEL_CLOSE(true) {
      @Override
      void of(Channel channel, long tag) throws Exception {
        channel.close();
      }
    },
    CONNECTION_CLOSE(true) {
      @Override
      void of(Channel channel, long tag) throws Exception {
        channel.getConnection().close();
      }
    };

    /** Whether that is a failure of who had it. */
    final boolean failed;

    Return(boolean failed) {
      this.failed = failed;
    }

    abstract void of(Channel channel, long tag) throws Exception;
  }

  @BeforeEach
  void onlyWhereItIs() {
    assumeFalse(BrokerUnderTest.isForeign(), "RabbitMQ has delayed retries from 4.3 on");
  }

  @ParameterizedTest
  @EnumSource
  @Behaviour({131, 132})
  void whatFailedWaits(Return how) throws Exception {
    String queue = retrying("failed", LONG, Map.of());
    giveBackOne(queue, how);
    assertThat(ready(queue)).isEqualTo(how.failed ? 1 : 2);
    assertThat(contents(channel(), queue))
        .containsExactlyElementsOf(how.failed ? List.of("2") : List.of("1*", "2"));
  }

  @ParameterizedTest
  @EnumSource
  @Behaviour({131, 132})
  void whatWasReturnedWaits(Return how) throws Exception {
    String queue = retrying("returned", LONG, Map.of());
    giveBackOne(queue, how);
    assertThat(contents(channel(), queue))
        .containsExactlyElementsOf(how.failed ? List.of("1*", "2") : List.of("2"));
  }

  @ParameterizedTest
  @EnumSource
  @Behaviour({131, 132})
  void everythingWaits(Return how) throws Exception {
    String queue = retrying("all", WAIT, Map.of());
    long begin = System.nanoTime();
    giveBackOne(queue, how);
    awaitReady(queue, 2);
    assertThat(millisSince(begin)).isGreaterThanOrEqualTo(WAIT);
    // In its old place.
    assertThat(contents(channel(), queue)).containsExactly("1*", "2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"disabled", ""})
  @Behaviour(132)
  void withoutATypeNothingWaits(String type) throws Exception {
    String queue = retrying(type, LONG, Map.of());
    giveBackOne(queue, Return.REJECT);
    assertThat(contents(channel(), queue)).containsExactly("1*", "2");
  }

  private void giveBackOne(String queue, Return how) throws Exception {
    fill(queue, 2);
    Connection connection = newConnection();
    Channel channel = connection.createChannel();
    how.of(channel, tag(hold(channel, queue)));
    if (connection.isOpen()) {
      // An answer: what was asked before has been done.
      connection.createChannel().close();
      if (channel.isOpen()) {
        channel.queueDeclarePassive(queue);
      }
    }
  }

  /** What the next delivery waits, each time. */
  @Test
  @Behaviour({133, 172})
  void eachTimeItWaitsLongerUpToAMost() throws Exception {
    String queue = retrying("all", 200, Map.of("x-delayed-retry-max", 450));
    assertWaits(queue, 200, 400, 450, 450);
  }

  @Test
  @Behaviour({133, 172})
  void byAMultiplier() throws Exception {
    String queue =
        retrying("all", 100, Map.of("x-delayed-retry-multiplier", 3, "x-delayed-retry-max", 1_000));
    assertWaits(queue, 100, 300, 900, 1_000);
  }

  private void assertWaits(String queue, int... millis) throws Exception {
    Channel channel = channel();
    channel.basicQos(1);
    Inbox inbox = Inbox.consume(channel, queue, false);
    send("", queue, "1");
    Delivery delivery = inbox.next();
    for (int wait : millis) {
      long begin = System.nanoTime();
      channel.basicReject(Inbox.tag(delivery), true);
      delivery = inbox.next();
      assertThat(millisSince(begin)).isBetween((long) wait, wait + 5_000L);
    }
    channel.basicAck(Inbox.tag(delivery), false);
  }

  @Test
  @Behaviour(133)
  void othersPassByMeanwhile() throws Exception {
    String queue = retrying("all", LONG, Map.of());
    Channel channel = channel();
    channel.basicQos(1);
    Inbox inbox = Inbox.consume(channel, queue, false);
    fill(queue, 3);
    for (String text : List.of("1", "2", "3")) {
      Delivery delivery = inbox.next();
      assertThat(Inbox.text(delivery)).isEqualTo(text);
      channel.basicReject(Inbox.tag(delivery), true);
    }
    inbox.assertNoMore();
  }

  @Test
  @Behaviour(155)
  void whatExpiresMeanwhileIsADeadLetter() throws Exception {
    String dead = queue();
    String queue =
        retrying(
            "all", LONG, Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", dead));
    send("", queue, NO_PROPERTIES.builder().expiration("500").build(), "1");
    Channel channel = channel();
    channel.basicReject(tag(hold(channel, queue)), true);
    awaitReady(dead, 1);
    GetResponse letter = hold(channel, dead);
    assertThat(letter.getProps().getHeaders().get("x-first-death-reason")).hasToString("expired");
  }

  @Test
  @Behaviour(172)
  void theDeliveryLimitHoldsAndComesFirst() throws Exception {
    String queue = retrying("all", 1, Map.of("x-delivery-limit", 1));
    send("", queue, "1");
    Channel channel = channel();
    for (int i = 0; i <= 1; i++) {
      awaitReady(queue, 1);
      channel.basicReject(tag(hold(channel, queue)), true);
    }
    assertThat(channel.queuePurge(queue).getMessageCount()).isZero();
  }

  @Test
  @Behaviour(100)
  void aPurgeTakesWhatWaits() throws Exception {
    String queue = retrying("all", LONG, Map.of());
    fill(queue, 3);
    Channel channel = channel();
    channel.basicReject(tag(hold(channel, queue)), true);
    hold(channel, queue);
    assertThat(channel.queuePurge(queue).getMessageCount()).isEqualTo(2);
    channel.basicReject(2, true);
    assertThat(channel.queuePurge(queue).getMessageCount()).isEqualTo(1);
  }

  @Test
  @Behaviour(117)
  void whatWaitsDoesNotCountAgainstTheLength() throws Exception {
    String queue = retrying("all", LONG, Map.of("x-max-length", 1));
    send("", queue, "1");
    Channel channel = channel();
    channel.basicReject(tag(hold(channel, queue)), true);
    send("", queue, "2");
    assertThat(channel.queuePurge(queue).getMessageCount()).isEqualTo(2);
  }

  @Test
  @Behaviour(120)
  void inATransactionItWaitsFromTheCommitOn() throws Exception {
    String queue = retrying("failed", LONG, Map.of());
    fill(queue, 2);
    Channel tx = channel();
    tx.txSelect();
    tx.basicReject(tag(hold(tx, queue)), true);
    tx.basicNack(tag(hold(tx, queue)), false, true);
    tx.txCommit();
    assertThat(contents(channel(), queue)).containsExactly("2*");
  }

  // ---------------------------------------------------------------- declarations

  static List<Arguments> invalidValues() {
    return List.of(
        Arguments.of("x-delayed-retry-type", "some", "invalid_delayed_retry_type"),
        Arguments.of("x-delayed-retry-type", 5, "{unacceptable_type,signedint}"),
        Arguments.of("x-delayed-retry-min", -1, "{value_negative,-1}"),
        Arguments.of("x-delayed-retry-min", "1", "\"expected integer, got longstr\""),
        Arguments.of("x-delayed-retry-max", -1, "{value_negative,-1}"),
        Arguments.of("x-delayed-retry-max", 1L << 60, "{value_too_large,1152921504606846976}"),
        Arguments.of("x-delayed-retry-multiplier", 0, "{value_out_of_range,0}"),
        Arguments.of("x-delayed-retry-multiplier", 1001, "{value_out_of_range,1001}"),
        Arguments.of("x-delayed-retry-multiplier", "2", "\"expected number, got longstr\""),
        Arguments.of("x-delayed-retry-multiplier", Double.NaN, "\"expected number, got double\""),
        Arguments.of("x-delayed-retry-jitter", -1, "{value_out_of_range,-1}"),
        Arguments.of("x-delayed-retry-jitter", 2, "{value_out_of_range,2}"),
        Arguments.of("x-delayed-retry-jitter", true, "\"expected number, got bool\""));
  }

  @ParameterizedTest
  @MethodSource("invalidValues")
  @Behaviour(93)
  void invalidValuesAreRefused(String key, Object value, String reason) throws Exception {
    String queue = queueName();
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - invalid arg '"
            + key
            + "' for queue '"
            + queue
            + "' in vhost '/': "
            + reason,
        () -> channel().queueDeclare(queue, false, false, false, Map.of(key, value)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "quorum"})
  @Behaviour({92, 93})
  void aRedeclarationHasToBeTheSame(String type) throws Exception {
    Map<String, Object> arguments = new HashMap<>();
    arguments.put("x-queue-type", type);
    arguments.put("x-delayed-retry-type", "all");
    arguments.put("x-delayed-retry-min", 5);
    arguments.put("x-delayed-retry-max", 1L << 32);
    arguments.put("x-delayed-retry-multiplier", 1.5);
    arguments.put("x-delayed-retry-jitter", 0.25f);
    String queue = durableQueue(arguments);
    channel().queueDeclare(queue, true, false, false, arguments);
    arguments.put("x-delayed-retry-min", 6);
    AMQP.Channel.Close close =
        channelClose(channel(), () -> channel().queueDeclare(queue, true, false, false, arguments));
    assertThat(close.getReplyText()).contains("inequivalent arg 'x-delayed-retry-min'");
  }

  private String retrying(String type, int min, Map<String, @Nullable Object> more)
      throws Exception {
    var arguments = new HashMap<String, @Nullable Object>(more);
    if (!type.isEmpty()) {
      arguments.put("x-delayed-retry-type", type);
    }
    arguments.put("x-delayed-retry-min", min);
    return queue(arguments);
  }

  private static long millisSince(long nanos) {
    return Duration.ofNanos(System.nanoTime() - nanos).toMillis();
  }
}
