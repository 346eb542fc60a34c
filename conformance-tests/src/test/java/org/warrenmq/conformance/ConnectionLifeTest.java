package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.impl.LongStringHelper;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** An open connection: its orderly end, and a secret renewed on the way. */
class ConnectionLifeTest extends ConformanceTest {

  @Test
  @Behaviour(21)
  @DisplayName("close gets close-ok; then the broker waits for the client to end the socket")
  void closeLeavesTheSocketToTheClient() throws Exception {
    RawConnection raw = openRawConnection();
    raw.openChannel(1);

    raw.send(
        0,
        new AMQP.Connection.Close.Builder()
            .replyCode(200)
            .replyText("bye")
            .classId(0)
            .methodId(0)
            .build());

    raw.expect(0, AMQP.Connection.CloseOk.class);
    raw.expectSilence(Duration.ofMillis(300));
  }

  @Test
  @Behaviour({21, 88})
  @DisplayName("the exclusive queue of a connection is gone before its close-ok")
  void exclusiveQueueGoesWithTheConnection() throws Exception {
    Connection owner = newConnection();
    String queue = queueName();
    owner.createChannel().queueDeclare(queue, false, true, false, null);

    owner.close();

    expectChannelClose(
        404,
        "NOT_FOUND - no queue '" + queue + "' in vhost '/'",
        () -> channel().queueDeclarePassive(queue));
  }

  @Test
  @Behaviour(22)
  @DisplayName("update-secret gets update-secret-ok, and the connection lives on")
  void updateSecret() throws Exception {
    RawConnection raw = openRawConnection();
    raw.openChannel(1);

    raw.send(
        0,
        new AMQP.Connection.UpdateSecret.Builder()
            .newSecret(LongStringHelper.asLongString(broker.password()))
            .reason("renewed in time")
            .build());

    raw.expect(0, AMQP.Connection.UpdateSecretOk.class);
    raw.send(1, new AMQP.Channel.Flow.Builder().active(true).build());
    assertThat(raw.expect(1, AMQP.Channel.FlowOk.class).getActive()).isTrue();
  }
}
