package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.GetResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a restart makes of deliveries, settled or not, and of consumers. On the test thread. */
class DeliveryRestartTest extends RestartTest {

  @Test
  @Behaviour({131, 180})
  void unackedMessagesComeBackInPlaceAndRedelivered() throws Exception {
    String queue = durableQueue();
    keep("", queue, "1", "2", "3", "4", "5");
    Channel consuming = newConnection().createChannel();
    consuming.basicQos(2);
    Inbox inbox = Inbox.consume(consuming, queue, false);
    assertThat(inbox.texts(2)).containsExactly("1", "2");
    Channel getting = newConnection().createChannel();
    assertThat(text(hold(getting, queue))).isEqualTo("3");
    restartBroker();
    assertThat(ready(queue)).isEqualTo(5);
    for (String expected : List.of("1", "2", "3")) {
      GetResponse response = hold(channel(), queue);
      assertThat(text(response)).isEqualTo(expected);
      assertThat(redelivered(response)).as("redelivered of %s", expected).isTrue();
    }
    assertThat(drain(queue)).containsExactly("4", "5");
  }

  @Test
  @Behaviour({131, 180})
  void whatNobodyHasSeenIsNotRedelivered() throws Exception {
    String queue = durableQueue();
    keep("", queue, "1", "2");
    restartBroker();
    keep("", queue, "3");
    for (String expected : List.of("1", "2", "3")) {
      GetResponse response = hold(channel(), queue);
      assertThat(text(response)).isEqualTo(expected);
      assertThat(redelivered(response)).as("redelivered of %s", expected).isFalse();
    }
  }

  @Test
  @Behaviour({135, 180})
  void settledMessagesStayGone() throws Exception {
    String queue = durableQueue();
    keepMany(queue, 20);
    Channel channel = newChannel();
    assertThat(channel.basicGet(queue, true)).isNotNull();
    channel.basicAck(tag(hold(channel, queue)), false);
    channel.basicReject(tag(hold(channel, queue)), false);
    channel.basicNack(tag(hold(channel, queue)), false, false);
    for (int i = 5; i <= 9; i++) {
      hold(channel, queue);
    }
    // Tag 8 is message 8: 5 to 8 are acked at once, 9 is left.
    channel.basicAck(8, true);
    for (int i = 10; i <= 15; i++) {
      GetResponse response = hold(channel, queue);
      if (i % 2 == 0) {
        channel.basicAck(tag(response), false);
      }
    }
    // Its close-ok proves that all that has arrived.
    channel.close();
    restartBroker();
    assertThat(drain(queue)).containsExactly("9", "11", "13", "15", "16", "17", "18", "19", "20");
  }

  @Test
  @Behaviour({132, 180})
  void requeuedMessagesKeepPlaceAndMark() throws Exception {
    String queue = durableQueue();
    keep("", queue, "1", "2", "3", "4");
    Channel channel = newChannel();
    long first = tag(hold(channel, queue));
    long second = tag(hold(channel, queue));
    long third = tag(hold(channel, queue));
    channel.basicNack(third, false, true);
    channel.basicReject(first, true);
    channel.basicAck(second, false);
    channel.close();
    restartBroker();
    assertThat(List.of(hold(channel(), queue), hold(channel(), queue)))
        .allMatch(MessagingTest::redelivered)
        .extracting(MessagingTest::text)
        .containsExactly("1", "3");
    assertThat(drain(queue)).containsExactly("4");
  }

  @Test
  @Behaviour({180})
  void redeliveredIsRememberedOverTwoRestarts() throws Exception {
    String queue = durableQueue();
    keep("", queue, "1", "2");
    hold(newConnection().createChannel(), queue);
    restartBroker();
    keep("", queue, "3");
    restartBroker();
    GetResponse first = hold(channel(), queue);
    assertThat(text(first)).isEqualTo("1");
    assertThat(redelivered(first)).isTrue();
    assertThat(drain(queue)).containsExactly("2", "3");
  }

  @Test
  @Behaviour({126, 129, 136, 180})
  void consumersStartAnew() throws Exception {
    String queue = durableQueue();
    keep("", queue, "1");
    Inbox before = Inbox.consumeAs(newConnection().createChannel(), queue, "the-tag");
    assertThat(Inbox.tag(before.next())).isEqualTo(1);
    String exclusive = durableQueue();
    Inbox.consumeExclusively(newConnection().createChannel(), exclusive);
    restartBroker();
    assertThat(channel().queueDeclarePassive(queue).getConsumerCount()).isZero();
    Inbox after = Inbox.consumeAs(channel(), queue, "the-tag");
    Delivery delivery = after.next();
    assertThat(Inbox.text(delivery)).isEqualTo("1");
    assertThat(Inbox.tag(delivery)).isEqualTo(1);
    assertThat(delivery.getEnvelope().isRedeliver()).isTrue();
    // The exclusive consumer's claim has ended with it.
    Inbox shared = Inbox.consume(channel(), exclusive, true);
    keep("", exclusive, "2");
    assertThat(Inbox.text(shared.next())).isEqualTo("2");
  }

  @Test
  @Behaviour({149, 180})
  void singleActiveConsumerIsStillSingle() throws Exception {
    String queue = durableQueue(Map.of("x-single-active-consumer", true));
    keep("", queue, "1");
    restartBroker();
    Inbox active = Inbox.consume(channel(), queue, true);
    Inbox waiting = Inbox.consume(newChannel(), queue, true);
    keep("", queue, "2", "3");
    assertThat(active.texts(3)).containsExactly("1", "2", "3");
    waiting.assertNoMore();
    active.cancel();
    keep("", queue, "4");
    assertThat(Inbox.text(waiting.next())).isEqualTo("4");
  }

  @Test
  @Behaviour({125, 180})
  void newMessagesComeAfterTheOldOnes() throws Exception {
    String queue = durableQueue();
    keepMany(queue, 600);
    restartBroker();
    Inbox inbox = Inbox.consume(channel(), queue, false);
    for (int i = 1; i <= 600; i++) {
      if (i % 20 == 0) {
        keep("", queue, "new " + i);
      }
      Delivery delivery = inbox.next();
      assertThat(Inbox.text(delivery)).isEqualTo("" + i);
      channel().basicAck(Inbox.tag(delivery), false);
    }
    for (int i = 20; i <= 600; i += 20) {
      assertThat(Inbox.text(inbox.next())).isEqualTo("new " + i);
    }
    inbox.assertNoMore();
  }
}
