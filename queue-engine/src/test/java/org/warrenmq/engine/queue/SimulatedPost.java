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
  public int send(
      Message message,
      SettleReason reason,
      DeadLetterTarget target,
      @Nullable Publisher publisher,
      long sequence) {
    sent.add(message.routingKey());
    int queues = random.nextInt(3);
    for (int i = 0; i < queues && publisher != null; i++) {
      answers.add(new Answer(message.routingKey(), publisher, sequence, home, term));
    }
    return queues;
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
