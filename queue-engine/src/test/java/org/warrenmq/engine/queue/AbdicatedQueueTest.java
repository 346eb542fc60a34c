package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.warrenmq.engine.home.AcceptedBatch;
import org.warrenmq.engine.home.Commit;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.loop.HandRoom;
import org.warrenmq.engine.loop.RecordedErrors;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.Messages;

/** A transaction for two queues, of which one goes on elsewhere. */
class AbdicatedQueueTest {
  private static final QueueTraits DURABLE = new QueueTraits(true, false, false);

  private final SimulatedStore store = new SimulatedStore(new SplittableRandom(1));
  private final HandLoop client = new HandLoop(store, Long.MAX_VALUE);
  private final HandLoop one = new HandLoop(store, Long.MAX_VALUE);
  private final HandLoop two = new HandLoop(store, Long.MAX_VALUE);
  private final QueueOwner owner = new QueueLedger(0, one, new HandRoom(), DURABLE);
  private final QueueAddress staying = open(1, one);
  private final QueueAddress leaving = open(2, two);

  /** What was told to the channel. */
  private final List<Long> accepted = new ArrayList<>();

  private final Publisher channel =
      new Publisher() {
        @Override
        public RoomLoop loop() {
          return client.rooms();
        }

        @Override
        public void accepted(AcceptedBatch batch) {
          for (int i = 0; i < batch.count(); i++) {
            accepted.add(batch.sequence(i));
          }
        }
      };

  /** What comes to the queue after it has left. */
  private final List<Object> late = new ArrayList<>();

  private final QueueAddress.Resident successor =
      new QueueAddress.Resident() {
        @Override
        public void accept(QueueCommand command) {
          late.add(command);
        }

        @Override
        public void publish(
            Message message, @Nullable Publisher publisher, long sequence, long cost) {
          late.add(message);
        }
      };

  @BeforeEach
  void forgetOlderFaults() {
    RecordedErrors.instance().drain();
  }

  private QueueAddress open(long id, HandLoop home) {
    return Queues.open(id, home.store(), DURABLE, QueueSettings.NONE, owner);
  }

  private void leave() {
    two.store().discard();
    new QueueCommand.Abdicate(leaving, successor).open();
  }

  private void commit(long sequence, QueueAddress... queues) {
    Set<LoopStore> homes = new LinkedHashSet<>();
    for (QueueAddress queue : queues) {
      homes.add(queue.home());
    }
    Commit.send(
        client.store(),
        homes,
        channel,
        sequence,
        () -> {
          for (QueueAddress queue : queues) {
            publish(queue, 0);
          }
        });
  }

  private void publish(QueueAddress queue, long sequence) {
    Message plain = Messages.of("m" + sequence, 10);
    Message message = new Message(plain.exchange(), plain.routingKey(), plain.content(), true);
    Publisher told = sequence == 0 ? null : channel;
    client.rooms().send(queue.loop(), new QueueCommand.Publish(queue, message, told, sequence));
  }

  private void run() {
    do {
      client.run();
      one.run();
      two.run();
      store.work();
    } while (!store.isIdle() || !client.isIdle() || !one.isIdle() || !two.isIdle());
    RecordedErrors.instance().rethrow();
  }

  @Test
  void aTransactionIsConfirmedByEachHome() {
    commit(7, staying, leaving);
    run();

    assertThat(accepted).containsExactly(7L, 7L);
  }

  @Test
  void whatComesTooLateIsNotConfirmedAndHoldsUpNobody() {
    leave();
    commit(7, staying, leaving);
    run();

    assertThat(late).hasSize(1);
    assertThat(accepted).as("by one of two homes").containsExactly(7L);
    assertThat(store.disk().wasAppended(1, 0)).as("what stays is written").isTrue();
    publish(staying, 8);
    run();
    assertThat(accepted).containsExactly(7L, 8L);
  }

  @Test
  void aTransactionOfOneHomeIsNotConfirmedEither() {
    leave();
    commit(7, leaving);
    run();

    assertThat(late).hasSize(1);
    assertThat(accepted).isEmpty();
  }

  @Test
  void itsHomeConfirmsWhatIsForOthersThere() {
    leave();
    QueueAddress again = open(2, two);
    commit(7, staying, again);
    run();

    assertThat(accepted).containsExactly(7L, 7L);
    assertThat(store.disk().wasAppended(2, 0)).isTrue();
  }

  @Test
  void whatWasForTheOldAddressIsNotConfirmedWhereItIsOpenAgain() {
    commit(7, staying, leaving);
    leave();
    open(2, two);
    run();

    assertThat(late).hasSize(1);
    assertThat(accepted).containsExactly(7L);
    assertThat(store.disk().wasAppended(2, 0)).isFalse();
  }
}
