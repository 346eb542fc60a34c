package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.GetResponse;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of deliveries that are not acknowledged in time. */
class ConsumerTimeoutTest extends MessagingTest {
  private static final Map<String, Object> SHORT = Map.of("x-consumer-timeout", 300);
  private static final Map<String, Object> LONG = Map.of("x-consumer-timeout", 600_000);

  @BeforeEach
  void ofOurOwn() {
    assumeFalse(
        BrokerUnderTest.isForeign(),
        "RabbitMQ looks once a minute, closes the channel, and knows no argument of consumers");
  }

  @Test
  void overdueDeliveriesGoBackAndTheirConsumerIsCancelled() throws Exception {
    String queue = queue(SHORT);
    fill(queue, 2);
    Channel channel = newChannel();
    Inbox slow = Inbox.consumeAs(channel, queue, "slow");
    long tag = slow.nextTag();
    assertThat(slow.cancelledByServer()).isEqualTo("slow");
    awaitReady(queue, 2);
    // It may have found out at any time: that is no fault.
    channel.basicAck(tag, false);
    assertThat(contents(channel, queue)).containsExactly("1*", "2*");
    assertThat(channel.isOpen()).isTrue();
  }

  @Test
  void othersOfTheChannelGoOn() throws Exception {
    Channel channel = newChannel();
    String patient = queue();
    String queue = queue(SHORT);
    send("", patient, "kept");
    send("", queue, "lost");
    Inbox keeps = Inbox.consume(channel, patient, false);
    Delivery kept = keeps.next();
    Inbox.consumeAs(channel, queue, "slow").cancelledByServer();
    assertThat(ready(patient)).isZero();
    channel.basicAck(Inbox.tag(kept), false);
    send("", patient, "next");
    assertThat(keeps.texts(1)).containsExactly("next");
    assertThat(keeps.cancellation()).isNotDone();
  }

  @Test
  void anotherConsumerGetsThem() throws Exception {
    String queue = queue(SHORT);
    Inbox slow = Inbox.consumeAs(newChannel(), queue, "slow");
    send("", queue, "m");
    slow.next();
    Inbox next = Inbox.consume(newConnection().createChannel(), queue, true);
    Delivery delivery = next.next();
    assertThat(Inbox.text(delivery)).isEqualTo("m");
    assertThat(delivery.getEnvelope().isRedeliver()).isTrue();
  }

  @Test
  void theTagIsFreeAgain() throws Exception {
    String queue = queue(SHORT);
    Channel channel = newChannel();
    send("", queue, "m");
    Inbox.consumeAs(channel, queue, "again").cancelledByServer();
    Inbox second = Inbox.consumeAs(channel, queue, "again");
    channel.basicAck(second.nextTag(), false);
    assertThat(contents(channel, queue)).isEmpty();
  }

  @Test
  void theConsumersArgumentWins() throws Exception {
    String queue = queue(LONG);
    send("", queue, "m");
    Inbox slow = Inbox.consume(newChannel(), queue, false, SHORT);
    assertThat(slow.cancelledByServer()).isEqualTo(slow.consumerTag());
    assertPatient(LONG);
    assertPatient(Map.of("x-consumer-timeout", 0));
  }

  /** On a queue with a short time; another consumer that has that comes later, and is cancelled. */
  private void assertPatient(Map<String, Object> arguments) throws Exception {
    String queue = queue(SHORT);
    String other = queue(SHORT);
    send("", queue, "kept");
    Channel channel = newChannel();
    Inbox patient = Inbox.consume(channel, queue, false, arguments);
    patient.next();
    send("", other, "m");
    Inbox.consumeAs(channel, other, "slow").cancelledByServer();
    assertThat(patient.cancellation()).isNotDone();
    assertThat(ready(queue)).isZero();
  }

  @Test
  void theConsumersArgumentIsAnInteger() throws Exception {
    String queue = queue();
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - invalid arg 'x-consumer-timeout' for queue '"
            + queue
            + "' in vhost '/': \"expected integer, got longstr\"",
        () -> Inbox.consume(channel(), queue, false, Map.of("x-consumer-timeout", "soon")));
  }

  @Test
  void messagesThatWereGotGoBack() throws Exception {
    String queue = queue(SHORT);
    send("", queue, "m");
    Channel channel = newChannel();
    GetResponse got = hold(channel, queue);
    awaitReady(queue, 1);
    channel.basicNack(tag(got), false, false);
    assertThat(contents(channel, queue)).containsExactly("m*");
  }

  @Test
  void anUncommittedAckIsNone() throws Exception {
    String queue = queue(SHORT);
    send("", queue, "m");
    Channel channel = newChannel();
    channel.txSelect();
    Inbox slow = Inbox.consumeAs(channel, queue, "slow");
    channel.basicAck(slow.nextTag(), false);
    slow.cancelledByServer();
    channel.txCommit();
    awaitReady(queue, 1);
  }

  @Test
  void aClientThatCannotBeToldLosesItsChannel() throws Exception {
    String queue = queue(SHORT);
    send("", queue, "m");
    RawConnection raw = openRawConnection();
    raw.openChannel(3);
    raw.send(3, new AMQP.Basic.Consume.Builder().queue(queue).consumerTag("t").build());
    raw.expect(3, AMQP.Basic.ConsumeOk.class);
    raw.expect(3, AMQP.Basic.Deliver.class);
    assertThat(raw.read().bodySize()).isEqualTo(1);
    assertThat(raw.read().payload()).isEqualTo(bytes("m"));
    AMQP.Channel.Close close = raw.expect(3, AMQP.Channel.Close.class);
    assertThat(close.getReplyCode()).isEqualTo(406);
    assertThat(close.getReplyText())
        .isEqualTo(
            "PRECONDITION_FAILED - delivery acknowledgement on channel 3 timed out. Timeout value"
                + " used: 300 ms. This timeout value can be configured, see consumers doc guide"
                + " to learn more");
    assertThat(close.getClassId()).isZero();
    assertThat(close.getMethodId()).isZero();
    awaitReady(queue, 1);
  }

  @Test
  void aSingleActiveConsumerMakesRoom() throws Exception {
    String queue = queue(Map.of("x-consumer-timeout", 300, "x-single-active-consumer", true));
    Inbox first = Inbox.consumeAs(newChannel(), queue, "first");
    Inbox second = Inbox.consume(newChannel(), queue, true);
    send("", queue, "m");
    first.next();
    first.cancelledByServer();
    assertThat(second.texts(1)).containsExactly("m");
  }
}
