package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.warrenmq.engine.home.AcceptedBatch;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.loop.HandRoom;
import org.warrenmq.engine.loop.Mail;
import org.warrenmq.engine.loop.RecordedErrors;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.loop.Room;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.message.Messages;
import org.warrenmq.engine.queue.QueueCommand.Get;
import org.warrenmq.engine.queue.QueueCommand.GetReply;
import org.warrenmq.engine.queue.QueueCommand.Inspect;
import org.warrenmq.engine.queue.QueueCommand.Publish;
import org.warrenmq.engine.queue.QueueCommand.Purge;
import org.warrenmq.engine.queue.QueueCommand.QueueStatus;
import org.warrenmq.engine.queue.QueueCommand.Seal;
import org.warrenmq.engine.queue.QueueCommand.SealReply;
import org.warrenmq.engine.queue.QueueCommand.Stop;
import org.warrenmq.engine.queue.QueueCommand.Subscribe;
import org.warrenmq.engine.queue.QueueCommand.SubscribeReply;
import org.warrenmq.engine.queue.QueueCommand.Unsubscribe;

/** One queue, command by command, with its clients on another loop. */
class QueueTest {
  private final HandLoop home = new HandLoop();
  private final HandLoop clients = new HandLoop();
  private final HandRoom topology = new HandRoom();
  private final List<Object> answers = new ArrayList<>();
  private final List<QueueAddress> gone = new ArrayList<>();
  private final QueueAddress queue = queue(QueueTraits.PLAIN);

  @AfterEach
  void noRoomFailed() {
    RecordedErrors.instance().rethrow();
  }

  private QueueAddress queue(QueueTraits policy) {
    return Queues.open(
        1,
        home.store(),
        policy,
        QueueSettings.NONE,
        new QueueOwner() {
          @Override
          public Room room() {
            return topology;
          }

          @Override
          public <T> void gone(QueueAddress ended, ReplyTo<T> reply, T answer) {
            gone.add(ended);
            reply.room().post(reply.with(answer));
          }
        });
  }

  private void run() {
    while (!home.isIdle() || !clients.isIdle() || !topology.isIdle()) {
      clients.run();
      home.run();
      topology.run();
    }
  }

  private void tell(Mail mail) {
    clients.rooms().send(home.rooms(), mail);
    run();
  }

  private <T> ReplyTo<T> answer() {
    return new ReplyTo<>(clients.rooms(), answer -> answers.add(String.valueOf(answer)));
  }

  private void publish(QueueAddress target, int count) {
    for (int i = 0; i < count; i++) {
      tell(new Publish(target, Messages.of(i), null, 0));
    }
  }

  private SubscribeReply subscribe(Consumer consumer) {
    List<SubscribeReply> replies = new ArrayList<>();
    tell(new Subscribe(consumer, new ReplyTo<>(clients.rooms(), replies::add)));
    return replies.getFirst();
  }

  private GetReply get() {
    List<GetReply> replies = new ArrayList<>();
    tell(new Get(queue, false, new ReplyTo<>(clients.rooms(), replies::add)));
    return replies.getFirst();
  }

  private void settle(Consumer consumer, Settlement settlement, long... positions) {
    SettleBatch batch =
        SettleBatch.open(null, clients.rooms(), consumer.queue(), consumer, settlement);
    for (long position : positions) {
      batch.add(position);
    }
    run();
  }

  private TestSubscriber subscriber() {
    return new TestSubscriber(clients.rooms());
  }

  @Test
  void consumersOfOneQueueTakeTurns() {
    TestSubscriber a = subscriber();
    TestSubscriber b = subscriber();
    TestSubscriber c = subscriber();
    for (TestSubscriber subscriber : List.of(a, b, c)) {
      subscribe(subscriber.consumer(queue, 3, 0));
    }
    for (int i = 0; i < 12; i++) {
      clients.rooms().send(home.rooms(), new Publish(queue, Messages.of(i), null, 0));
    }
    run();

    assertThat(a.positions()).containsExactly(0L, 3L, 6L);
    assertThat(b.positions()).containsExactly(1L, 4L, 7L);
    assertThat(c.positions()).containsExactly(2L, 5L, 8L);
  }

  @Test
  void subscriptionIsAnsweredBeforeItsFirstDelivery() {
    publish(queue, 1);
    for (HandLoop loop : List.of(clients, home)) {
      TestSubscriber subscriber = new TestSubscriber(loop.rooms());
      Consumer consumer = subscriber.consumer(queue, 0, 0);
      loop.rooms()
          .send(
              home.rooms(),
              new Subscribe(consumer, new ReplyTo<>(loop.rooms(), subscriber.events::add)));
      run();
      assertThat(subscriber.events).hasSize(2).startsWith(SubscribeReply.OK);
      settle(consumer, Settlement.UNDELIVERED, 0);
      tell(new Unsubscribe(consumer, answer()));
      settle(consumer, Settlement.UNDELIVERED, 0);
    }
  }

  @Test
  void requeuedMessagesTakeTheirOldPlaces() {
    publish(queue, 4);
    TestSubscriber subscriber = subscriber();
    Consumer consumer = subscriber.consumer(queue, 3, 0);
    subscribe(consumer);
    tell(new Unsubscribe(consumer, answer()));
    settle(consumer, Settlement.REQUEUED, 1, 2, 0);

    TestSubscriber next = subscriber();
    subscribe(next.consumer(queue, 0, 0));
    assertThat(next.positions()).containsExactly(0L, 1L, 2L, 3L);
    assertThat(next.deliveries)
        .extracting(TestSubscriber.Delivery::redelivered)
        .containsExactly(true, true, true, false);
  }

  @Test
  void undeliveredMessagesAreAsIfNeverDelivered() {
    publish(queue, 1);
    assertThat(get()).isInstanceOf(GetReply.Got.class);
    SettleBatch.open(null, clients.rooms(), queue, null, Settlement.UNDELIVERED).add(0);
    run();

    assertThat(get())
        .isInstanceOfSatisfying(
            GetReply.Got.class,
            got -> {
              assertThat(got.redelivered()).isFalse();
              assertThat(got.remaining()).isZero();
            });
    assertThat(get()).isEqualTo(new GetReply.Empty());
  }

  @Test
  void unwrittenBatchesHoldTheConsumer() {
    TestSubscriber subscriber = subscriber();
    subscribe(subscriber.consumer(queue, 0, 0));
    publish(queue, 5);

    assertThat(subscriber.positions()).containsExactly(0L, 1L);
    subscriber.batches.getFirst().flushedToClient();
    run();
    assertThat(subscriber.positions()).containsExactly(0L, 1L, 2L, 3L, 4L);
    assertThat(subscriber.batches).hasSize(3);
  }

  @Test
  void purgeCountsReadyMessagesOnly() {
    publish(queue, 3);
    get();
    tell(new Purge(queue, answer()));
    tell(new Inspect(queue, answer()));
    SettleBatch.open(null, clients.rooms(), queue, null, Settlement.REQUEUED).add(0);
    run();
    tell(new Inspect(queue, answer()));

    assertThat(answers)
        .containsExactly("2", new QueueStatus(0, 0).toString(), new QueueStatus(1, 0).toString());
  }

  @Test
  void exclusiveConsumersAreAlone() {
    Consumer plain = subscriber().consumer(queue, 0, 0);
    Consumer exclusive = new Consumer(queue, subscriber(), false, true, 0, 0, false);

    assertThat(subscribe(plain)).isEqualTo(SubscribeReply.OK);
    assertThat(subscribe(exclusive)).isEqualTo(SubscribeReply.EXCLUSIVE_USE);
    tell(new Unsubscribe(plain, answer()));
    assertThat(subscribe(exclusive)).isEqualTo(SubscribeReply.OK);
    assertThat(subscribe(subscriber().consumer(queue, 0, 0)))
        .isEqualTo(SubscribeReply.EXCLUSIVE_USE);
  }

  @Test
  void singleActiveConsumerHandsOver() {
    QueueAddress single = queue(new QueueTraits(false, false, true));
    TestSubscriber first = subscriber();
    TestSubscriber second = subscriber();
    Consumer active = first.consumer(single, 1, 0);
    subscribe(active);
    subscribe(second.consumer(single, 0, 0));
    publish(single, 3);
    assertThat(second.deliveries).isEmpty();
    tell(new Unsubscribe(active, answer()));

    assertThat(first.positions()).containsExactly(0L);
    assertThat(second.positions()).as("what was ready goes to the next").containsExactly(1L, 2L);
    assertThat(subscribe(new Consumer(single, subscriber(), false, true, 0, 0, false)))
        .isEqualTo(SubscribeReply.EXCLUSIVE_USE);
  }

  @Test
  void whoStoppedLeavesOnceItsDeliveriesAreBack() {
    QueueAddress single = queue(new QueueTraits(false, false, true));
    TestSubscriber first = subscriber();
    TestSubscriber second = subscriber();
    Consumer active = first.consumer(single, 3, 0);
    publish(single, 5);
    subscribe(active);
    subscribe(second.consumer(single, 0, 0));
    tell(new Stop(active));
    settle(active, Settlement.REQUEUED, 1, 0);
    tell(new Unsubscribe(active, answer()));
    assertThat(answers).isEmpty();
    assertThat(second.deliveries).as("one is still on its way back").isEmpty();

    settle(active, Settlement.UNDELIVERED, 2);
    assertThat(answers).containsExactly("true");
    assertThat(second.positions()).containsExactly(0L, 1L, 2L, 3L, 4L);
  }

  @Test
  void whoWaitsToLeaveIsAnsweredWhenTheQueueEnds() {
    TestSubscriber subscriber = subscriber();
    Consumer consumer = subscriber.consumer(queue, 0, 0);
    subscribe(consumer);
    publish(queue, 1);
    tell(new Stop(consumer));
    tell(new Unsubscribe(consumer, answer()));
    assertThat(answers).isEmpty();

    tell(new Seal(queue, false, false, answer()));
    assertThat(answers).containsExactly("false", new SealReply.Sealed(0).toString());
  }

  @Test
  void theNextActiveConsumerIsOneOfTheHighestPriority() {
    QueueAddress single = queue(new QueueTraits(false, false, true));
    Consumer active = subscriber().consumer(single, 1, 0);
    TestSubscriber low = subscriber();
    TestSubscriber high = subscriber();
    TestSubscriber alsoHigh = subscriber();
    subscribe(active);
    subscribe(low.consumer(single, 1, 0));
    subscribe(high.consumer(single, 1, 5));
    subscribe(alsoHigh.consumer(single, 1, 5));
    tell(new Unsubscribe(active, answer()));
    publish(single, 2);

    assertThat(high.positions()).containsExactly(0L);
    assertThat(low.deliveries).isEmpty();
    assertThat(alsoHigh.deliveries).isEmpty();
  }

  @Test
  void whatComesBackTogetherIsGivenOutInOrder() {
    publish(queue, 4);
    Consumer a = subscriber().consumer(queue, 2, 0);
    Consumer b = subscriber().consumer(queue, 2, 0);
    subscribe(a);
    subscribe(b);
    tell(new Unsubscribe(a, answer()));
    tell(new Unsubscribe(b, answer()));
    TestSubscriber next = subscriber();
    subscribe(next.consumer(queue, 0, 0));
    // b's are first in the mail, a's first in the queue.
    SettleBatch later = SettleBatch.open(null, clients.rooms(), queue, b, Settlement.REQUEUED);
    later.add(2);
    later.add(3);
    settle(a, Settlement.REQUEUED, 0, 1);

    assertThat(next.positions()).startsWith(0L, 1L);
  }

  @Test
  void autoDeleteQueueGoesWithItsLastConsumer() {
    QueueAddress shortLived = queue(new QueueTraits(false, true, false));
    Consumer a = subscriber().consumer(shortLived, 0, 0);
    Consumer b = subscriber().consumer(shortLived, 0, 0);
    subscribe(a);
    subscribe(b);
    tell(new Unsubscribe(a, answer()));
    assertThat(gone).isEmpty();
    tell(new Unsubscribe(b, answer()));
    tell(new Unsubscribe(b, answer()));

    assertThat(gone).containsExactly(shortLived);
    assertThat(answers).containsExactly("true", "true", "false");
    assertThat(subscribe(a)).isEqualTo(SubscribeReply.GONE);
  }

  @Test
  void sealAsksItsConditionsFirst() {
    publish(queue, 2);
    TestSubscriber subscriber = subscriber();
    Consumer consumer = subscriber.consumer(queue, 1, 0);
    subscribe(consumer);

    tell(new Seal(queue, true, true, answer()));
    tell(new Seal(queue, false, true, answer()));
    tell(new Seal(queue, false, false, answer()));
    tell(new Seal(queue, false, false, answer()));
    assertThat(answers)
        .containsExactly(
            new SealReply.InUse().toString(),
            new SealReply.NotEmpty().toString(),
            new SealReply.Sealed(1).toString(),
            new SealReply.Gone().toString());
    assertThat(subscriber.events).hasSize(2).endsWith("cancelled");
  }

  @Test
  void sealedQueueAnswersEveryoneAndAcceptsWhatItDrops() {
    publish(queue, 2);
    TestSubscriber subscriber = subscriber();
    Consumer consumer = subscriber.consumer(queue, 0, 0);
    subscribe(consumer);
    tell(new Seal(queue, false, false, answer()));
    answers.clear();

    settle(consumer, Settlement.REQUEUED, 0, 1);
    subscriber.batches.getFirst().flushedToClient();
    tell(new Purge(queue, answer()));
    tell(new Inspect(queue, answer()));
    tell(new Unsubscribe(consumer, answer()));
    assertThat(answers).containsExactly("null", "null", "false");
    assertThat(get()).isEqualTo(new GetReply.Gone());
    List<Long> accepted = new ArrayList<>();
    tell(
        new Publish(
            queue,
            Messages.of(9),
            new Publisher() {
              @Override
              public RoomLoop loop() {
                return clients.rooms();
              }

              @Override
              public void accepted(AcceptedBatch batch) {
                accepted.add(batch.sequence(0));
              }
            },
            17));
    assertThat(accepted).containsExactly(17L);
    assertThat(subscriber.deliveries).hasSize(2);
  }
}
