package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.conformance.BrokerProcess;
import org.warrenmq.conformance.BrokerProcess.Launch;

/** Memory that queues have used up is no reason to close connections, which hold hardly any. */
@ExtendWith(OwnBrokerOnly.class)
class BlamelessConnectionsTest {
  private static final int QUEUES = 400;
  private static final int SIZE = 60_000;
  private static final int SMALL = 4_000;
  private static final int MESSAGES = 25;
  private static final int PATIENT = 8;
  private static final BasicProperties TRANSIENT = new BasicProperties();

  @TempDir Path root;

  @Test
  void whoPublishesBesideALargeFanOutStays() throws Exception {
    Launch how = Launch.on(root.resolve("data")).withJavaOptions("-Xmx96m");
    try (BrokerProcess broker = BrokerProcess.start(how)) {
      ConnectionFactory factory = new ConnectionFactory();
      factory.setUri(broker.uri());
      factory.setAutomaticRecoveryEnabled(false);
      try (Connection large = factory.newConnection()) {
        Channel fan = large.createChannel();
        fan.exchangeDeclare("fan", "fanout");
        for (int i = 0; i < QUEUES; i++) {
          fan.queueDeclare("fan." + i, false, false, false, null);
          fan.queueBind("fan." + i, "fan", "");
        }
        fan.confirmSelect();
        Connection[] connections = new Connection[PATIENT];
        Channel[] patient = new Channel[PATIENT];
        for (int i = 0; i < PATIENT; i++) {
          connections[i] = factory.newConnection();
          patient[i] = connections[i].createChannel();
          patient[i].confirmSelect();
          patient[i].queueDeclare("patient." + i, true, false, false, null);
        }
        // Each counts in every queue: many times the memory, until it is in the store.
        for (int i = 0; i < MESSAGES; i++) {
          fan.basicPublish("fan", "", TRANSIENT, new byte[SIZE]);
          for (int k = 0; k < PATIENT; k++) {
            patient[k].basicPublish("", "patient." + k, TRANSIENT, new byte[SMALL]);
          }
        }
        for (int k = 0; k < PATIENT; k++) {
          patient[k].waitForConfirmsOrDie(TimeUnit.SECONDS.toMillis(60));
          connections[k].close();
        }
        fan.waitForConfirmsOrDie(TimeUnit.SECONDS.toMillis(60));
      }
      assertThat(broker.isAlive()).isTrue();
      assertThat(broker.log()).noneMatch(line -> line.contains("memory is used up"));
      assertThat(broker.log()).anyMatch(line -> line.contains("memory alarm raised"));
    }
  }
}
