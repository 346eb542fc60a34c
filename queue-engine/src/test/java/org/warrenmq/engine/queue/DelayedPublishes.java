package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.warrenmq.engine.exchange.DelaysInSimulation;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.message.Message;

/**
 * What comes to the queues of a {@link SuccessionSimulation} by way of delays, which end and start
 * again at other moments than they. On the test's thread.
 */
final class DelayedPublishes implements DelaysInSimulation.Outlet {
  private static final int MAX_DELAYED = 200;

  private final SplittableRandom random;
  private final List<ReplicatedQueue> queues;
  private final SimulatedDisk disk;
  private final DelaysInSimulation delays;

  /** Where each message was sent, by its routing key. */
  private final Map<String, List<ReplicatedQueue>> sent = new HashMap<>();

  /** Queues have left, and some answer may have gone with them: then nobody gives it any more. */
  private boolean mayBeUnanswered;

  /**
   * @param disk what is safe of the queues
   */
  DelayedPublishes(SplittableRandom random, List<ReplicatedQueue> queues, SimulatedDisk disk) {
    this.random = random;
    this.queues = queues;
    this.disk = disk;
    this.delays = new DelaysInSimulation(random.split(), this);
  }

  boolean hasRoom() {
    return delays.count() < MAX_DELAYED;
  }

  boolean isEmpty() {
    return delays.count() == 0;
  }

  void publish(Message message) {
    delays.publish(
        message, random.nextInt(8) == 0 ? random.nextInt(30_000) : random.nextInt(-5, 200));
  }

  void cancelSome() {
    delays.cancelSome();
  }

  /** To queues as the seed has it, where they are led now, or were last. */
  @Override
  public int forward(RoomLoop from, Message message, Publisher publisher, long sequence) {
    List<ReplicatedQueue> targets = new ArrayList<>(queues);
    while (targets.size() > 1 && random.nextInt(3) > 0) {
      targets.remove(random.nextInt(targets.size()));
    }
    sent.put(message.routingKey(), targets);
    for (ReplicatedQueue target : targets) {
      mayBeUnanswered |= target.hasLeft();
      QueueAddress queue = target.address();
      from.send(queue.loop(), new QueueCommand.Publish(queue, message, publisher, sequence));
    }
    return targets.size();
  }

  @Override
  public void verifyTaken(Message message) {
    for (ReplicatedQueue queue : sent.remove(message.routingKey())) {
      if (queue.confirmed(message)) {
        assertThat(queue.isSafe(message, disk))
            .as("%s is safe in queue %s", message.routingKey(), queue.id())
            .isTrue();
      }
    }
  }

  void queuesLeft() {
    mayBeUnanswered = true;
  }

  void restart() {
    mayBeUnanswered = false;
    sent.clear();
    delays.restart();
  }

  void pass(int millis) {
    delays.pass(millis);
  }

  void work() {
    delays.work();
  }

  boolean isIdle() {
    return delays.isIdle();
  }

  /** All is at rest; returns false if it cannot stay so, as what was sent has to be sent again. */
  boolean verifyRest() {
    if (delays.hasUnderWay()) {
      assertThat(mayBeUnanswered).as("delays wait for queues, and none has left").isTrue();
      restart();
      return false;
    }
    delays.verifyRest();
    return true;
  }
}
