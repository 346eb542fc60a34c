package org.warrenmq.broker;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.Method;
import java.nio.ByteBuffer;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Direct replies to a client that reads none of them: they must not fill the broker. */
class UnreadRepliesTest {
  private static final int MIB = 1 << 20;
  private static final String REPLY_TO = "amq.rabbitmq.reply-to";

  /** What the broker keeps for such a client. */
  private static final long UNREAD_LIMIT = 16L * MIB;

  /** The sockets' own buffers hold some replies as well. */
  private static final long SOCKETS = 8L * MIB;

  @AutoClose private static TestBroker broker;

  @BeforeAll
  static void start() throws Exception {
    broker = TestBroker.start();
  }

  @ParameterizedTest(name = "replies of {0} bytes")
  @ValueSource(ints = {100_000, 2 * MIB})
  void areDroppedBeyondABound(int size) throws Exception {
    int replies = (int) (4 * UNREAD_LIMIT / size);
    String requests = "requests-" + System.nanoTime();
    try (Connection connection = broker.connect();
        RawClient requester = RawClient.connect(broker.port(), 64 * 1024)) {
      Channel replier = connection.createChannel();
      replier.queueDeclare(requests, false, false, false, null);
      replier.confirmSelect();
      request(requester, requests);
      String replyTo = replyTo(replier, requests);

      for (int i = 0; i < replies; i++) {
        reply(replier, replyTo, i, size);
      }
      requester.send(1, new AMQP.Queue.Declare.Builder().queue(requests).passive(true).build());
      int read = readInOrder(requester, size);
      assertThat((long) read * size).isBetween(UNREAD_LIMIT, UNREAD_LIMIT + SOCKETS);

      // A client that reads again is replied to again.
      reply(replier, replyTo, replies, size);
      requester.expect(1, AMQP.Basic.Deliver.class);
      assertThat(number(requester.content(1))).isEqualTo(replies);
      replier.queueDelete(requests);
    }
  }

  private static void request(RawClient requester, String requests) throws Exception {
    requester.open(Map.of());
    requester.send(1, new AMQP.Basic.Consume.Builder().queue(REPLY_TO).noAck(true).build());
    requester.expect(1, AMQP.Basic.ConsumeOk.class);
    requester.send(1, new AMQP.Basic.Publish.Builder().exchange("").routingKey(requests).build());
    byte[] name = REPLY_TO.getBytes(US_ASCII);
    ByteBuffer header = ByteBuffer.allocate(15 + name.length);
    header.putShort((short) 60).putShort((short) 0).putLong(1);
    // Flag of the property reply-to, and its value.
    header.putShort((short) (1 << 9)).put((byte) name.length).put(name);
    requester.send(RawClient.frame(RawClient.HEADER, 1, header.array()));
    requester.send(RawClient.frame(RawClient.BODY, 1, new byte[1]));
  }

  private static String replyTo(Channel replier, String requests) {
    GetResponse[] got = {null};
    TestBroker.await("the request")
        .until(() -> (got[0] = replier.basicGet(requests, true)) != null);
    return got[0].getProps().getReplyTo();
  }

  private static void reply(Channel replier, String replyTo, int number, int size)
      throws Exception {
    byte[] body = ByteBuffer.allocate(size).putInt(number).array();
    replier.basicPublish("", replyTo, null, body);
    // It is confirmed whether it is kept or not: at most once is what such replies promise.
    replier.waitForConfirmsOrDie(10_000);
  }

  /** Reads whole replies, in order and without a gap, up to the answer to the declare. */
  private static int readInOrder(RawClient requester, int size) throws Exception {
    int read = 0;
    Method next = requester.read().method();
    while (next instanceof AMQP.Basic.Deliver) {
      byte[] body = requester.content(1);
      assertThat(body).hasSize(size);
      assertThat(number(body)).isEqualTo(read);
      read++;
      next = requester.read().method();
    }
    assertThat(next).isInstanceOf(AMQP.Queue.DeclareOk.class);
    return read;
  }

  private static int number(byte[] body) {
    return ByteBuffer.wrap(body).getInt();
  }
}
