package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.warrenmq.broker.TestBroker.await;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Somebody tries passwords, hundreds a second: nobody else notices. */
class WrongLoginsTest {
  private static final Map<String, Object> TELL_ME =
      Map.of("capabilities", Map.of("authentication_failure_close", true));
  private static final int TRIES = 300;
  private static final long SLOW_MILLIS = 250;

  @Test
  @DisplayName(
      "another user's round trips stay short, and so does a right login from the same place")
  void othersGoOn() throws Exception {
    try (TestBroker broker = TestBroker.start();
        Connection connection = broker.connect()) {
      AtomicBoolean over = new AtomicBoolean();
      AtomicInteger trips = new AtomicInteger();
      AtomicInteger slow = new AtomicInteger();
      Thread other = Thread.ofVirtual().start(() -> trip(connection, over, trips, slow));
      RawClient[] guesses = new RawClient[TRIES];
      for (int i = 0; i < TRIES; i++) {
        guesses[i] = guess(broker);
      }
      int before = trips.get();
      await("the other goes on").until(() -> trips.get() > before + 20);
      long begin = System.nanoTime();
      broker.connect().close();
      assertThat((System.nanoTime() - begin) / 1_000_000).isLessThan(1000);
      over.set(true);
      other.join();
      assertThat(slow.get()).as("slow ones of %s", trips).isLessThanOrEqualTo(trips.get() / 20);
      guesses[0].expect(0, AMQP.Connection.Close.class);
      for (RawClient guess : guesses) {
        guess.close();
      }
    }
  }

  private static RawClient guess(TestBroker broker) throws IOException {
    RawClient client = RawClient.connect(broker.port());
    client.send(RawClient.PROTOCOL_HEADER);
    client.expect(0, AMQP.Connection.Start.class);
    client.send(0, RawClient.startOk("nobody", TELL_ME));
    return client;
  }

  private static void trip(
      Connection connection, AtomicBoolean over, AtomicInteger trips, AtomicInteger slow) {
    try (Channel channel = connection.createChannel()) {
      String queue = channel.queueDeclare().getQueue();
      while (!over.get()) {
        long begin = System.nanoTime();
        channel.basicPublish("", queue, null, new byte[100]);
        channel.basicGet(queue, true);
        slow.addAndGet((System.nanoTime() - begin) / 1_000_000 > SLOW_MILLIS ? 1 : 0);
        trips.incrementAndGet();
      }
    } catch (Exception e) {
      over.set(true);
    }
  }
}
