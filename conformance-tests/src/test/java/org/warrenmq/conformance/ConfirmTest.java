package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.MessageProperties;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Publisher confirms; the client's reading thread counts them, the test thread looks. */
class ConfirmTest extends MessagingTest {
  private static final AMQP.BasicProperties PERSISTENT = MessageProperties.MINIMAL_PERSISTENT_BASIC;

  /** Ticks off sequence numbers; used by the client's reading thread, guarded by itself. */
  private static final class Confirms {
    private final TreeSet<Long> outstanding = new TreeSet<>();
    private final List<String> faults = new ArrayList<>();

    Confirms(Channel channel) {
      channel.addConfirmListener(
          this::confirmed, (tag, multiple) -> fault("nack of " + tag + ", multiple " + multiple));
    }

    synchronized void published(long sequence) {
      outstanding.add(sequence);
    }

    private synchronized void confirmed(long tag, boolean multiple) {
      if (!outstanding.contains(tag)) {
        fault("confirmed twice or never published: " + tag);
      }
      if (multiple) {
        outstanding.headSet(tag, true).clear();
      } else {
        outstanding.remove(tag);
      }
    }

    private synchronized void fault(String fault) {
      faults.add(fault);
    }

    synchronized boolean complete() {
      return outstanding.isEmpty() || !faults.isEmpty();
    }

    synchronized List<String> faults() {
      return List.copyOf(faults);
    }
  }

  @Test
  @Behaviour(111)
  void selectIsIdempotentAndNumbersStartAtOneOnEachChannel() throws Exception {
    String queue = queue();
    RawConnection raw = openRawConnection();
    for (int number = 1; number <= 2; number++) {
      raw.openChannel(number);
      raw.send(number, new AMQP.Confirm.Select.Builder().build());
      raw.expect(number, AMQP.Confirm.SelectOk.class);
      raw.publish(number, "", queue, bytes("x"));
      assertThat(raw.expect(number, AMQP.Basic.Ack.class).getDeliveryTag()).isEqualTo(1);
      raw.send(number, new AMQP.Confirm.Select.Builder().build());
      raw.expect(number, AMQP.Confirm.SelectOk.class);
      raw.publish(number, "", queue, bytes("y"));
      assertThat(raw.expect(number, AMQP.Basic.Ack.class).getDeliveryTag()).isEqualTo(2);
    }
  }

  @Test
  @Behaviour(111)
  void publishesBeforeSelectAreNotCounted() throws Exception {
    String queue = queue();
    RawConnection raw = openRawConnection();
    raw.openChannel(1);
    raw.publish(1, "", queue, bytes("unconfirmed"));
    raw.send(1, new AMQP.Confirm.Select.Builder().build());
    raw.expect(1, AMQP.Confirm.SelectOk.class);
    raw.publish(1, "", queue, bytes("confirmed"));
    assertThat(raw.expect(1, AMQP.Basic.Ack.class).getDeliveryTag()).isEqualTo(1);
    assertThat(drain(queue)).containsExactly("unconfirmed", "confirmed");
  }

  @Test
  @Behaviour(112)
  void aConfirmChannelCannotBecomeTransactional() throws Exception {
    channel().confirmSelect();
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - cannot switch from confirm to tx mode",
        () -> channel().txSelect());
  }

  @Test
  @Behaviour(112)
  void aTransactionalChannelCannotConfirm() throws Exception {
    channel().txSelect();
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - cannot switch from tx to confirm mode",
        () -> channel().confirmSelect());
  }

  @Test
  @Behaviour({114, 115})
  void everyMessageIsConfirmedOnceWhateverItsQueues() throws Exception {
    String fanout = exchange("fanout", Map.of());
    List<String> transients = List.of(boundQueue(fanout, ""), boundQueue(fanout, ""));
    String durable = durableQueue(Map.of());
    channel().queueBind(durable, fanout, "");
    String lonely = queue();
    Channel channel = newChannel();
    var confirms = new Confirms(channel);
    channel.confirmSelect();
    int rounds = 200;
    for (int i = 0; i < rounds; i++) {
      publish(channel, confirms, fanout, "", PERSISTENT);
      publish(channel, confirms, fanout, "", NO_PROPERTIES);
      publish(channel, confirms, "", durable, PERSISTENT);
      publish(channel, confirms, "", lonely, NO_PROPERTIES);
      publish(channel, confirms, "", "nobody." + lonely, NO_PROPERTIES);
    }
    await("all confirms", confirms::complete);
    assertThat(confirms.faults()).isEmpty();
    assertThat(ready(transients.getFirst())).isEqualTo(2 * rounds);
    assertThat(ready(transients.getLast())).isEqualTo(2 * rounds);
    assertThat(ready(durable)).isEqualTo(3 * rounds);
    assertThat(ready(lonely)).isEqualTo(rounds);
    // A further confirm is the proof that none of the earlier ones came twice.
    publish(channel, confirms, "", lonely, NO_PROPERTIES);
    await("one more confirm", confirms::complete);
    assertThat(confirms.faults()).isEmpty();
  }

  @Test
  @Behaviour(115)
  void aConfirmedMessageIsInAllItsQueues() throws Exception {
    String fanout = exchange("fanout", Map.of());
    List<String> queues =
        List.of(boundQueue(fanout, ""), boundQueue(fanout, ""), durableQueue(Map.of()));
    channel().queueBind(queues.getLast(), fanout, "");
    for (int i = 1; i <= 20; i++) {
      send(fanout, "", i % 2 == 0 ? PERSISTENT : NO_PROPERTIES, "m" + i);
      for (String queue : queues) {
        assertThat(take(queue)).isEqualTo("m" + i);
      }
    }
  }

  @Test
  @Behaviour(114)
  void messagesWithAConsumerAreConfirmedOnce() throws Exception {
    String queue = queue();
    Inbox inbox = Inbox.consume(newChannel(), queue, true);
    Channel channel = newChannel();
    var confirms = new Confirms(channel);
    channel.confirmSelect();
    for (int i = 0; i < 500; i++) {
      publish(channel, confirms, "", queue, NO_PROPERTIES);
    }
    await("all confirms", confirms::complete);
    assertThat(confirms.faults()).isEmpty();
    assertThat(inbox.take(500)).hasSize(500);
  }

  @Test
  @Behaviour({113, 114})
  void whatIsPurgedRejectedOrDeletedIsConfirmed() throws Exception {
    String queue = durableQueue(Map.of());
    var verdicts = Verdicts.of(newChannel());
    verdicts.fill(queue, PERSISTENT, 300);
    channel().queuePurge(queue);
    verdicts.fill(queue, PERSISTENT, 300);
    Channel consumer = newChannel();
    Inbox inbox = Inbox.consume(consumer, queue, false);
    consumer.basicReject(inbox.nextTag(), false);
    consumer.basicNack(inbox.nextTag(), false, false);
    verdicts.fill(queue, PERSISTENT, 300);
    channel().queueDelete(queue);
    assertThat(verdicts.acked()).hasSize(900);
    assertThat(verdicts.nacked()).isEmpty();
  }

  private static void publish(
      Channel channel,
      Confirms confirms,
      String exchange,
      String key,
      AMQP.BasicProperties properties)
      throws Exception {
    confirms.published(channel.getNextPublishSeqNo());
    channel.basicPublish(exchange, key, properties, bytes("x"));
  }
}
