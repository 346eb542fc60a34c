package org.warrenmq.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.warrenmq.broker.TestBroker.await;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.GetResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What waits and what goes on while the broker is short of memory. */
class MemoryAlarmTest extends AlarmTest {
  @Test
  @DisplayName("a client is told when it publishes, not before, and again when it may go on")
  void blockedWhenItPublishes() throws Exception {
    Client client = client();
    raise();
    client.channel.queueDeclarePassive(queue);
    assertThat(client.told).isEmpty();

    client.publish(queue, "0");
    client.awaitBlocked();
    client.publish(queue, "1");
    staysAt(0, queue);

    clear();
    await("both messages").until(() -> depth(queue) == 2);
    await("unblocked").until(() -> client.told.size() == 2);
    assertThat(client.told).containsExactly("blocked: low on memory", "unblocked");
  }

  @Test
  @DisplayName("a connection made during the alarm is blocked as well")
  void connectionDuringTheAlarm() throws Exception {
    raise();
    Client client = client();
    client.publish(queue, "late");
    client.awaitBlocked();
    staysAt(0, queue);
    clear();
    await("its message").until(() -> depth(queue) == 1);
  }

  @Test
  @DisplayName("a client without the capability waits, but is not told")
  void clientWithoutTheCapability() throws Exception {
    RawClient raw = rawClient();
    raw.openChannel(2);
    raise();
    raw.publish(1, queue, "quiet".getBytes(UTF_8));
    raw.send(2, passive(queue));
    assertThat(raw.expect(2, AMQP.Queue.DeclareOk.class).getMessageCount()).isZero();
    staysAt(0, queue);
    clear();
    await("its message").until(() -> depth(queue) == 1);
    raw.send(2, passive(queue));
    assertThat(raw.expect(2, AMQP.Queue.DeclareOk.class).getMessageCount()).isEqualTo(1);
  }

  @Test
  @DisplayName("after the alarm everything that waited arrives in order and is confirmed")
  void everythingArrivesInOrder() throws Exception {
    Client client = client();
    client.channel.confirmSelect();
    raise();
    for (int i = 0; i < 1000; i++) {
      client.publish(queue, String.valueOf(i));
    }
    client.awaitBlocked();
    staysAt(0, queue);
    clear();
    client.channel.waitForConfirmsOrDie(TestBroker.LIMIT.toMillis());
    assertThat(texts(client.channel, queue)).isEqualTo(numbers(0, 1000));
  }

  @Test
  @DisplayName("alarm after alarm: each is told once, and order holds across them")
  void severalAlarms() throws Exception {
    Client client = client();
    for (int alarm = 0; alarm < 3; alarm++) {
      raise();
      for (int i = 0; i < 10; i++) {
        client.publish(queue, String.valueOf(10 * alarm + i));
      }
      client.awaitBlocked();
      clear();
      await("unblocked").until(() -> !client.isBlocked());
    }
    await("all messages").until(() -> depth(queue) == 30);
    assertThat(texts(client.channel, queue)).isEqualTo(numbers(0, 30));
    assertThat(client.told).hasSize(6);
  }

  @Test
  @DisplayName("on a blocked connection acks, gets, deliveries and closes pass")
  void whatPasses() throws Exception {
    Client client = client();
    for (int i = 0; i < 4; i++) {
      client.publish(queue, String.valueOf(i));
    }
    await("the backlog").until(() -> depth(queue) == 4);
    Channel other = client.connection.createChannel();
    Channel idle = client.connection.createChannel();
    idle.basicQos(1);
    CompletableFuture<String> delivered = new CompletableFuture<>();
    raise();
    client.publish(queue, "late");
    client.awaitBlocked();

    GetResponse first = other.basicGet(queue, false);
    assertThat(first.getBody()).asString().isEqualTo("0");
    other.basicAck(first.getEnvelope().getDeliveryTag(), false);
    GetResponse second = other.basicGet(queue, false);
    other.basicNack(second.getEnvelope().getDeliveryTag(), false, true);
    await("the nacked message").until(() -> depth(queue) == 3);
    idle.basicConsume(
        queue,
        new DefaultConsumer(idle) {
          @Override
          public void handleDelivery(
              String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
              throws IOException {
            delivered.complete(new String(body, UTF_8));
          }
        });
    assertThat(delivered.get(5, TimeUnit.SECONDS)).isEqualTo("1");
    idle.close();
    await("what the closed channel gave back").until(() -> depth(queue) == 3);
    other.close();
    assertThat(client.isBlocked()).isTrue();
    client.connection.close((int) TestBroker.LIMIT.toMillis());
    assertThat(client.connection.isOpen()).isFalse();
  }

  @Test
  @DisplayName("a connection that only consumes goes on and is told nothing")
  void onlyConsumes() throws Exception {
    Client producer = client();
    for (int i = 0; i < 200; i++) {
      producer.publish(queue, String.valueOf(i));
    }
    await("the backlog").until(() -> depth(queue) == 200);
    Client consumer = client();
    consumer.channel.basicQos(7);
    List<String> received = new CopyOnWriteArrayList<>();
    raise();
    consumer.channel.basicConsume(queue, acking(consumer.channel, received));
    await("all deliveries").until(() -> received.size() == 200);
    assertThat(received).isEqualTo(numbers(0, 200));
    consumer.channel.queueDeclarePassive(queue);
    assertThat(consumer.told).isEmpty();
  }

  private static DefaultConsumer acking(Channel channel, List<String> received) {
    return new DefaultConsumer(channel) {
      @Override
      public void handleDelivery(
          String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
          throws IOException {
        received.add(new String(body, UTF_8));
        channel.basicAck(envelope.getDeliveryTag(), false);
      }
    };
  }

  @Test
  @DisplayName("what follows a waiting publish on its channel sees it")
  void passiveDeclareAfterPublish() throws Exception {
    Client client = client();
    raise();
    client.publish(queue, "first");
    client.awaitBlocked();
    CompletableFuture<AMQP.Queue.DeclareOk> declared =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return client.channel.queueDeclarePassive(queue);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    await("the declare waits").during(A_WHILE).until(() -> !declared.isDone());
    clear();
    assertThat(declared.get(5, TimeUnit.SECONDS).getMessageCount()).isEqualTo(1);
  }

  @Test
  @DisplayName("closing a channel or a connection while publishes wait loses none")
  void closingLosesNothing() throws Exception {
    Client client = client();
    Channel second = client.connection.createChannel();
    raise();
    for (int i = 0; i < 10; i++) {
      client.publish(queue, String.valueOf(i));
    }
    client.awaitBlocked();
    client.channel.close();
    await("the closed channel's").until(() -> depth(queue) == 10);
    for (int i = 10; i < 20; i++) {
      second.basicPublish("", queue, null, String.valueOf(i).getBytes(UTF_8));
    }
    client.connection.close((int) TestBroker.LIMIT.toMillis());
    await("the closed connection's").until(() -> depth(queue) == 20);
    clear();
    assertThat(texts(probes.getFirst().channel, queue)).isEqualTo(numbers(0, 20));
  }

  @Test
  @DisplayName("one connection that consumes here and publishes there: its acks go on")
  void consumesAndPublishes() throws Exception {
    String target = queue + "-target";
    Client client = client();
    client.channel.queueDeclare(target, false, true, false, null);
    for (int i = 0; i < 20; i++) {
      client.publish(queue, String.valueOf(i));
    }
    await("the backlog").until(() -> depth(queue) == 20);
    raise();
    Channel consuming = client.connection.createChannel();
    consuming.basicQos(1);
    List<String> received = new CopyOnWriteArrayList<>();
    consuming.basicConsume(
        queue,
        new DefaultConsumer(consuming) {
          @Override
          public void handleDelivery(
              String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
              throws IOException {
            consuming.basicPublish("", target, null, body);
            consuming.basicAck(envelope.getDeliveryTag(), false);
            received.add(new String(body, UTF_8));
          }
        });
    // With a prefetch of one each delivery proves the ack before it.
    await("all deliveries").until(() -> received.size() == 20);
    client.awaitBlocked();
    Channel looking = client.connection.createChannel();
    assertThat(looking.queueDeclarePassive(target).getMessageCount()).isZero();
    clear();
    await("all forwarded").until(() -> looking.queueDeclarePassive(target).getMessageCount() == 20);
    assertThat(texts(looking, target)).isEqualTo(numbers(0, 20));
  }

  @Test
  @DisplayName("in a transaction settlements keep their order with publishes and commits that wait")
  void settlementsOfATransaction() throws Exception {
    client().publish(queue, "held");
    await("the message").until(() -> depth(queue) == 1);
    RawClient raw = rawClient();
    raw.send(1, new AMQP.Tx.Select.Builder().build());
    raw.expect(1, AMQP.Tx.SelectOk.class);
    raw.send(1, new AMQP.Basic.Get.Builder().queue(queue).build());
    raw.expect(1, AMQP.Basic.GetOk.class);
    raw.content(1);
    raise();
    raw.publish(1, "nobody's", "waits".getBytes(UTF_8));
    raw.send(1, new AMQP.Tx.Commit.Builder().build());
    // Of the second transaction, which is rolled back.
    raw.send(1, new AMQP.Basic.Ack.Builder().deliveryTag(1).build());
    raw.send(1, new AMQP.Tx.Rollback.Builder().build());
    raw.send(1, new AMQP.Channel.Close.Builder().replyCode(200).replyText("").build());

    raw.expect(1, AMQP.Tx.CommitOk.class);
    raw.expect(1, AMQP.Tx.RollbackOk.class);
    raw.expect(1, AMQP.Channel.CloseOk.class);
    assertThat(depth(queue)).isEqualTo(1);
  }

  @Test
  @DisplayName("a settlement does not pass a recover, or a get, that it follows")
  void settlementsBehindOthers() throws Exception {
    Client publisher = client();
    publisher.publish(queue, "first");
    publisher.publish(queue, "second");
    await("the messages").until(() -> depth(queue) == 2);
    RawClient raw = rawClient();
    raise();
    raw.publish(1, "nobody's", "waits".getBytes(UTF_8));
    raw.send(1, new AMQP.Basic.Get.Builder().queue(queue).build());
    raw.send(1, new AMQP.Basic.Ack.Builder().deliveryTag(0).multiple(true).build());
    raw.send(1, new AMQP.Basic.Get.Builder().queue(queue).build());
    raw.send(1, new AMQP.Basic.Recover.Builder().requeue(true).build());
    raw.send(1, new AMQP.Basic.Ack.Builder().deliveryTag(2).build());
    clear();

    raw.expect(1, AMQP.Basic.GetOk.class);
    raw.content(1);
    raw.expect(1, AMQP.Basic.GetOk.class);
    raw.content(1);
    raw.expect(1, AMQP.Basic.RecoverOk.class);
    assertThat(raw.expect(1, AMQP.Channel.Close.class).getReplyText())
        .isEqualTo("PRECONDITION_FAILED - unknown delivery tag 2");
    assertThat(depth(queue)).isEqualTo(1);
  }
}
