package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.warrenmq.broker.TestBroker.await;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A client that goes on publishing during an alarm until it is not read any more. */
class FullParkTest extends AlarmTest {
  @Test
  @DisplayName("a client that publishes on and on is not read any more after a while")
  void theParkIsBounded() throws Exception {
    int size = 10_000;
    int tried = 6000;
    raise();
    try (SocketChannel socket =
        SocketChannel.open(new InetSocketAddress("127.0.0.1", broker.port()))) {
      socket.write(ByteBuffer.wrap(openingOctets()));
      socket.configureBlocking(false);
      long[] sent = {0};
      ByteBuffer[] rest = {ByteBuffer.allocate(0)};
      int[] next = {0};
      await("the socket takes no more")
          .during(A_WHILE.multipliedBy(2))
          .until(() -> !sends(socket, rest, next, size, tried, sent));
      assertThat(next[0]).as("messages sent").isLessThan(tried);
      assertThat(sent[0]).isBetween(1L << 20, 24L << 20);
      assertThat(depth(queue)).isZero();

      clear();
      await("everything is sent")
          .until(
              () -> {
                sends(socket, rest, next, size, tried, sent);
                return next[0] == tried && !rest[0].hasRemaining();
              });
      await("everything arrives").until(() -> depth(queue) == tried);
      for (int i = 0; i < tried; i++) {
        byte[] body = probes.getLast().channel.basicGet(queue, true).getBody();
        assertThat(ByteBuffer.wrap(body).getInt()).isEqualTo(i);
      }
    }
  }

  @Test
  @DisplayName("a client that is not read any more ends all the same, and its queue goes")
  void endsUnread() throws Exception {
    String exclusive = queue + "-exclusive";
    RawClient client = rawClient();
    client.send(1, new AMQP.Queue.Declare.Builder().queue(exclusive).exclusive(true).build());
    client.expect(1, AMQP.Queue.DeclareOk.class);
    raise();
    for (int i = 0; i < 120; i++) {
      client.publish(1, queue, new byte[10_000]);
    }
    client.close();

    await("the name of the exclusive queue is free").until(() -> isFree(exclusive));
  }

  /** Whether the name can be had; then it is a queue that goes at once. */
  private static boolean isFree(String name) throws IOException {
    Channel other = probes.getFirst().connection.createChannel();
    try {
      other.queueDeclare(name, false, false, true, null);
      other.queueDelete(name);
      return true;
    } catch (IOException locked) {
      return false;
    } finally {
      other.abort();
    }
  }

  /** Everything a client says up to channel.open, in one go; the answers are not looked at. */
  private static byte[] openingOctets() {
    ByteBuffer all = ByteBuffer.allocate(4096);
    all.put(RawClient.PROTOCOL_HEADER)
        .put(RawClient.frame(0, RawClient.startOk(Map.of())))
        .put(RawClient.frame(0, RawClient.tuneOk()))
        .put(RawClient.frame(0, RawClient.openVhost()))
        .put(RawClient.frame(1, new AMQP.Channel.Open.Builder().build()));
    byte[] octets = new byte[all.position()];
    all.flip().get(octets);
    return octets;
  }

  /** Sends numbered messages as far as the socket takes them. True when it took anything. */
  private boolean sends(
      SocketChannel socket, ByteBuffer[] rest, int[] next, int size, int count, long[] sent)
      throws IOException {
    long before = sent[0];
    while (rest[0].hasRemaining() || next[0] < count) {
      if (!rest[0].hasRemaining()) {
        byte[] body = ByteBuffer.allocate(size).putInt(next[0]++).array();
        rest[0] = ByteBuffer.wrap(RawClient.publishing(1, queue, body));
      }
      int written = socket.write(rest[0]);
      if (written == 0) {
        break;
      }
      sent[0] += written;
    }
    return sent[0] > before;
  }
}
