package org.warrenmq.engine.queue;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.loop.Mail;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.message.Message;

/**
 * One message for several queues that live on the publisher's own loop: a single piece of mail,
 * however many they are. Made by the publisher's connection, opened in the queues' room.
 */
public final class FanOut implements Mail {
  /** What a queue's acceptance takes, in bytes, about. */
  private static final int COST = 32;

  private final RoomLoop loop;
  private final int most;
  private final Message message;
  private final @Nullable Publisher publisher;
  private final long sequence;
  private QueueAddress[] queues;
  private int count;

  /**
   * @param most how many queues there may be
   * @param publisher told when a queue has accepted it, or null when nobody wants to know
   * @param sequence the publisher's number for it, or 0
   */
  public FanOut(
      RoomLoop loop, int most, Message message, @Nullable Publisher publisher, long sequence) {
    this.loop = loop;
    this.most = most;
    this.message = message;
    this.publisher = publisher;
    this.sequence = sequence;
    this.queues = new QueueAddress[most];
  }

  /** One of the queues; of the same loop. */
  public void add(QueueAddress queue) {
    queues[count++] = queue;
  }

  /** Sends it on its way, if there is a way. */
  public void send() {
    if (count > 0) {
      if (count < queues.length) {
        queues = Arrays.copyOf(queues, count);
      }
      loop.workLeft(count);
      loop.send(loop, this);
    }
  }

  /** What each of the queues accepts it for: the message is there once. */
  public long cost() {
    return COST + message.sizeInMemory() / most;
  }

  @Override
  public void open() {
    loop.workLeft(-count);
    for (int i = 0; i < count; i++) {
      queues[i].resident().publish(message, publisher, sequence, cost());
    }
  }
}
