package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.GetResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Messages with one value of a header go to one consumer at a time, in order. On the test thread.
 * The texts begin with the name of their group.
 */
class MessageGroupsTest extends MessagingTest {
  private static final String HEADER = "customer";

  @BeforeEach
  void ofOurOwn() {
    assumeFalse(BrokerUnderTest.isForeign(), "RabbitMQ has no message groups");
  }

  private String grouped() throws Exception {
    return queue(Map.of("x-group-header", HEADER));
  }

  private String grouped(String argument, Object value) throws Exception {
    return queue(Map.of("x-group-header", HEADER, argument, value));
  }

  private static AMQP.BasicProperties.Builder of(Object group) {
    return NO_PROPERTIES.builder().headers(Map.of(HEADER, group));
  }

  private void sendGroups(String queue, String... texts) throws Exception {
    for (String text : texts) {
      send("", queue, of(text.substring(0, 1)).build(), text);
    }
  }

  private Inbox consume(String queue, int prefetch) throws Exception {
    Channel channel = newChannel();
    channel.basicQos(prefetch);
    return Inbox.consume(channel, queue, false);
  }

  private static void ack(Inbox inbox, Delivery delivery) throws Exception {
    inbox.getChannel().basicAck(Inbox.tag(delivery), false);
  }

  @Test
  void aGroupGoesToOneConsumerOthersPassIt() throws Exception {
    String queue = grouped();
    Inbox first = consume(queue, 1);
    sendGroups(queue, "a1", "a2", "b1", "a3", "b2");
    Delivery held = first.next();
    assertThat(Inbox.text(held)).isEqualTo("a1");
    Inbox second = consume(queue, 10);
    assertThat(second.texts(2)).containsExactly("b1", "b2");
    second.assertNoMore();
    assertThat(ready(queue)).isEqualTo(2);
    ack(first, held);
    // Nothing of it is out for a moment: it goes to him whose turn it is.
    assertThat(second.texts(2)).containsExactly("a2", "a3");
    first.assertNoMore();
  }

  @Test
  void whoHasOneGetsTheNextToo() throws Exception {
    String queue = grouped();
    Inbox first = consume(queue, 10);
    sendGroups(queue, "a1");
    first.next();
    Inbox second = consume(queue, 10);
    for (String text : List.of("a2", "a3", "a4")) {
      sendGroups(queue, text);
      assertThat(first.texts(1)).containsExactly(text);
    }
    second.assertNoMore();
  }

  @Test
  void aGroupMovesWhenNothingOfItIsUnsettled() throws Exception {
    String queue = grouped();
    Inbox first = consume(queue, 2);
    sendGroups(queue, "a1", "a2", "a3");
    List<Delivery> held = first.take(2);
    first.cancel();
    Inbox second = consume(queue, 10);
    ack(first, held.get(1));
    second.assertNoMore();
    ack(first, held.get(0));
    assertThat(second.texts(1)).containsExactly("a3");
  }

  @Test
  void whatComesBackComesFirst() throws Exception {
    String queue = grouped();
    Inbox first = consume(queue, 2);
    sendGroups(queue, "a1", "a2", "a3");
    first.take(2);
    Inbox second = consume(queue, 10);
    first.getChannel().close();
    List<Delivery> deliveries = second.take(3);
    assertThat(deliveries).extracting(Inbox::text).containsExactly("a1", "a2", "a3");
    assertThat(deliveries)
        .extracting(delivery -> delivery.getEnvelope().isRedeliver())
        .containsExactly(true, true, false);
  }

  @Test
  void ofWhatAGetHoldsNobodyGetsMore() throws Exception {
    String queue = grouped();
    sendGroups(queue, "a1", "a2", "b1");
    Channel channel = channel();
    GetResponse held = hold(channel, queue);
    assertThat(text(hold(channel, queue))).isEqualTo("b1");
    assertThat(channel.basicGet(queue, false)).isNull();
    assertThat(ready(queue)).isEqualTo(1);
    Inbox inbox = consume(queue, 10);
    inbox.assertNoMore();
    channel.basicAck(tag(held), false);
    assertThat(inbox.texts(1)).containsExactly("a2");
  }

  @Test
  void withoutTheHeaderMessagesGoToAnybody() throws Exception {
    String queue = grouped();
    Inbox first = consume(queue, 1);
    Inbox second = consume(queue, 1);
    send("", queue, NO_PROPERTIES.builder().headers(Map.of("other", "a")).build(), "1");
    send("", queue, "2");
    assertThat(first.texts(1)).containsExactly("1");
    assertThat(second.texts(1)).containsExactly("2");
  }

  @Test
  void voidIsNoGroup() throws Exception {
    String queue = grouped();
    Inbox first = consume(queue, 1);
    Inbox second = consume(queue, 1);
    Map<String, Object> nothing = new HashMap<>();
    nothing.put(HEADER, null);
    for (String text : List.of("1", "2")) {
      send("", queue, NO_PROPERTIES.builder().headers(nothing).build(), text);
    }
    assertThat(first.texts(1)).containsExactly("1");
    assertThat(second.texts(1)).containsExactly("2");
  }

  @Test
  void valuesCountAndNotTheirTypes() throws Exception {
    String queue = grouped();
    Inbox first = consume(queue, 1);
    Inbox second = consume(queue, 10);
    for (Object group : List.of(7, 7L, (short) 7)) {
      send("", queue, of(group).build(), "number");
    }
    send("", queue, of("7").build(), "text");
    send("", queue, of(Map.of("k", List.of(1))).build(), "table");
    first.next();
    assertThat(second.texts(2)).containsExactly("text", "table");
    second.assertNoMore();
  }

  @Test
  void withoutAcksAGroupIsFreeAtOnce() throws Exception {
    String queue = grouped();
    Inbox first = Inbox.consume(newChannel(), queue, true);
    Inbox second = Inbox.consume(newChannel(), queue, true);
    sendGroups(queue, "a1", "a2");
    assertThat(first.texts(1)).containsExactly("a1");
    assertThat(second.texts(1)).containsExactly("a2");
  }

  /** 4,096 are passed over, wherever they lie. */
  @ParameterizedTest
  @ValueSource(ints = {4096, 4097})
  void soManyArePassedOver(int waiting) throws Exception {
    String queue = grouped();
    Inbox first = consume(queue, 1);
    sendGroups(queue, "a1");
    first.next();
    Channel channel = newChannel();
    channel.confirmSelect();
    for (int i = 0; i < waiting; i++) {
      channel.basicPublish("", queue, of("a").build(), bytes("a"));
    }
    channel.basicPublish("", queue, of("b").build(), bytes("b1"));
    channel.waitForConfirmsOrDie(LIMIT.toMillis());
    Inbox second = consume(queue, 10);
    if (waiting > 4096) {
      second.assertNoMore();
    } else {
      assertThat(second.texts(1)).containsExactly("b1");
    }
  }

  @Test
  void whatWaitsForItsGroupExpiresAndIsDroppedLikeOthers() throws Exception {
    String dead = queue();
    var arguments = new HashMap<String, Object>();
    arguments.put("x-group-header", HEADER);
    arguments.put("x-max-length", 2);
    arguments.put("x-dead-letter-exchange", "");
    arguments.put("x-dead-letter-routing-key", dead);
    String queue = queue(arguments);
    Inbox first = consume(queue, 1);
    sendGroups(queue, "a1");
    Delivery held = first.next();
    Inbox second = consume(queue, 2);
    sendGroups(queue, "a2");
    send("", queue, of("a").expiration("1").build(), "a3");
    awaitReady(dead, 1);
    sendGroups(queue, "a4", "a5", "b1");
    assertThat(second.texts(1)).containsExactly("b1");
    awaitReady(dead, 2);
    assertThat(drain(dead)).containsExactly("a3", "a2");
    first.getChannel().basicReject(Inbox.tag(held), false);
    awaitReady(dead, 1);
    assertThat(second.texts(1)).containsExactly("a4");
    assertThat(purge(queue)).isEqualTo(1);
    first.assertNoMore();
    second.assertNoMore();
  }

  private int purge(String queue) throws Exception {
    return channel().queuePurge(queue).getMessageCount();
  }

  @Test
  void aSingleActiveConsumerHasThemAll() throws Exception {
    String queue = grouped("x-single-active-consumer", true);
    Inbox first = consume(queue, 10);
    Inbox second = consume(queue, 10);
    sendGroups(queue, "a1", "b1", "a2");
    List<Delivery> held = first.take(3);
    first.cancel();
    sendGroups(queue, "a3", "c1");
    assertThat(second.texts(1)).containsExactly("c1");
    ack(first, held.get(0));
    second.assertNoMore();
    ack(first, held.get(2));
    assertThat(second.texts(1)).containsExactly("a3");
  }

  @Test
  void consumersOfOneChannelShareItsLimit() throws Exception {
    String queue = grouped();
    Channel channel = newChannel();
    channel.basicQos(2, true);
    Inbox first = Inbox.consume(channel, queue, false);
    Inbox second = Inbox.consume(channel, queue, false);
    sendGroups(queue, "a1", "b1", "a2", "b2", "c1");
    var came = new ArrayList<String>();
    while (came.size() < 5) {
      await("another one", () -> first.waiting() + second.waiting() > 0);
      Inbox inbox = first.waiting() > 0 ? first : second;
      Delivery delivery = inbox.next();
      came.add(Inbox.text(delivery));
      ack(inbox, delivery);
    }
    assertThat(came).containsSubsequence("a1", "a2").containsSubsequence("b1", "b2").contains("c1");
  }
}
