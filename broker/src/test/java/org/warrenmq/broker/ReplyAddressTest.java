package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.warrenmq.broker.TestBroker.LIMIT;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Return;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Messages to a reply address, where RabbitMQ answers otherwise or has no such case. */
class ReplyAddressTest {
  private static final String REPLY_TO = "amq.rabbitmq.reply-to";
  private static final AMQP.BasicProperties NONE = new AMQP.BasicProperties();

  private final BlockingQueue<byte[]> replies = new LinkedBlockingQueue<>();
  private final BlockingQueue<Return> returned = new LinkedBlockingQueue<>();
  private TestBroker broker;
  private Connection connection;
  private Channel asking;
  private Channel answering;
  private String queue;
  private String address;

  @BeforeEach
  void ask() throws Exception {
    broker = TestBroker.start();
    connection = broker.connect();
    asking = connection.createChannel();
    // It lives on another loop than the one that answers, or on the same, as it happens.
    answering = broker.connect().createChannel();
    answering.addReturnListener(returned::add);
    queue = asking.queueDeclare("requests", false, false, false, Map.of()).getQueue();
    asking.basicConsume(
        REPLY_TO, true, "replies", (_, reply) -> replies.add(reply.getBody()), _ -> {});
    asking.basicPublish("", queue, NONE.builder().replyTo(REPLY_TO).build(), new byte[1]);
    asking.queueDeclarePassive(queue);
    address = asking.basicGet(queue, true).getProps().getReplyTo();
  }

  @AfterEach
  void stop() throws Exception {
    answering.getConnection().close();
    connection.close();
    broker.close();
  }

  private byte[] reply() throws InterruptedException {
    return replies.poll(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Test
  @DisplayName("a mandatory reply that somebody gets does not come back")
  void delivered() throws Exception {
    answering.confirmSelect();
    answering.basicPublish("", address, true, NONE, new byte[] {1});
    var beside = NONE.builder().headers(Map.of("BCC", List.of(address))).build();
    answering.basicPublish("", "no-such-queue", true, beside, new byte[] {2});
    answering.waitForConfirmsOrDie(LIMIT.toMillis());
    assertThat(reply()).containsExactly(1);
    assertThat(reply()).containsExactly(2);
    assertThat(returned).isEmpty();
  }

  @Test
  @DisplayName("in a transaction a mandatory reply to nobody comes back with the commit")
  void nobodyInTransaction() throws Exception {
    asking.basicCancel("replies");
    answering.txSelect();
    answering.basicPublish("", address, true, NONE, new byte[] {1});
    answering.basicPublish("", queue, true, NONE, new byte[] {2});
    answering.queueDeclarePassive(queue);
    assertThat(returned).isEmpty();
    answering.txCommit();
    assertThat(returned).hasSize(1);
    assertThat(returned.remove().getBody()).containsExactly(1);
  }

  @Test
  @DisplayName("a reply in a transaction goes at once, and does not come back")
  void inTransaction() throws Exception {
    answering.txSelect();
    answering.basicPublish("", address, true, NONE, new byte[] {1});
    assertThat(reply()).containsExactly(1);
    answering.txCommit();
    assertThat(returned).isEmpty();
  }

  @Test
  @DisplayName("a body that lies in the store reaches channels and queues alike")
  void largeBody() throws Exception {
    byte[] body = new byte[3 << 20];
    new Random(5).nextBytes(body);
    var everybody = NONE.builder().headers(Map.of("CC", List.of(address, queue))).build();
    answering.confirmSelect();
    for (int i = 0; i < 3; i++) {
      answering.basicPublish("", address, everybody, body);
    }
    answering.waitForConfirmsOrDie(LIMIT.toMillis());
    for (int i = 0; i < 3; i++) {
      assertThat(reply()).isEqualTo(body);
      assertThat(asking.basicGet(queue, true).getBody()).isEqualTo(body);
    }
  }
}
