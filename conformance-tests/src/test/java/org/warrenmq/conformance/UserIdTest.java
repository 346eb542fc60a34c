package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import org.junit.jupiter.api.Test;

/** The user-id property, which must name who publishes. On the test thread. */
class UserIdTest extends MessagingTest {
  private static AMQP.BasicProperties from(String user) {
    return new AMQP.BasicProperties.Builder().userId(user).build();
  }

  @Test
  @Behaviour(109)
  void anotherUsersNameIsRefused() throws Exception {
    String queue = queue();
    Channel channel = newChannel();
    expectChannelClose(
        channel,
        406,
        "PRECONDITION_FAILED - user_id property set to 'bob' but authenticated user was 'guest'",
        () -> channel.basicPublish("", queue, from("bob"), bytes("m")));
  }

  @Test
  void theUsersOwnNameIsKept() throws Exception {
    String queue = queue();
    channel().basicPublish("", queue, from("guest"), bytes("m"));
    assertThat(getEventually(queue).getProps().getUserId()).isEqualTo("guest");
  }
}
