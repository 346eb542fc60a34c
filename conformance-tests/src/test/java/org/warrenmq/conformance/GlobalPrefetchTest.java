package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The limit that all consumers of a channel share (basic.qos with global=true). */
class GlobalPrefetchTest extends MessagingTest {
  private Channel channel;

  @BeforeEach
  void openChannel() throws Exception {
    channel = newChannel();
  }

  @Test
  @Behaviour(139)
  void theLimitIsSharedByAllConsumers() throws Exception {
    limit(3);
    String one = filled(5);
    String two = filled(5);
    Inbox first = Inbox.consume(channel, one, false);
    first.take(3);
    Inbox second = Inbox.consume(channel, two, false);
    assertNoMore(first, second);
    channel.basicAck(1, false);
    await("one more delivery", () -> first.waiting() + second.waiting() == 1);
    assertThat(ready(one) + ready(two)).isEqualTo(6);
  }

  @Test
  @Behaviour(139)
  void theLimitIsEffectiveAtOnce() throws Exception {
    String queue = queue();
    Inbox inbox = Inbox.consume(channel, queue, false);
    limit(2);
    fill(queue, 4);
    assertThat(inbox.texts(2)).containsExactly("1", "2");
    inbox.assertNoMore();
    assertThat(ready(queue)).isEqualTo(2);
  }

  @Test
  @Behaviour(139)
  void anOwnLimitAndTheSharedOneHoldTogether() throws Exception {
    channel.basicQos(2);
    limit(3);
    String one = filled(5);
    String two = filled(5);
    Inbox first = Inbox.consume(channel, one, false);
    first.take(2);
    Inbox second = Inbox.consume(channel, two, false);
    second.take(1);
    assertNoMore(first, second);
    assertThat(ready(one)).isEqualTo(3);
    assertThat(ready(two)).isEqualTo(4);
  }

  @Test
  @Behaviour(140)
  void automaticAcksAreHeldWhileTheLimitIsFull() throws Exception {
    limit(1);
    Inbox manual = Inbox.consume(channel, filled(1), false);
    long held = manual.nextTag();
    String queue = filled(3);
    Inbox automatic = Inbox.consume(channel, queue, true);
    automatic.assertNoMore();
    assertThat(ready(queue)).isEqualTo(3);
    channel.basicAck(held, false);
    assertThat(automatic.texts(3)).containsExactly("1", "2", "3");
  }

  @Test
  @Behaviour(140)
  void automaticAcksDoNotUseUpTheLimit() throws Exception {
    limit(1);
    Inbox automatic = Inbox.consume(channel, filled(5), true);
    assertThat(automatic.texts(5)).hasSize(5);
    Inbox manual = Inbox.consume(channel, filled(2), false);
    assertThat(manual.texts(1)).containsExactly("1");
    manual.assertNoMore();
  }

  @Test
  @Behaviour(141)
  void getIsNotHeldByTheLimit() throws Exception {
    limit(1);
    String queue = filled(4);
    Inbox inbox = Inbox.consume(channel, queue, false);
    assertThat(inbox.texts(1)).containsExactly("1");
    assertThat(text(hold(channel, queue))).isEqualTo("2");
    assertThat(text(hold(channel, queue))).isEqualTo("3");
    inbox.assertNoMore();
  }

  @Test
  @Behaviour(142)
  void raisingTheLimitReleasesDeliveries() throws Exception {
    limit(1);
    String queue = filled(5);
    Inbox inbox = Inbox.consume(channel, queue, false);
    inbox.take(1);
    inbox.assertNoMore();
    limit(3);
    assertThat(inbox.texts(2)).containsExactly("2", "3");
    inbox.assertNoMore();
    assertThat(ready(queue)).isEqualTo(2);
  }

  @Test
  @Behaviour(142)
  void clearingTheLimitReleasesAll() throws Exception {
    limit(1);
    Inbox inbox = Inbox.consume(channel, filled(5), false);
    inbox.take(1);
    inbox.assertNoMore();
    limit(0);
    assertThat(inbox.texts(4)).containsExactly("2", "3", "4", "5");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 100})
  @Behaviour({139, 142})
  void aLimitOfEachConsumerEndsTheSharedOne(int each) throws Exception {
    limit(1);
    Inbox inbox = Inbox.consume(channel, filled(5), false);
    inbox.take(1);
    inbox.assertNoMore();
    channel.basicQos(each, false);
    // This one was started without a limit of its own.
    assertThat(inbox.texts(4)).containsExactly("2", "3", "4", "5");
    Inbox later = Inbox.consume(channel, filled(3), false);
    assertThat(later.take(each == 1 ? 1 : 3)).isNotEmpty();
    later.assertNoMore();
  }

  @Test
  @Behaviour(142)
  void loweringTheLimitWaitsForAcks() throws Exception {
    limit(3);
    String queue = filled(5);
    Inbox inbox = Inbox.consume(channel, queue, false);
    List<Delivery> held = inbox.take(3);
    limit(1);
    channel.basicAck(Inbox.tag(held.get(0)), false);
    inbox.assertNoMore();
    channel.basicAck(Inbox.tag(held.get(1)), false);
    inbox.assertNoMore();
    assertThat(ready(queue)).isEqualTo(2);
    channel.basicAck(Inbox.tag(held.get(2)), false);
    assertThat(inbox.texts(1)).containsExactly("4");
    inbox.assertNoMore();
  }

  @Test
  @Behaviour(142)
  void aNewLimitCountsWhatIsAlreadyOutstanding() throws Exception {
    String queue = filled(1);
    Inbox inbox = Inbox.consume(channel, queue, false);
    inbox.take(1);
    limit(2);
    send("", queue, "2", "3");
    assertThat(inbox.texts(1)).containsExactly("2");
    inbox.assertNoMore();
    assertThat(ready(queue)).isEqualTo(1);
  }

  @Test
  @Behaviour(143)
  void inATransactionThePlaceOpensWithTheCommit() throws Exception {
    channel.txSelect();
    limit(1);
    Inbox inbox = Inbox.consume(channel, filled(3), false);
    long first = inbox.nextTag();
    channel.basicAck(first, false);
    inbox.assertNoMore();
    channel.txRollback();
    inbox.assertNoMore();
    channel.basicAck(first, false);
    channel.txCommit();
    assertThat(inbox.texts(1)).containsExactly("2");
    inbox.assertNoMore();
  }

  @Test
  @Behaviour(144)
  void withALimitOfOneAllQueuesProgress() throws Exception {
    limit(1);
    var inboxes = new ArrayList<Inbox>();
    for (int i = 0; i < 3; i++) {
      inboxes.add(Inbox.consume(channel, filled(20), false));
    }
    Set<Inbox> progressed = new HashSet<>();
    for (int i = 0; i < 60; i++) {
      // With a limit of one there is one delivery at a time; find the consumer that has it.
      await("a delivery", () -> inboxes.stream().anyMatch(inbox -> inbox.waiting() > 0));
      Inbox next = inboxes.stream().filter(inbox -> inbox.waiting() > 0).findFirst().orElseThrow();
      progressed.add(next);
      if (i == 30) {
        assertThat(progressed).as("consumers that got something in time").hasSize(3);
      }
      channel.basicAck(next.nextTag(), false);
    }
    assertThat(progressed).hasSize(3);
  }

  @Test
  @Behaviour(144)
  void withALimitOfOneAllConsumersOfAQueueProgress() throws Exception {
    limit(1);
    String queue = queue();
    List<Inbox> inboxes =
        List.of(Inbox.consume(channel, queue, false), Inbox.consume(channel, queue, false));
    fill(queue, 20);
    Set<Inbox> progressed = new HashSet<>();
    for (int i = 0; i < 20; i++) {
      await("a delivery", () -> inboxes.stream().anyMatch(inbox -> inbox.waiting() > 0));
      Inbox next = inboxes.stream().filter(inbox -> inbox.waiting() > 0).findFirst().orElseThrow();
      progressed.add(next);
      channel.basicAck(next.nextTag(), false);
    }
    assertThat(progressed).hasSize(2);
  }

  private void limit(int count) throws Exception {
    channel.basicQos(count, true);
  }

  private String filled(int count) throws Exception {
    String queue = queue();
    fill(queue, count);
    return queue;
  }

  private static void assertNoMore(Inbox... inboxes) throws Exception {
    for (Inbox inbox : inboxes) {
      inbox.assertNoMore();
    }
  }
}
