package org.warrenmq.engine.queue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.message.Message;
import org.warrenmq.store.SettleReason;

/**
 * Where the dead letters of a {@link QueueLife} go: to one or two queues, or nowhere, and that is
 * answered some time. On the test's thread.
 */
final class LetterBox implements DeadLetterRoute, QueueAddress.Resident {
  private final SplittableRandom random;
  private final LoopStore home;
  private final List<Runnable> answers = new ArrayList<>();
  private final List<QueueAddress> queues = new ArrayList<>();
  private List<String> sent = new ArrayList<>();

  LetterBox(SplittableRandom random, LoopStore home) {
    this.random = random;
    this.home = home;
    for (int i = 0; i < 2; i++) {
      QueueAddress queue = new QueueAddress(100 + i, home);
      queue.moveIn(this);
      queues.add(queue);
    }
  }

  @Override
  public Copies route(Message message, SettleReason reason, DeadLetterTarget target) {
    sent.add(reason + " " + message.routingKey());
    int count = (int) (Long.parseLong(message.routingKey().substring(1)) % 3);
    return new Copies(message, queues.subList(0, count));
  }

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
    if (publisher != null) {
      boolean refused = random.nextInt(5) == 0;
      answers.add(
          () -> {
            if (refused) {
              home.reject(publisher, sequence, 0);
            } else {
              home.accept(publisher, sequence, 0, false);
            }
          });
    }
  }

  /** What was sent since the last call: reason and message. */
  List<String> takeSent() {
    List<String> now = sent;
    sent = new ArrayList<>();
    return now;
  }

  int unanswered() {
    return answers.size();
  }

  /** So many queues say what they think of what they got. */
  void answer(int count) {
    List<Runnable> now = List.copyOf(answers.subList(0, count));
    answers.subList(0, count).clear();
    now.forEach(Runnable::run);
  }
}
