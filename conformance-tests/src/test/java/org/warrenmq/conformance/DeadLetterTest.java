package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.Return;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which messages die, what of, and where they go. On the test thread. */
class DeadLetterTest extends DyingTest {

  // ---------------------------------------------------------------- reasons

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Behaviour(160)
  void whatIsRejectedDies(boolean nack) throws Exception {
    String dead = queue();
    String queue = queue(toQueue(dead));
    fill(queue, 3);
    Channel channel = channel();
    long first = tag(hold(channel, queue));
    long second = tag(hold(channel, queue));
    if (nack) {
      channel.basicNack(second, true, false);
    } else {
      channel.basicReject(first, false);
      channel.basicReject(second, false);
    }
    awaitReady(dead, 2);
    assertThat(drain(dead)).containsExactly("1", "2");
    assertThat(drain(queue)).containsExactly("3");
  }

  @Test
  @Behaviour(160)
  void whatIsRejectedByAConsumerDies() throws Exception {
    String dead = queue();
    String queue = queue(toQueue(dead));
    Channel channel = newChannel();
    Inbox inbox = Inbox.consume(channel, queue, false);
    fill(queue, 2);
    long first = inbox.nextTag();
    channel.basicReject(inbox.nextTag(), false);
    channel.basicAck(first, false);
    GetResponse letter = getEventually(dead);
    assertThat(text(letter)).isEqualTo("2");
    assertThat(toll(letter)).containsExactly(died(queue, "rejected", 1));
  }

  /** Neither dies; a rejected one after them would have overtaken them. */
  @Test
  @Behaviour({131, 160})
  void whatIsTakenOrRequeuedOrPurgedDoesNotDie() throws Exception {
    String dead = queue();
    String queue = queue(toQueue(dead));
    Channel channel = newChannel();
    send("", queue, "acked", "taken", "requeued", "purged");
    channel.basicAck(tag(hold(channel, queue)), false);
    channel.basicGet(queue, true);
    channel.basicReject(tag(hold(channel, queue)), true);
    assertThat(text(hold(channel, queue))).isEqualTo("requeued");
    assertThat(channel.queuePurge(queue).getMessageCount()).isEqualTo(1);
    channel.close();
    awaitReady(queue, 1);
    send("", queue, "rejected");
    assertThat(text(hold(channel(), queue))).isEqualTo("requeued");
    reject(queue);
    assertThat(getText(dead)).isEqualTo("rejected");
    assertThat(take(dead)).isNull();
  }

  @Test
  @Behaviour({83, 160})
  void whatIsInAQueueThatIsDeletedDoesNotDie() throws Exception {
    String dead = queue();
    String queue = queue(toQueue(dead));
    send("", queue, "deleted");
    channel().queueDelete(queue);
    String other = queue(toQueue(dead));
    send("", other, "rejected");
    reject(other);
    assertThat(getText(dead)).isEqualTo("rejected");
    assertThat(take(dead)).isNull();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Behaviour({155, 156, 160})
  void whatExpiresDies(boolean byQueue) throws Exception {
    String dead = queue();
    String queue = queue(byQueue ? and(toQueue(dead), "x-message-ttl", SOON) : toQueue(dead));
    var properties = byQueue ? NO_PROPERTIES : NO_PROPERTIES.builder().expiration("100").build();
    send("", queue, properties, "late");
    GetResponse letter = getEventually(dead);
    assertThat(text(letter)).isEqualTo("late");
    assertThat(toll(letter)).containsExactly(died(queue, "expired", 1));
    assertThat(ready(queue)).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Behaviour({113, 158, 160})
  void aTimeOfZeroIsOverAtOnce(boolean byQueue) throws Exception {
    String dead = queue();
    String queue = queue(byQueue ? and(toQueue(dead), "x-message-ttl", 0) : toQueue(dead));
    var properties = byQueue ? NO_PROPERTIES : NO_PROPERTIES.builder().expiration("0").build();
    send("", queue, properties, "1");
    assertThat(toll(getEventually(dead))).containsExactly(died(queue, "expired", 1));
  }

  @Test
  @Behaviour({157, 160})
  void whatComesBackTooLateDies() throws Exception {
    String dead = queue();
    String clockDead = queue();
    String queue = expiring(dead);
    Channel channel = newChannel();
    Inbox inbox = Inbox.consume(channel, queue, false);
    send("", queue, "late");
    long held = inbox.nextTag();
    send("", expiring(clockDead), "tick");
    assertThat(getText(clockDead)).isEqualTo("tick");
    assertThat(take(dead)).isNull();
    channel.basicReject(held, true);
    GetResponse letter = getEventually(dead);
    assertThat(toll(letter)).containsExactly(died(queue, "expired", 1));
    assertThat(redelivered(letter)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "quorum"})
  @Behaviour({117, 160})
  void whatAFullQueueDropsDies(String type) throws Exception {
    String dead = queue();
    String queue = durableQueue(and(and(toQueue(dead), "x-max-length", 2), "x-queue-type", type));
    fill(queue, 5);
    awaitReady(dead, 3);
    GetResponse letter = getEventually(dead);
    assertThat(text(letter)).isEqualTo("1");
    assertThat(toll(letter)).containsExactly(died(queue, "maxlen", 1));
    assertThat(drain(dead)).containsExactly("2", "3");
    awaitReady(queue, 2);
    assertThat(drain(queue)).containsExactly("4", "5");
  }

  @Test
  @Behaviour({113, 117, 160})
  void aQueueThatHoldsNothingPassesItAllOn() throws Exception {
    String dead = queue();
    String queue = queue(and(toQueue(dead), "x-max-length", 0));
    fill(queue, 3);
    awaitReady(dead, 3);
    assertThat(drain(dead)).containsExactly("1", "2", "3");
  }

  @ParameterizedTest
  @CsvSource({"reject-publish, 0", "reject-publish-dlx, 3"})
  @Behaviour({116, 160})
  void whatIsRefusedDiesIfTheQueueSaysSo(String overflow, int letters) throws Exception {
    String dead = queue();
    String queue = queue(and(and(toQueue(dead), "x-max-length", 2), "x-overflow", overflow));
    var verdicts = Verdicts.of(newChannel());
    verdicts.fill(queue, NO_PROPERTIES, 5);
    assertThat(verdicts.acked()).containsExactlyInAnyOrder(1L, 2L);
    assertThat(verdicts.nacked()).containsExactlyInAnyOrder(3L, 4L, 5L);
    assertThat(ready(queue)).isEqualTo(2);
    // The first in the queue dies after all that was refused.
    reject(queue);
    awaitReady(dead, letters + 1);
    for (int i = 0; i < letters; i++) {
      GetResponse letter = getEventually(dead);
      assertThat(text(letter)).isEqualTo(Integer.toString(3 + i));
      assertThat(toll(letter)).containsExactly(died(queue, "maxlen", 1));
    }
    assertThat(drain(dead)).containsExactly("1");
  }

  @Test
  @Behaviour({160, 172})
  void whatComesBackTooOftenDies() throws Exception {
    String dead = queue();
    String queue =
        durableQueue(and(and(toQueue(dead), "x-queue-type", "quorum"), "x-delivery-limit", 2));
    Channel channel = newChannel();
    Inbox inbox = Inbox.consume(channel, queue, false);
    send("", queue, NO_PROPERTIES.builder().expiration("3600000").build(), "1");
    for (int returns = 0; returns <= 2; returns++) {
      Delivery delivery = inbox.next();
      assertThat(delivery.getEnvelope().isRedeliver()).isEqualTo(returns > 0);
      Map<String, Object> headers = delivery.getProperties().getHeaders();
      if (returns > 0) {
        assertThat(headers).containsEntry("x-delivery-count", (long) returns);
      } else if (headers != null) {
        assertThat(headers).doesNotContainKey("x-delivery-count");
      }
      channel.basicReject(Inbox.tag(delivery), true);
    }
    GetResponse letter = getEventually(dead);
    assertThat(toll(letter)).containsExactly(died(queue, "delivery_limit", 1));
    assertThat(header(letter, "x-first-death-reason")).isEqualTo("delivery_limit");
    assertThat(headers(letter)).doesNotContainKey("x-delivery-count");
    assertThat(redelivered(letter)).isFalse();
    inbox.assertNoMore();
  }

  // ---------------------------------------------------------------- where they go

  @Test
  @Behaviour({103, 160})
  void theExchangeDecidesWhoGetsIt() throws Exception {
    String exchange = exchange("fanout", Map.of());
    List<String> dead = List.of(boundQueue(exchange, ""), boundQueue(exchange, ""));
    String queue = queue(to(exchange));
    send("", queue, "1");
    reject(queue);
    for (String each : dead) {
      GetResponse letter = getEventually(each);
      assertThat(text(letter)).isEqualTo("1");
      assertThat(letter.getEnvelope().getExchange()).isEqualTo(exchange);
      assertThat(letter.getEnvelope().getRoutingKey()).isEqualTo(queue);
    }
  }

  @Test
  @Behaviour(160)
  void manyQueuesMayHaveTheSameExchange() throws Exception {
    String exchange = exchange("topic", Map.of());
    String dead = boundQueue(exchange, "dead.*");
    List<String> queues = List.of(queue(to(exchange, "dead.1")), queue(to(exchange, "dead.2")));
    for (String queue : queues) {
      send("", queue, queue);
      reject(queue);
      GetResponse letter = getEventually(dead);
      assertThat(text(letter)).isEqualTo(queue);
      assertThat(toll(letter)).containsExactly(died(queue, "rejected", 1));
    }
  }

  @Test
  @Behaviour({69, 160})
  void anExchangeThatKnowsNoQueueHasItsAlternate() throws Exception {
    String alternate = exchange("fanout", Map.of());
    String dead = boundQueue(alternate, "");
    String exchange = exchange("direct", Map.of("alternate-exchange", alternate));
    String queue = queue(to(exchange));
    send("", queue, "1");
    reject(queue);
    assertThat(getEventually(dead).getEnvelope().getExchange()).isEqualTo(exchange);
  }

  @Test
  @Behaviour(160)
  void anInternalExchangeTakesThem() throws Exception {
    String exchange = exchangeName();
    channel().exchangeDeclare(exchange, "fanout", false, false, true, Map.of());
    String dead = boundQueue(exchange, "");
    String queue = queue(to(exchange));
    send("", queue, "1");
    reject(queue);
    assertThat(getText(dead)).isEqualTo("1");
  }

  /** Those of x-death, too, as strings; but not x-death itself. */
  @Test
  @Behaviour(163)
  void headersRouteThem() throws Exception {
    String exchange = exchange("headers", Map.of());
    String queue = queue(to(exchange));
    String byReason =
        boundQueue(
            exchange, "", Map.of("x-match", "all-with-x", "x-first-death-reason", "rejected"));
    String byQueue =
        boundQueue(exchange, "", Map.of("x-match", "any-with-x", "x-last-death-queue", queue));
    String byOther =
        boundQueue(
            exchange, "", Map.of("x-match", "all-with-x", "x-first-death-reason", "expired"));
    String byHeader = boundQueue(exchange, "", Map.of("x-match", "all", "kind", "a"));
    send("", queue, headers(Map.of("kind", "a")), "1");
    send("", queue, headers(Map.of("kind", "b", "x-first-death-reason", "expired")), "2");
    reject(queue);
    reject(queue);
    awaitReady(byReason, 2);
    assertThat(drain(byReason)).containsExactly("1", "2");
    awaitReady(byQueue, 2);
    assertThat(drain(byHeader)).containsExactly("1");
    assertThat(drain(byOther)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "quorum"})
  @Behaviour({96, 167})
  void anExchangeThatIsMissingLosesThemUntilItIsThere(String type) throws Exception {
    String exchange = exchangeName();
    String queue = durableQueue(and(to(exchange), "x-queue-type", type));
    fill(queue, 2);
    reject(queue);
    reject(queue);
    // The answer of the queue comes after what the rejects have set off.
    assertThat(get(queue)).isNull();
    channel().exchangeDeclare(exchange, "fanout");
    String dead = boundQueue(exchange, "");
    send("", queue, "3");
    reject(queue);
    assertThat(getText(dead)).isEqualTo("3");
    channel().exchangeDelete(exchange);
    send("", queue, "4");
    reject(queue);
    assertThat(get(queue)).isNull();
    channel().exchangeDeclare(exchange, "fanout");
    channel().queueBind(dead, exchange, "");
    send("", queue, "5");
    reject(queue);
    assertThat(getText(dead)).isEqualTo("5");
    assertThat(take(dead)).isNull();
  }

  @Test
  @Behaviour({105, 160})
  void whatNobodyGetsDoesNotComeBackToThePublisher() throws Exception {
    String queue = queue(and(to("amq.direct", uniqueName("nobody")), "x-message-ttl", 0));
    Channel channel = newChannel();
    var returned = new ConcurrentLinkedQueue<Return>();
    channel.addReturnListener(returned::add);
    var verdicts = Verdicts.of(channel);
    verdicts.fill(queue, NO_PROPERTIES, 5);
    assertThat(verdicts.acked()).hasSize(5);
    channel.queueDeclarePassive(queue);
    assertThat(returned).isEmpty();
  }

  // ---------------------------------------------------------------- when, and in which order

  @Test
  @Behaviour(168)
  void theyComeInTimeThoughNobodyLooksAtTheQueue() throws Exception {
    int millis = 2000;
    String dead = queue();
    String queue = queue(and(toQueue(dead), "x-message-ttl", millis));
    Inbox inbox = Inbox.consume(newChannel(), dead, true);
    long start = System.nanoTime();
    send("", queue, "1");
    long sent = System.nanoTime();
    inbox.next();
    long arrived = System.nanoTime();
    assertThat(TimeUnit.NANOSECONDS.toMillis(arrived - start)).isGreaterThanOrEqualTo(millis - 10);
    assertThat(TimeUnit.NANOSECONDS.toMillis(arrived - sent)).isLessThan(millis * 12 / 10);
  }

  @ParameterizedTest
  @CsvSource({"x-message-ttl, 200", "x-message-ttl, 0", "x-max-length, 0", "x-max-length, 100"})
  @Behaviour({113, 115, 160})
  void manyKeepTheirOrderAndAreConfirmed(String argument, int value) throws Exception {
    int count = 3000;
    int left = argument.equals("x-max-length") ? value : 0;
    String dead = durableQueue(Map.of());
    String queue = durableQueue(and(toQueue(dead), argument, value));
    var verdicts = Verdicts.of(newChannel());
    verdicts.fill(queue, NO_PROPERTIES.builder().deliveryMode(2).build(), count);
    assertThat(verdicts.acked()).hasSize(count);
    assertThat(verdicts.nacked()).isEmpty();
    Inbox inbox = Inbox.consume(newChannel(), dead, true);
    assertThat(inbox.texts(count - left)).isEqualTo(numbers(count - left));
    inbox.assertNoMore();
  }

  @Test
  @Behaviour(160)
  void manyRejectedAtOnceKeepTheirOrder() throws Exception {
    int count = 1000;
    String dead = queue();
    String queue = queue(toQueue(dead));
    Verdicts verdicts = Verdicts.of(newChannel());
    verdicts.fill(queue, NO_PROPERTIES, count);
    assertThat(verdicts.acked()).hasSize(count);
    Channel channel = newChannel();
    Inbox inbox = Inbox.consume(channel, queue, false);
    List<Delivery> deliveries = inbox.take(count);
    channel.basicNack(Inbox.tag(deliveries.getLast()), true, false);
    assertThat(Inbox.consume(newChannel(), dead, true).texts(count)).isEqualTo(numbers(count));
  }

  @Test
  @Behaviour({119, 120, 160})
  void inATransactionTheyDieAtTheCommit() throws Exception {
    String dead = queue();
    String queue = queue(toQueue(dead));
    fill(queue, 2);
    Channel tx = newChannel();
    tx.txSelect();
    long first = tag(hold(tx, queue));
    tx.basicReject(first, false);
    tx.txRollback();
    assertThat(take(dead)).isNull();
    tx.basicReject(first, false);
    tx.basicReject(tag(hold(tx, queue)), false);
    assertThat(take(dead)).isNull();
    tx.txCommit();
    awaitReady(dead, 2);
    assertThat(drain(dead)).containsExactly("1", "2");
  }

  // ---------------------------------------------------------------- what they are

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 100_000, 1_500_000})
  @Behaviour(160)
  void theBodyStaysWhatItWas(int size) throws Exception {
    byte[] body = new byte[size];
    for (int i = 0; i < size; i++) {
      body[i] = (byte) (i * 31 >> 3);
    }
    String exchange = exchange("fanout", Map.of());
    List<String> dead = List.of(boundQueue(exchange, ""), boundQueue(exchange, ""));
    String queue = queue(to(exchange));
    channel().basicPublish("", queue, NO_PROPERTIES, body);
    reject(queue);
    for (String each : dead) {
      assertThat(getEventually(each).getBody()).isEqualTo(body);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  @Behaviour({160, 164})
  void theDeliveryModeStays(int mode) throws Exception {
    String dead = durableQueue(Map.of());
    String queue = durableQueue(toQueue(dead));
    send("", queue, NO_PROPERTIES.builder().deliveryMode(mode).build(), "1");
    reject(queue);
    assertThat(getEventually(dead).getProps().getDeliveryMode()).isEqualTo(mode);
  }

  @Test
  @Behaviour(164)
  void whatWasRedeliveredIsNewAsADeadLetter() throws Exception {
    String dead = queue();
    String queue = queue(toQueue(dead));
    send("", queue, "1");
    channel().basicReject(tag(hold(channel(), queue)), true);
    assertThat(redelivered(reject(queue))).isTrue();
    assertThat(redelivered(getEventually(dead))).isFalse();
  }

  private static List<String> numbers(int count) {
    return IntStream.rangeClosed(1, count).mapToObj(Integer::toString).toList();
  }
}
