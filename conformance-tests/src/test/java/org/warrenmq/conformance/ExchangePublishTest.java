package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Publishing to exchanges that refuse it: internal ones and missing ones. On the test thread. */
class ExchangePublishTest extends MessagingTest {

  @Test
  @Behaviour(65)
  void publishingToAnInternalExchangeIsRefused() throws Exception {
    String internal = internalExchange();
    AMQP.Channel.Close close =
        expectChannelClose(
            403,
            "ACCESS_REFUSED - cannot publish to internal exchange '" + internal + "' in vhost '/'",
            () -> channel().basicPublish(internal, "", NO_PROPERTIES, bytes("x")));
    assertThat(close.getClassId()).isEqualTo(60);
    assertThat(close.getMethodId()).isEqualTo(40);
  }

  @Test
  @Behaviour(65)
  void anInternalExchangeRoutesWhatABindingBringsIt() throws Exception {
    String internal = internalExchange();
    String entrance = exchange("fanout", Map.of());
    String queue = boundQueue(internal, "");
    channel().exchangeBind(internal, entrance, "");
    send(entrance, "", "a");
    assertThat(drain(queue)).containsExactly("a");
  }

  @Test
  @Behaviour(66)
  void publishingToAMissingExchangeClosesTheChannelLater() throws Exception {
    String missing = exchangeName();
    AMQP.Channel.Close close =
        expectChannelClose(
            404,
            "NOT_FOUND - no exchange '" + missing + "' in vhost '/'",
            () -> channel().basicPublish(missing, "", NO_PROPERTIES, bytes("x")));
    assertThat(close.getClassId()).isEqualTo(60);
    assertThat(close.getMethodId()).isEqualTo(40);
  }

  @Test
  @Behaviour(66)
  void whatWasPublishedBeforeTheMistakeIsKept() throws Exception {
    String queue = queue();
    String missing = exchangeName();
    RawConnection raw = openRawConnection();
    raw.openChannel(1);
    raw.publish(1, "", queue, bytes("before"));
    raw.publish(1, missing, queue, bytes("mistake"));
    raw.publish(1, "", queue, bytes("after"));
    raw.expectChannelClose(1, 404, "NOT_FOUND - no exchange '" + missing + "' in vhost '/'");
    awaitReady(queue, 1);
    assertThat(drain(queue)).containsExactly("before");
  }

  private String internalExchange() throws Exception {
    String name = exchangeName();
    observer().exchangeDeclare(name, "fanout", false, false, true, Map.of());
    return name;
  }
}
