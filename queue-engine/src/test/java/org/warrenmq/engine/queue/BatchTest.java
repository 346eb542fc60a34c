package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.warrenmq.engine.home.AcceptedBatch;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.loop.HandRoom;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.message.Messages;

/** What is gathered over a turn, and when a new batch must be opened. */
class BatchTest {
  private final HandLoop home = new HandLoop();
  private final HandLoop away = new HandLoop();
  private final QueueAddress queue = queue(1);
  private final TestSubscriber subscriber = new TestSubscriber(away.rooms());

  private QueueAddress queue(long id) {
    return new QueueLedger(id, home, new HandRoom(), QueueTraits.PLAIN).queue();
  }

  private static final class CountingPublisher implements Publisher {
    final RoomLoop loop;
    final List<AcceptedBatch> batches = new ArrayList<>();

    CountingPublisher(RoomLoop loop) {
      this.loop = loop;
    }

    @Override
    public RoomLoop loop() {
      return loop;
    }

    @Override
    public void accepted(AcceptedBatch batch) {
      batches.add(batch);
    }

    List<Long> sequences() {
      List<Long> sequences = new ArrayList<>();
      for (AcceptedBatch batch : batches) {
        for (int i = 0; i < batch.count(); i++) {
          sequences.add(batch.sequence(i));
        }
      }
      return sequences;
    }
  }

  private void publish(Publisher publisher, QueueAddress target, long sequence) {
    new QueueCommand.Publish(target, Messages.of(sequence), publisher, sequence).open();
  }

  @Test
  void aTurnsDeliveriesTravelTogether() {
    Consumer consumer = subscriber.consumer(queue, 0, 0);
    for (int i = 0; i < 200; i++) {
      consumer.deliver(i, Messages.of(i), i % 3 == 0);
    }
    home.run();
    away.run();

    assertThat(subscriber.batches).hasSize(1);
    assertThat(subscriber.deliveries).hasSize(200);
    for (int i = 0; i < 200; i++) {
      assertThat(subscriber.deliveries.get(i))
          .isEqualTo(new TestSubscriber.Delivery(i, "m" + i, i % 3 == 0));
    }
  }

  @Test
  void deliveryBatchesAreBoundedInNumberAndBytes() {
    Consumer consumer = subscriber.consumer(queue, 0, 0);
    for (int i = 0; i < DeliveryBatch.MAX_MESSAGES; i++) {
      assertThat(consumer.hasRoom()).isTrue();
      consumer.deliver(i, Messages.of(i), false);
    }
    for (int i = 0; i < 4; i++) {
      assertThat(consumer.hasRoom()).as("before %s", i).isTrue();
      consumer.deliver(1000 + i, Messages.of("large", DeliveryBatch.MAX_BYTES / 4), false);
    }
    assertThat(consumer.hasRoom()).as("two full batches under way").isFalse();
    home.run();
    away.run();

    assertThat(subscriber.batches).extracting(DeliveryBatch::count).containsExactly(256, 4);
    subscriber.batches.getFirst().flushedToClient();
    assertThat(subscriber.batches.getFirst().redelivered(255)).isFalse();
  }

  @Test
  void batchThatLeftIsNotAddedTo() {
    Consumer remote = subscriber.consumer(queue, 0, 0);
    remote.deliver(0, Messages.of(0), false);
    home.rooms().postOutgoing();
    remote.deliver(1, Messages.of(1), false);
    assertThat(remote.hasRoom()).as("the second is open").isTrue();
    home.run();
    away.run();
    assertThat(remote.hasRoom()).isFalse();

    TestSubscriber near = new TestSubscriber(home.rooms());
    Consumer local = near.consumer(queue, 0, 0);
    local.deliver(2, Messages.of(2), false);
    home.rooms().send(home.rooms(), () -> local.deliver(3, Messages.of(3), false));
    home.run();
    assertThat(subscriber.batches).extracting(DeliveryBatch::count).containsExactly(1, 1);
    assertThat(near.batches).extracting(DeliveryBatch::count).containsExactly(1, 1);
  }

  @Test
  void acceptancesOfOneTurnComeTogether() {
    CountingPublisher publisher = new CountingPublisher(away.rooms());
    for (int i = 0; i < 100; i++) {
      publish(publisher, queue, i);
    }
    home.run();
    publish(publisher, queue, 100);
    home.run();
    away.run();

    assertThat(publisher.batches).hasSize(2);
    assertThat(publisher.sequences()).hasSize(100).startsWith(1L).endsWith(100L).isSorted();
    assertThat(publisher.batches.getFirst().cost()).isEqualTo(100 * (3 + 128));
  }

  @Test
  void queuesOfOneLoopShareTheAcceptances() {
    CountingPublisher publisher = new CountingPublisher(away.rooms());
    QueueAddress second = queue(2);
    publish(publisher, queue, 1);
    publish(publisher, second, 2);
    publish(publisher, queue, 3);
    home.run();
    away.run();

    assertThat(publisher.batches).hasSize(1);
    assertThat(publisher.sequences()).containsExactly(1L, 2L, 3L);
  }

  @Test
  void everyPublisherHearsOfItsOwn() {
    CountingPublisher remote = new CountingPublisher(away.rooms());
    CountingPublisher local = new CountingPublisher(home.rooms());
    for (int i = 1; i <= 5; i++) {
      publish(remote, queue, i);
      publish(local, queue, 10 + i);
    }
    home.run();
    publish(local, queue, 16);
    home.run();
    away.run();

    assertThat(remote.sequences()).containsExactly(1L, 2L, 3L, 4L, 5L);
    assertThat(local.sequences()).containsExactly(11L, 12L, 13L, 14L, 15L, 16L);
  }

  @Test
  void settlementsThatWereOpenedAreNotAddedTo() {
    RoomLoop loop = home.rooms();
    SettleBatch first = SettleBatch.open(null, loop, queue, null, Settlement.ACKED);
    List<SettleBatch> second = new ArrayList<>();
    loop.send(loop, () -> second.add(SettleBatch.open(first, loop, queue, null, Settlement.ACKED)));
    home.run();

    assertThat(second).hasSize(1).doesNotContain(first);
  }

  @Test
  void acceptancesThatWereOpenedAreNotAddedTo() {
    CountingPublisher publisher = new CountingPublisher(home.rooms());
    publish(publisher, queue, 1);
    home.rooms().send(home.rooms(), () -> publish(publisher, queue, 2));
    home.run();

    assertThat(publisher.batches).hasSize(2);
    assertThat(publisher.sequences()).containsExactly(1L, 2L);
  }

  @Test
  void settlementsShareABatchOnlyWhenAlike() {
    Consumer one = subscriber.consumer(queue, 0, 0);
    Consumer two = subscriber.consumer(queue, 0, 0);
    RoomLoop loop = away.rooms();
    SettleBatch first = SettleBatch.open(null, loop, queue, one, Settlement.ACKED);

    assertThat(SettleBatch.open(first, loop, queue, one, Settlement.ACKED)).isSameAs(first);
    assertThat(SettleBatch.open(first, loop, queue, one, Settlement.REJECTED)).isNotSameAs(first);
    assertThat(SettleBatch.open(first, loop, queue, two, Settlement.ACKED)).isNotSameAs(first);
    assertThat(SettleBatch.open(first, loop, queue, null, Settlement.ACKED)).isNotSameAs(first);
    assertThat(SettleBatch.open(first, loop, queue(2), one, Settlement.ACKED)).isNotSameAs(first);
    loop.postOutgoing();
    assertThat(SettleBatch.open(first, loop, queue, one, Settlement.ACKED)).isNotSameAs(first);
  }
}
