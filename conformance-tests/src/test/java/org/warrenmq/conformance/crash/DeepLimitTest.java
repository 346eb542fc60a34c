package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.warrenmq.conformance.Behaviour;
import org.warrenmq.conformance.FileTree;

/**
 * Limits of length and time of more messages than the broker has memory for: what lies on disk goes
 * too. On the test thread.
 */
@ExtendWith(OwnBrokerOnly.class)
class DeepLimitTest extends LimitedQueues {
  private static final int DEEP = 100_000;
  private static final int BODY = 1_000;

  /** Three quarters of the bodies: the store gives whole files back, and its logs in steps. */
  private static final long LITTLE = DEEP * BODY * 3L / 4;

  @Test
  @Behaviour({117, 180})
  void aDeepQueueDropsWhatLiesOnDisk() throws Exception {
    int limit = DEEP / 2;
    withBroker(
        End.KILL,
        channel -> {
          declare(channel, QUEUE, Map.of("x-max-length", limit));
          fillDeep(channel, QUEUE);
          // What is to be dropped has to be read.
          await("the limit", () -> ready(channel, QUEUE) == limit);
          assertThat(number(channel.basicGet(QUEUE, false))).isEqualTo(DEEP - limit);
        });
    withBroker(
        End.STOP,
        channel -> {
          await("the limit", () -> ready(channel, QUEUE) == limit);
          assertThat(fill(channel, QUEUE, 1, 2)).isTrue();
          await("the limit", () -> ready(channel, QUEUE) == limit);
          assertThat(number(channel.basicGet(QUEUE, true))).isEqualTo(DEEP - limit + 2);
        });
  }

  @Test
  @Behaviour({155, 168})
  void aDeepQueueGivesBackItsDiskInTime() throws Exception {
    withBroker(
        End.STOP,
        channel -> {
          declare(channel, QUEUE, Map.of("x-message-ttl", 3_000));
          fillDeep(channel, QUEUE);
          await("the end of all messages", () -> ready(channel, QUEUE) == 0);
          awaitLittleOnDisk();
          assertThat(fill(channel, QUEUE, 1, 1)).isTrue();
          assertThat(drain(channel)).containsExactly("1");
        });
  }

  @Test
  @Behaviour({155, 180})
  void aDeepQueueThatWasDueMeanwhileIsGone() throws Exception {
    int millis = 5_000;
    long[] sent = new long[1];
    withBroker(
        End.KILL,
        channel -> {
          declare(channel, QUEUE, Map.of("x-message-ttl", millis));
          fillDeep(channel, QUEUE);
          sent[0] = System.nanoTime();
          assertThat(FileTree.size(store())).isGreaterThan(LITTLE);
        });
    await("the end of their time", () -> millisSince(sent[0]) > millis);
    withBroker(
        End.STOP,
        channel -> {
          assertThat(channel.basicGet(QUEUE, true)).isNull();
          await("the end of all messages", () -> ready(channel, QUEUE) == 0);
          awaitLittleOnDisk();
        });
  }

  /** Publishes many messages that no compression makes smaller, numbered from 0 on. */
  private static void fillDeep(Channel channel, String queue) throws Exception {
    var random = new SplittableRandom(1);
    for (int i = 0; i < DEEP; i++) {
      var body = new byte[BODY];
      random.nextBytes(body);
      ByteBuffer.wrap(body).putInt(i);
      channel.basicPublish("", queue, MessageProperties.PERSISTENT_BASIC, body);
    }
    channel.waitForConfirmsOrDie(3 * LIMIT.toMillis());
  }

  private static int number(GetResponse response) {
    assertThat(response).as("a message").isNotNull();
    return ByteBuffer.wrap(response.getBody()).getInt();
  }

  private Path store() {
    return root.resolve("data").resolve("main");
  }

  private void awaitLittleOnDisk() {
    await("room on the disk", () -> FileTree.size(store()) < LITTLE);
  }
}
