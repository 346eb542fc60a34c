package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.ConnectionFactory;
import java.net.URISyntaxException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/**
 * Clients come and go for a long time, and in the end the broker is as it was: what they sent is
 * settled to the message, and the heap holds no more than it did early on. Against a broker process
 * of its own, with a small heap, or the one at system property {@code broker.uri}.
 *
 * <p>How long: system property {@code soak.minutes}, 0 for some seconds; {@code
 * conformance-tests/soak MINUTES} runs this test alone.
 */
class ChurnSoakTest {
  private static final long SECONDS = Math.max(12, 60 * Long.getLong("soak.minutes", 0));

  /** By then everything that is made once has been made. */
  private static final long WARM_SECONDS = Math.min(120, SECONDS / 2);

  private static final double GROWTH = 1.1;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** What exists for clients only. */
  private static final List<String> OF_CLIENTS =
      List.of(
          "org.warrenmq.broker.amqp.AmqpConnection",
          "org.warrenmq.broker.amqp.Channel",
          "org.warrenmq.engine.queue.Consumer",
          "org.warrenmq.engine.queue.Queue",
          "org.warrenmq.engine.message.Message");

  private static final long REPORT_SECONDS = 60;

  @Test
  void nothingIsLostAndNothingPilesUp() throws Exception {
    String foreign = System.getProperty("broker.uri", "");
    if (foreign.isEmpty()) {
      var broker = BrokerProcess.start("-Xmx256m");
      try {
        soakOurs(broker);
      } finally {
        broker.close();
      }
      assertThat(broker.errors()).as("errors in the broker's log").isEmpty();
    } else {
      balance(foreign, SECONDS);
    }
  }

  private static void soakOurs(BrokerProcess broker) throws Exception {
    balance(broker.uri(), WARM_SECONDS);
    awaitNobody(broker);
    long early = broker.liveSet();
    long left = SECONDS - WARM_SECONDS;
    while (left > 0) {
      long part = Math.min(left, REPORT_SECONDS);
      balance(broker.uri(), part);
      left -= part;
      awaitNobody(broker);
      System.out.printf("live set %d octets, %d s to go%n", broker.liveSet(), left);
    }
    long late = broker.liveSet();
    if (late > early * GROWTH) {
      System.out.println(broker.histogram().lines().limit(60).collect(Collectors.joining("\n")));
    }
    System.out.printf("live set %d octets early, %d in the end%n", early, late);
    assertThat(late).as("live set; it was %d", early).isLessThanOrEqualTo((long) (early * GROWTH));
  }

  /**
   * Everybody has gone, and what belonged to them goes with them; timers may hold it for a while.
   */
  private static void awaitNobody(BrokerProcess broker) {
    for (String name : OF_CLIENTS) {
      Awaitility.await("the end of the last " + name)
          .atMost(PATIENCE)
          .pollInterval(Duration.ofSeconds(1))
          .untilAsserted(() -> assertThat(broker.instances(name)).isZero());
    }
  }

  /** Churn for a time, then accounts. */
  private static void balance(String uri, long seconds) throws Exception {
    var churn = new Churn(() -> factory(uri));
    churn.prepare();
    churn.run(seconds);
    long left = churn.clear();
    System.out.printf(
        "%d s: %d confirmed, %d settled, %d left; %s%n",
        seconds, churn.confirmed.sum(), churn.settled.sum(), left, churn.done);
    assertThat(churn.settled.sum() + left).as("settled and left").isEqualTo(churn.confirmed.sum());
    assertThat(churn.done)
        .as("actors at work")
        .containsKeys("publishes", "consumers", "exclusives", "channels", "topologies");
  }

  private static ConnectionFactory factory(String uri) {
    var factory = new ConnectionFactory();
    try {
      factory.setUri(uri);
    } catch (URISyntaxException | GeneralSecurityException e) {
      throw new IllegalArgumentException("not an AMQP address: " + uri, e);
    }
    factory.setAutomaticRecoveryEnabled(false);
    factory.setTopologyRecoveryEnabled(false);
    factory.setShutdownTimeout((int) TimeUnit.SECONDS.toMillis(10));
    return factory;
  }
}
