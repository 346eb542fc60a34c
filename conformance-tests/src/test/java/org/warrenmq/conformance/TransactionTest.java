package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Transactions: what they hold back, what ends them. On the test thread. */
class TransactionTest extends MessagingTest {
  private Channel tx;
  private String queue = "";

  @BeforeEach
  void select() throws Exception {
    queue = queue();
    tx = newChannel();
    tx.txSelect();
  }

  @Test
  @Behaviour(119)
  void publishesAreInvisibleUntilTheCommit() throws Exception {
    publish("1");
    publish("2");
    assertThat(tx.queueDeclarePassive(queue).getMessageCount()).isZero();
    assertThat(tx.basicGet(queue, true)).isNull();
    tx.txCommit();
    awaitReady(queue, 2);
    publish("3");
    assertThat(drain(queue)).containsExactly("1", "2");
    tx.txCommit();
    awaitReady(queue, 1);
    assertThat(drain(queue)).containsExactly("3");
  }

  @Test
  @Behaviour(119)
  void aRollbackDropsPublishes() throws Exception {
    publish("dropped");
    tx.txRollback();
    tx.txCommit();
    publish("kept");
    tx.txCommit();
    awaitReady(queue, 1);
    assertThat(drain(queue)).containsExactly("kept");
  }

  @Test
  @Behaviour(119)
  void aClosedChannelDropsPublishes() throws Exception {
    publish("dropped");
    tx.close();
    send("", queue, "kept");
    assertThat(drain(queue)).containsExactly("kept");
  }

  @Test
  @Behaviour(119)
  void selectingAgainChangesNothing() throws Exception {
    publish("kept");
    tx.txSelect();
    assertThat(ready(queue)).isZero();
    tx.txCommit();
    awaitReady(queue, 1);
    assertThat(drain(queue)).containsExactly("kept");
  }

  @Test
  @Behaviour(119)
  void anAckCountsAtTheCommit() throws Exception {
    fill(queue, 1);
    tx.basicAck(tag(hold(tx, queue)), false);
    tx.txCommit();
    tx.close();
    assertThat(drain(queue)).isEmpty();
  }

  @Test
  @Behaviour(119)
  void anAckThatWasNotCommittedIsRequeuedWithTheChannel() throws Exception {
    fill(queue, 2);
    tx.basicAck(tag(hold(tx, queue)), false);
    tx.basicAck(tag(hold(tx, queue)), false);
    tx.close();
    awaitReady(queue, 2);
    GetResponse again = hold(channel(), queue);
    assertThat(text(again)).isEqualTo("1");
    assertThat(redelivered(again)).isTrue();
  }

  @Test
  @Behaviour(119)
  void aRolledBackAckMayBeGivenAgain() throws Exception {
    fill(queue, 1);
    long tag = tag(hold(tx, queue));
    tx.basicAck(tag, false);
    tx.txRollback();
    assertThat(tx.basicGet(queue, true)).as("it stays with the channel").isNull();
    tx.basicAck(tag, false);
    tx.txCommit();
    tx.close();
    assertThat(drain(queue)).isEmpty();
  }

  @Test
  @Behaviour(119)
  void automaticAcksAreOutsideTheTransaction() throws Exception {
    fill(queue, 1);
    assertThat(tx.basicGet(queue, true)).isNotNull();
    tx.txRollback();
    tx.close();
    assertThat(drain(queue)).isEmpty();
  }

  @Test
  @Behaviour(119)
  void acksAndPublishesAreCommittedTogether() throws Exception {
    String target = queue();
    fill(queue, 1);
    GetResponse moved = hold(tx, queue);
    tx.basicPublish("", target, moved.getProps(), moved.getBody());
    tx.basicAck(tag(moved), false);
    tx.txRollback();
    tx.basicPublish("", target, moved.getProps(), moved.getBody());
    tx.basicAck(tag(moved), false);
    tx.txCommit();
    tx.close();
    awaitReady(target, 1);
    assertThat(drain(target)).containsExactly("1");
    assertThat(drain(queue)).isEmpty();
  }

  @Test
  @Behaviour(120)
  void aRequeueTakesEffectAtTheCommit() throws Exception {
    fill(queue, 2);
    tx.basicNack(tag(hold(tx, queue)), false, true);
    tx.basicReject(tag(hold(tx, queue)), true);
    assertThat(tx.basicGet(queue, true)).isNull();
    tx.txCommit();
    awaitReady(queue, 2);
    assertThat(drain(queue)).containsExactly("1", "2");
  }

  @Test
  @Behaviour(120)
  void aRequeueMayBeRolledBack() throws Exception {
    fill(queue, 1);
    long tag = tag(hold(tx, queue));
    tx.basicNack(tag, false, true);
    tx.txRollback();
    assertThat(tx.basicGet(queue, true)).isNull();
    tx.basicNack(tag, false, false);
    tx.txCommit();
    tx.close();
    assertThat(drain(queue)).isEmpty();
  }

  @Test
  @Behaviour(120)
  void acksAndNacksMixInAnyOrder() throws Exception {
    fill(queue, 6);
    var tags = new long[7];
    for (int i = 1; i <= 6; i++) {
      tags[i] = tag(hold(tx, queue));
    }
    tx.basicNack(tags[5], false, true);
    tx.basicAck(tags[2], false);
    tx.basicNack(tags[1], false, true);
    tx.basicAck(tags[6], false);
    tx.basicReject(tags[4], false);
    tx.basicNack(tags[3], false, true);
    assertThat(ready(queue)).isZero();
    tx.txCommit();
    awaitReady(queue, 3);
    tx.close();
    assertThat(drain(queue)).containsExactly("1", "3", "5");
  }

  @Test
  @Behaviour(120)
  void recoverLeavesAnUncommittedAckAlone() throws Exception {
    fill(queue, 2);
    long first = tag(hold(tx, queue));
    hold(tx, queue);
    tx.basicAck(first, false);
    tx.basicRecover(true);
    awaitReady(queue, 1);
    assertThat(text(hold(tx, queue))).isEqualTo("2");
    assertThat(tx.basicGet(queue, true)).isNull();
    tx.txCommit();
    tx.close();
    awaitReady(queue, 1);
    assertThat(drain(queue)).containsExactly("2");
  }

  @Test
  @Behaviour({120, 134})
  void anUnknownTagIsRefusedBeforeTheCommit() throws Exception {
    fill(queue, 1);
    long tag = tag(hold(tx, queue));
    tx.basicAck(tag, false);
    expectChannelClose(
        tx,
        406,
        "PRECONDITION_FAILED - unknown delivery tag " + tag,
        () -> tx.basicAck(tag, false));
    awaitReady(queue, 1);
    assertThat(drain(queue)).containsExactly("1");
  }

  @Test
  @Behaviour(121)
  void commitAndRollbackNeedATransaction() throws Exception {
    String text = "PRECONDITION_FAILED - channel is not transactional";
    expectChannelClose(406, text, () -> channel().txCommit());
    expectChannelClose(406, text, () -> channel().txRollback());
  }

  private void publish(String text) throws Exception {
    tx.basicPublish("", queue, NO_PROPERTIES, bytes(text));
  }
}
