package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Dead letters that have to arrive (at-least-once), though who gets them is full. */
class InsistentDeadLettersTest extends DyingTest {
  private static final String RETRIES = "RabbitMQ tries a refused letter again after three minutes";

  private static final AMQP.BasicProperties SOON_OVER =
      NO_PROPERTIES.builder().deliveryMode(2).expiration("50").build();

  private static final AMQP.BasicProperties LASTING =
      NO_PROPERTIES.builder().deliveryMode(2).build();

  private String insistent(String exchange, String key) throws Exception {
    Map<String, Object> arguments = new HashMap<>(to(exchange, key));
    arguments.put("x-queue-type", "quorum");
    arguments.put("x-dead-letter-strategy", "at-least-once");
    arguments.put("x-overflow", "reject-publish");
    return durableQueue(arguments);
  }

  private String full() throws Exception {
    return queue(Map.of("x-max-length", 0, "x-overflow", "reject-publish"));
  }

  @Test
  void whoHasALetterGetsItOnce() throws Exception {
    String exchange = exchange(BuiltinExchangeType.FANOUT);
    String open = queue();
    String full = full();
    Channel channel = channel();
    channel.queueBind(open, exchange, "");
    channel.queueBind(full, exchange, "");
    String source = insistent(exchange, "");
    for (int i = 0; i < 20; i++) {
      send("", source, SOON_OVER, "m" + i);
    }
    awaitReady(open, 20);
    // Long enough for those who were refused to be tried again.
    letPass(1_000);
    letPass(1_000);
    assertThat(ready(open)).isEqualTo(20);
  }

  @Test
  void whatLivesIsDeliveredMeanwhile() throws Exception {
    String source = insistent("", full());
    for (int i = 0; i < 100; i++) {
      send("", source, SOON_OVER, "m" + i);
    }
    awaitReady(source, 0);
    send("", source, LASTING, "alive");
    assertThat(Inbox.text(Inbox.consume(newChannel(), source, true).next())).isEqualTo("alive");
  }

  @Test
  void theyArriveWhenThereIsRoom() throws Exception {
    assumeFalse(BrokerUnderTest.isForeign(), RETRIES);
    String target = queue(Map.of("x-max-length", 1, "x-overflow", "reject-publish"));
    String source = insistent("", target);
    for (int i = 0; i < 3; i++) {
      send("", source, SOON_OVER, "m" + i);
    }
    for (int i = 0; i < 3; i++) {
      assertThat(getEventually(target)).isNotNull();
    }
  }

  @Test
  void theyArriveInAQueueThatTakesTheOthersPlace() throws Exception {
    assumeFalse(BrokerUnderTest.isForeign(), RETRIES);
    String exchange = exchange(BuiltinExchangeType.FANOUT);
    String full = full();
    Channel channel = channel();
    channel.queueBind(full, exchange, "");
    String source = insistent(exchange, "");
    for (int i = 0; i < 20; i++) {
      send("", source, SOON_OVER, "m" + i);
    }
    awaitReady(source, 0);
    channel.queueDelete(full);
    String open = queue();
    channel.queueBind(open, exchange, "");
    awaitReady(open, 20);
  }
}
