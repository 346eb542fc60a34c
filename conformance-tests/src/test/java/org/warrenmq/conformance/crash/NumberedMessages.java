package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Persistent messages that say their number, through the default exchange; stateless. */
final class NumberedMessages {
  private static final int MOST = 3_000;
  private static final long CONFIRM_MILLIS = 20_000;

  private NumberedMessages() {}

  static void declare(Channel channel, String queue) throws IOException {
    channel.queueDeclare(queue, true, false, false, null);
  }

  /** Publishes those from one number to another, which is not sent. */
  static void publish(Channel channel, String queue, int from, int to) throws IOException {
    for (int number = from; number < to; number++) {
      channel.basicPublish("", queue, MessageProperties.PERSISTENT_BASIC, body(number));
    }
  }

  /** The same, and waits until all are confirmed. */
  static void confirm(Channel channel, String queue, int from, int to) throws Exception {
    channel.confirmSelect();
    publish(channel, queue, from, to);
    channel.waitForConfirmsOrDie(CONFIRM_MILLIS);
  }

  /** The numbers of all that the queue holds, in its order; they stay unacknowledged. */
  static List<Integer> read(Channel channel, String queue) throws IOException {
    var numbers = new ArrayList<Integer>();
    GetResponse got;
    while ((got = channel.basicGet(queue, false)) != null) {
      int number = ByteBuffer.wrap(got.getBody()).getInt();
      assertThat(got.getBody()).as("body of %d", number).isEqualTo(body(number));
      numbers.add(number);
    }
    return numbers;
  }

  private static byte[] body(int number) {
    var random = new SplittableRandom(number);
    var body = new byte[random.nextInt(Integer.BYTES, MOST)];
    random.nextBytes(body);
    ByteBuffer.wrap(body).putInt(number);
    return body;
  }
}
