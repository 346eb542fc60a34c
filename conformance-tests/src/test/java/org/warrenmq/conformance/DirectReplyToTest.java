package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.Return;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Replies without a queue, by the name amq.rabbitmq.reply-to. On the test thread. */
class DirectReplyToTest extends MessagingTest {
  private static final String REPLY_TO = "amq.rabbitmq.reply-to";
  private static final AMQP.BasicProperties REQUEST =
      NO_PROPERTIES.builder().replyTo(REPLY_TO).correlationId("c-1").build();

  private Channel client;
  private String service = "";

  @BeforeEach
  void openChannel() throws Exception {
    service = queue();
    client = newChannel();
  }

  @Test
  @Behaviour(152)
  void theConsumerCannotAcknowledge() throws Exception {
    expectChannelClose(
        client,
        406,
        "PRECONDITION_FAILED - reply consumer cannot acknowledge",
        () -> Inbox.consume(client, REPLY_TO, false));
  }

  @Test
  @Behaviour(152)
  void thereIsOneConsumerPerChannel() throws Exception {
    Inbox.consume(client, REPLY_TO, true);
    Channel other = newChannel();
    Inbox.consume(other, REPLY_TO, true);
    expectChannelClose(
        client,
        406,
        "PRECONDITION_FAILED - reply consumer already set",
        () -> Inbox.consume(client, REPLY_TO, true));
    assertThat(other.isOpen()).isTrue();
  }

  @Test
  @Behaviour(152)
  void aRequestNeedsTheConsumer() throws Exception {
    expectChannelClose(
        client,
        406,
        "PRECONDITION_FAILED - fast reply consumer does not exist",
        () -> client.basicPublish("", service, REQUEST, bytes("request")));
    assertThat(drain(service)).isEmpty();
  }

  @Test
  @Behaviour(153)
  void theNameIsReplacedByOneThatLeadsBack() throws Exception {
    Inbox replies = Inbox.consume(client, REPLY_TO, true);
    client.basicPublish("", service, REQUEST, bytes("request"));
    AMQP.BasicProperties request = request();
    assertThat(request.getReplyTo()).matches("amq\\.rabbitmq\\.reply-to\\..+");
    assertThat(request.getCorrelationId()).isEqualTo("c-1");
    var reply = NO_PROPERTIES.builder().correlationId(request.getCorrelationId()).build();
    send("", request.getReplyTo(), reply, "first");
    send("", request.getReplyTo(), reply, "second");
    for (String expected : new String[] {"first", "second"}) {
      Delivery delivery = replies.next();
      assertThat(Inbox.text(delivery)).isEqualTo(expected);
      assertThat(delivery.getProperties().getCorrelationId()).isEqualTo("c-1");
      assertThat(delivery.getEnvelope().getExchange()).isEmpty();
      assertThat(delivery.getEnvelope().getRoutingKey()).isEqualTo(request.getReplyTo());
      assertThat(delivery.getEnvelope().isRedeliver()).isFalse();
    }
  }

  @Test
  @Behaviour(153)
  void otherReplyAddressesStayAsTheyAre() throws Exception {
    Inbox.consume(client, REPLY_TO, true);
    var request = NO_PROPERTIES.builder().replyTo("my-replies").build();
    client.basicPublish("", service, request, bytes("request"));
    assertThat(request().getReplyTo()).isEqualTo("my-replies");
  }

  @Test
  @Behaviour(153)
  void repliesReachTheChannelThatAsked() throws Exception {
    Channel other = newChannel();
    Inbox first = Inbox.consume(client, REPLY_TO, true);
    Inbox second = Inbox.consume(other, REPLY_TO, true);
    client.basicPublish("", service, REQUEST, bytes("of the first"));
    String toFirst = request().getReplyTo();
    other.basicPublish("", service, REQUEST, bytes("of the second"));
    String toSecond = request().getReplyTo();
    assertThat(toSecond).isNotEqualTo(toFirst);
    send("", toSecond, "second");
    send("", toFirst, "first");
    assertThat(first.texts(1)).containsExactly("first");
    assertThat(second.texts(1)).containsExactly("second");
    first.assertNoMore();
    second.assertNoMore();
  }

  @Test
  @Behaviour(153)
  void theFullNameIsThereWhileTheConsumerLives() throws Exception {
    Inbox replies = Inbox.consume(client, REPLY_TO, true);
    client.basicPublish("", service, REQUEST, bytes("request"));
    String address = request().getReplyTo();
    assertThat(observer().queueDeclarePassive(address).getQueue()).isEqualTo(address);
    assertNotFound(tampered(address));
    replies.cancel();
    client.close();
    await("the end of the address", () -> !queueExists(address));
    assertNotFound(address);
  }

  @Test
  @Behaviour(153)
  void aReplyToATamperedNameVanishes() throws Exception {
    Inbox replies = Inbox.consume(client, REPLY_TO, true);
    client.basicPublish("", service, REQUEST, bytes("request"));
    String address = request().getReplyTo();
    send("", tampered(address), "lost");
    send("", address, "found");
    assertThat(replies.texts(1)).containsExactly("found");
    replies.assertNoMore();
    assertThat(client.isOpen()).isTrue();
  }

  @Test
  @Behaviour(153)
  void aConsumerMayBeStartedAgainAfterItsCancel() throws Exception {
    Inbox.consume(client, REPLY_TO, true).cancel();
    Inbox again = Inbox.consume(client, REPLY_TO, true);
    client.basicPublish("", service, REQUEST, bytes("request"));
    send("", request().getReplyTo(), "reply");
    assertThat(again.texts(1)).containsExactly("reply");
  }

  @Test
  @Behaviour(152)
  void aSecondConsumerIsRefusedWhateverItsTag() throws Exception {
    client.basicConsume(REPLY_TO, true, "replies", new DefaultConsumer(client));
    expectChannelClose(
        client,
        406,
        "PRECONDITION_FAILED - reply consumer already set",
        () -> client.basicConsume(REPLY_TO, true, "replies", new DefaultConsumer(client)));
  }

  @Test
  @Behaviour(127)
  void theTagOfAnotherConsumerIsTaken() throws Exception {
    Inbox.consumeAs(client, service, "taken");
    expectConnectionClose(
        client.getConnection(),
        530,
        "NOT_ALLOWED - attempt to reuse consumer tag 'taken'",
        () -> client.basicConsume(REPLY_TO, true, "taken", new DefaultConsumer(client)));
  }

  @Test
  @Behaviour({127, 152})
  void itsOwnTagIsFreeForAnother() throws Exception {
    RawConnection raw = openRawConnection();
    raw.openChannel(1);
    for (String queue : new String[] {REPLY_TO, service}) {
      raw.send(
          1, new AMQP.Basic.Consume.Builder().queue(queue).consumerTag("tag").noAck(true).build());
      raw.expect(1, AMQP.Basic.ConsumeOk.class);
    }
    // The consumer of replies goes first.
    for (String text : new String[] {"one", "two"}) {
      raw.send(1, new AMQP.Basic.Cancel.Builder().consumerTag("tag").build());
      raw.expect(1, AMQP.Basic.CancelOk.class);
      send("", service, text);
      if (text.equals("one")) {
        raw.expect(1, AMQP.Basic.Deliver.class);
        assertThat(raw.read().type()).isEqualTo(RawFrame.HEADER);
        assertThat(raw.read().type()).isEqualTo(RawFrame.BODY);
      }
    }
    assertThat(drain(service)).containsExactly("two");
  }

  @Test
  @Behaviour({103, 104, 153})
  void anAddressMayStandBesideQueuesInCcAndBcc() throws Exception {
    Inbox replies = Inbox.consume(client, REPLY_TO, true);
    client.basicPublish("", service, REQUEST, bytes("request"));
    String address = request().getReplyTo();
    for (String header : new String[] {"CC", "BCC"}) {
      // Named twice, and it comes once.
      var copies =
          NO_PROPERTIES.builder().headers(Map.of(header, List.of(address, address))).build();
      send("", service, copies, header);
      Delivery delivery = replies.next();
      assertThat(Inbox.text(delivery)).isEqualTo(header);
      assertThat(delivery.getEnvelope().getRoutingKey()).isEqualTo(service);
      assertThat(delivery.getProperties().getHeaders()).doesNotContainKey("BCC");
      assertThat(drain(service)).containsExactly(header);
    }
    var alsoQueued =
        NO_PROPERTIES.builder().headers(Map.of("CC", List.of(service, address))).build();
    send("", address, alsoQueued, "both");
    assertThat(replies.texts(1)).containsExactly("both");
    assertThat(drain(service)).containsExactly("both");
    replies.assertNoMore();
  }

  @Test
  @Behaviour({68, 153})
  void onlyTheDefaultExchangeLeadsToAnAddress() throws Exception {
    Inbox replies = Inbox.consume(client, REPLY_TO, true);
    client.basicPublish("", service, REQUEST, bytes("request"));
    String address = request().getReplyTo();
    send("amq.direct", address, "nowhere");
    replies.assertNoMore();
  }

  @Test
  @Behaviour({105, 153})
  void aMandatoryReplyComesBackWhenNobodyIsThere() throws Exception {
    Inbox replies = Inbox.consume(client, REPLY_TO, true);
    client.basicPublish("", service, REQUEST, bytes("request"));
    String address = request().getReplyTo();
    replies.cancel();
    var returned = new LinkedBlockingQueue<Return>();
    Channel answering = newChannel();
    answering.addReturnListener(returned::add);
    answering.confirmSelect();
    answering.basicPublish("", address, true, NO_PROPERTIES, bytes("too late"));
    answering.waitForConfirmsOrDie(LIMIT.toMillis());
    assertThat(returned).hasSize(1);
    Return only = returned.remove();
    assertThat(only.getReplyCode()).isEqualTo(312);
    assertThat(only.getReplyText()).isEqualTo("NO_ROUTE");
    assertThat(only.getRoutingKey()).isEqualTo(address);
    assertThat(text(only.getBody())).isEqualTo("too late");
  }

  @Test
  @Behaviour(154)
  void theShortNameCanBeDeclaredPassively() throws Exception {
    AMQP.Queue.DeclareOk ok = client.queueDeclarePassive(REPLY_TO);
    assertThat(ok.getQueue()).isEqualTo(REPLY_TO);
    assertThat(ok.getMessageCount()).isZero();
    assertThat(ok.getConsumerCount()).isEqualTo(1);
  }

  /** The properties of the request as the service gets them. */
  private AMQP.BasicProperties request() {
    var got = new GetResponse[1];
    await("the request", () -> (got[0] = observer().basicGet(service, true)) != null);
    return got[0].getProps();
  }

  private void assertNotFound(String address) throws Exception {
    Channel channel = newChannel();
    expectChannelClose(
        channel,
        404,
        "NOT_FOUND - no queue '" + address + "' in vhost '/'",
        () -> channel.queueDeclarePassive(address));
  }

  /** The same name with another last letter. */
  private static String tampered(String address) {
    char last = address.charAt(address.length() - 1);
    return address.substring(0, address.length() - 1) + (last == 'A' ? 'B' : 'A');
  }
}
