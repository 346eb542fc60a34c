package org.warrenmq.engine.queue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.message.Message;
import org.warrenmq.store.SettleReason;

/**
 * Where the dead letters of a queue go in a simulation: to one or two queues or nowhere, which say
 * what they think of that some time later. On the test's thread.
 */
final class SimulatedPost implements DeadLetterRoute {
  private final SplittableRandom random;
  private LoopStore home;

  /** By their routing keys. */
  private final Set<String> sent = new HashSet<>();

  private final List<Answer> answers = new ArrayList<>();

  private int term;

  private record Answer(String key, Publisher publisher, long sequence, LoopStore home, int term) {}

  SimulatedPost(SplittableRandom random, LoopStore home) {
    this.random = random;
    this.home = home;
  }

  /** The queue lives somewhere else now. */
  void moved(LoopStore there) {
    home = there;
    term++;
    sent.clear();
  }

  @Override
  public Copies route(Message message, SettleReason reason, DeadLetterTarget target) {
    sent.add(message.routingKey());
    List<QueueAddress> queues = new ArrayList<>();
    for (int count = random.nextInt(3); count > 0; count--) {
      QueueAddress queue = new QueueAddress(100 + count, home);
      queue.moveIn(new Recipient());
      queues.add(queue);
    }
    return new Copies(message, queues);
  }

  /** One of the queues, where the sender lives. */
  private final class Recipient implements QueueAddress.Resident {
    private final LoopStore at = home;
    private final int since = term;

    @Override
    public void accept(QueueCommand command) {
      switch (command) {
        case QueueCommand.Publish(_, Message message, Publisher publisher, long sequence) ->
            publish(message, publisher, sequence, 0);
        default -> throw new AssertionError(command);
      }
    }

    @Override
    public void publish(Message message, @Nullable Publisher publisher, long sequence, long cost) {
      if (message.hasStoredBody()) {
        at.bodies().release(message.content().body());
      }
      if (publisher != null) {
        answers.add(new Answer(message.routingKey(), publisher, sequence, at, since));
      }
    }
  }

  /** Whether a message was sent since the queue is led by whom it is led by, and nobody waits. */
  boolean isDone(String key) {
    return sent.contains(key)
        && answers.stream().noneMatch(one -> one.term == term && one.key.equals(key));
  }

  boolean isIdle() {
    return answers.isEmpty();
  }

  /** Some of those who were sent letters answer; in the room of the queue that sent them. */
  void answer() {
    int count = random.nextInt(answers.size() + 1);
    List<Answer> now = List.copyOf(answers.subList(0, count));
    answers.subList(0, count).clear();
    for (Answer answer : now) {
      boolean refused = random.nextInt(5) == 0;
      answer
          .home
          .loop()
          .post(
              () -> {
                if (refused) {
                  answer.home.reject(answer.publisher, answer.sequence, 0);
                } else {
                  answer.home.accept(answer.publisher, answer.sequence, 0, false);
                }
              });
    }
  }
}
