package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** However a client ends, what it held goes or goes back. On the test thread. */
class ConnectionEndTest extends MessagingTest {
  private static final int CHANNEL = 1;

  /** Enough to be dealt with in many steps, if a broker does it in steps. */
  private static final int MANY = 400;

  private enum End {
    /** With connection.close. */
    CLOSE {
      @Override
      void of(RawConnection client) throws IOException {
        client.send(0, new AMQP.Connection.Close.Builder().replyCode(200).replyText("bye").build());
        client.expect(0, AMQP.Connection.CloseOk.class);
      }
    },
    /** By closing the socket. */
    SOCKET {
      @Override
      void of(RawConnection client) {
        client.close();
      }
    },
    /** By closing its half of the socket: the broker closes the other one. */
    HALF {
      @Override
      void of(RawConnection client) throws IOException {
        client.shutdownOutput();
        client.expectEof();
      }
    },
    /** With a reset, as when a process dies that has not read everything. */
    RESET {
      @Override
      void of(RawConnection client) throws IOException {
        client.reset();
      }
    },
    /** With everything that may be under way when it closes its half. */
    CLOSE_AND_HALF {
      @Override
      void of(RawConnection client) throws IOException {
        client.send(0, new AMQP.Connection.Close.Builder().replyCode(200).replyText("bye").build());
        client.shutdownOutput();
      }
    };

    abstract void of(RawConnection client) throws IOException;
  }

  @ParameterizedTest
  @EnumSource(End.class)
  @Behaviour(88)
  void givesBackWhatItHeld(End end) throws Exception {
    String shared = queue();
    fill(shared, 2);
    RawConnection client = openRawConnection();
    String exclusive = exclusiveQueue(client);
    client.send(
        CHANNEL, new AMQP.Basic.Consume.Builder().queue(shared).consumerTag("held").build());
    client.expect(CHANNEL, AMQP.Basic.ConsumeOk.class);
    client.expect(CHANNEL, AMQP.Basic.Deliver.class);
    assertThat(client.read().type()).isEqualTo(RawFrame.HEADER);
    assertThat(client.read().type()).isEqualTo(RawFrame.BODY);
    client.expect(CHANNEL, AMQP.Basic.Deliver.class);
    assertThat(ready(shared)).as("both are delivered").isZero();

    if (end == End.HALF) {
      // What is still to be read of the second delivery comes before the end.
      assertThat(client.read().type()).isEqualTo(RawFrame.HEADER);
      assertThat(client.read().type()).isEqualTo(RawFrame.BODY);
    } else if (end == End.CLOSE) {
      client.read();
      client.read();
    }
    end.of(client);

    awaitNoQueue(exclusive);
    awaitReady(shared, 2);
    assertThat(drain(shared)).containsExactly("1", "2");
  }

  @ParameterizedTest
  @EnumSource(End.class)
  @Behaviour(88)
  void publishesBeforeTheEndArrive(End end) throws Exception {
    String shared = queue();
    RawConnection client = openRawConnection();
    String exclusive = exclusiveQueue(client);
    for (int i = 0; i < 10; i++) {
      client.publish(CHANNEL, "", shared, bytes("" + i));
    }
    // An answer shows that they were read: a reset may take with it what was not.
    client.openChannel(CHANNEL + 1);
    end.of(client);

    awaitNoQueue(exclusive);
    awaitReady(shared, 10);
  }

  @Test
  @Behaviour(88)
  void manyAtOnceLeaveNothingBehind() throws Exception {
    List<RawConnection> clients = new ArrayList<>();
    List<String> exclusive = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      RawConnection client = openRawConnection();
      clients.add(client);
      exclusive.add(exclusiveQueue(client));
    }
    String bystander = queue();
    for (int i = 0; i < MANY; i++) {
      switch (i % 3) {
        case 0 -> End.SOCKET.of(clients.get(i));
        case 1 -> End.RESET.of(clients.get(i));
        default -> clients.get(i).shutdownOutput();
      }
    }
    send("", bystander, "still here");

    for (String queue : exclusive) {
      awaitNoQueue(queue);
    }
    for (int i = 2; i < MANY; i += 3) {
      clients.get(i).expectEof();
    }
    assertThat(take(bystander)).isEqualTo("still here");
  }

  private String exclusiveQueue(RawConnection client) throws IOException {
    String queue = queueName();
    client.openChannel(CHANNEL);
    client.send(CHANNEL, new AMQP.Queue.Declare.Builder().queue(queue).exclusive(true).build());
    client.expect(CHANNEL, AMQP.Queue.DeclareOk.class);
    return queue;
  }
}
