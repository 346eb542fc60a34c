package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.warrenmq.engine.home.AcceptedBatch;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.Messages;

/** A channel that publishes and keeps its confirms; on the test's thread. */
final class SimulatedPublisher implements Publisher {
  /** A batch as it was handed over: from then on it must not change. */
  private record Handed(AcceptedBatch batch, int count, long cost) {}

  private final String name;
  private final HandLoop home;
  private final Set<Long> awaiting = new HashSet<>();
  private final List<Handed> handed = new ArrayList<>();
  private long charged;
  private long number;

  SimulatedPublisher(String name, HandLoop home) {
    this.name = name;
    this.home = home;
  }

  @Override
  public RoomLoop loop() {
    return home.rooms();
  }

  void publish(QueueLedger target, SplittableRandom random) {
    number++;
    int size = random.nextInt(20) == 0 ? random.nextInt(30_000, 140_000) : random.nextInt(100);
    Message message = Messages.of(name + "/" + number, size);
    target.published(message, new QueueLedger.Sent(name, number));
    boolean told = random.nextInt(10) > 0;
    long sequence = told && random.nextInt(5) > 0 ? number : 0;
    if (sequence != 0) {
      awaiting.add(sequence);
    }
    if (told) {
      charged += QueueCommand.Publish.cost(message);
    }
    loop()
        .send(
            target.queue().loop(),
            new QueueCommand.Publish(target.queue(), message, told ? this : null, sequence));
  }

  @Override
  public void accepted(AcceptedBatch batch) {
    handed.add(new Handed(batch, batch.count(), batch.cost()));
    charged -= batch.cost();
    assertThat(charged).as("charge of %s", name).isNotNegative();
    for (int i = 0; i < batch.count(); i++) {
      assertThat(awaiting.remove(batch.sequence(i)))
          .as("%s accepts %s once", name, batch.sequence(i))
          .isTrue();
    }
  }

  void verifyEnd() {
    assertThat(awaiting).as("never accepted for %s", name).isEmpty();
    assertThat(charged).as("charge of %s", name).isZero();
    for (Handed hand : handed) {
      assertThat(hand.batch.count()).isEqualTo(hand.count);
      assertThat(hand.batch.cost()).isEqualTo(hand.cost);
    }
  }
}
