package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Method;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What an operation sets off on its own channel comes after its answer: some clients take whatever
 * comes next for the answer. On the test thread.
 */
class AnswersFirstTest extends MessagingTest {
  private RawConnection raw;
  private String queue;

  @BeforeEach
  void open() throws Exception {
    queue = queueName();
    raw = rawConnection();
    Map<String, Object> capabilities = Map.of("consumer_cancel_notify", true);
    raw.open(
        raw.hello().withClientProperties(Map.of("capabilities", capabilities)), 2047, 131072, 0);
    raw.openChannel(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Behaviour({83, 154})
  @DisplayName("queue.delete by a consumer of the queue: delete-ok, then the cancels")
  void deleteOkBeforeCancels(boolean durable) throws Exception {
    observer().queueDeclare(queue, durable, false, false, Map.of());
    consume("a");
    consume("b");

    raw.send(1, new AMQP.Queue.Delete.Builder().queue(queue).build());

    raw.expect(1, AMQP.Queue.DeleteOk.class);
    assertThat(raw.expect(1, AMQP.Basic.Cancel.class).getConsumerTag()).isEqualTo("a");
    assertThat(raw.expect(1, AMQP.Basic.Cancel.class).getConsumerTag()).isEqualTo("b");
  }

  @Test
  @Behaviour({83, 154})
  @DisplayName("a delete that is refused leaves deliveries as they were")
  void refusedDelete() throws Exception {
    observer().queueDeclare(queue, false, false, false, Map.of());
    consume("a");
    raw.openChannel(2);

    raw.send(2, new AMQP.Queue.Delete.Builder().queue(queue).ifUnused(true).build());

    assertThat(raw.expect(2, AMQP.Channel.Close.class).getReplyCode()).isEqualTo(406);
    send("", queue, "1");
    expectDelivery("a", false);
  }

  @Test
  @Behaviour({130, 149})
  @DisplayName("basic.cancel of the active consumer: cancel-ok, then what the next one gets")
  void cancelOkBeforeTheSuccessorsDeliveries() throws Exception {
    Map<String, Object> single = Map.of("x-single-active-consumer", true);
    observer().queueDeclare(queue, false, false, false, single);
    fill(queue, 2);
    raw.send(1, new AMQP.Basic.Qos.Builder().prefetchCount(1).build());
    raw.expect(1, AMQP.Basic.QosOk.class);
    consume("a");
    expectDelivery("a", false);
    consume("b");

    raw.send(1, new AMQP.Basic.Cancel.Builder().consumerTag("a").build());

    raw.expect(1, AMQP.Basic.CancelOk.class);
    expectDelivery("b", false);
  }

  @Test
  @Behaviour({119, 120})
  @DisplayName("tx.commit of a nack: commit-ok, then the redelivery")
  void commitOkBeforeRedeliveries() throws Exception {
    deliverOne();
    call(new AMQP.Tx.Select.Builder().build(), AMQP.Tx.SelectOk.class);
    raw.send(1, new AMQP.Basic.Nack.Builder().deliveryTag(1).requeue(true).build());

    raw.send(1, new AMQP.Tx.Commit.Builder().build());

    raw.expect(1, AMQP.Tx.CommitOk.class);
    expectDelivery("a", true);
  }

  @Test
  @Behaviour(137)
  @DisplayName("basic.recover: recover-ok, then the redelivery")
  void recoverOkBeforeRedeliveries() throws Exception {
    deliverOne();

    raw.send(1, new AMQP.Basic.Recover.Builder().requeue(true).build());

    raw.expect(1, AMQP.Basic.RecoverOk.class);
    expectDelivery("a", true);
  }

  private void deliverOne() throws Exception {
    observer().queueDeclare(queue, false, false, false, Map.of());
    send("", queue, "1");
    consume("a");
    expectDelivery("a", false);
  }

  private void consume(String tag) throws IOException {
    call(
        new AMQP.Basic.Consume.Builder().queue(queue).consumerTag(tag).build(),
        AMQP.Basic.ConsumeOk.class);
  }

  private void call(Method request, Class<? extends Method> answer) throws IOException {
    raw.send(1, request);
    raw.expect(1, answer);
  }

  private void expectDelivery(String tag, boolean redelivered) throws IOException {
    AMQP.Basic.Deliver delivery = raw.expect(1, AMQP.Basic.Deliver.class);
    assertThat(delivery.getConsumerTag()).isEqualTo(tag);
    assertThat(delivery.getRedelivered()).isEqualTo(redelivered);
    assertThat(raw.read().type()).isEqualTo(RawFrame.HEADER);
    assertThat(raw.read().type()).isEqualTo(RawFrame.BODY);
  }
}
