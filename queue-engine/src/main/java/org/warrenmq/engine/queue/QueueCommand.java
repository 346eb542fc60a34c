package org.warrenmq.engine.queue;

import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.loop.Mail;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.message.Message;

/**
 * What can be asked of a queue; opened in its room, where {@link QueueAddress.Resident} acts on it.
 */
public sealed interface QueueCommand extends Mail
    permits SettleBatch, QueueCommand.Control, QueueCommand.Publish, QueueCommand.FlushedToClient {
  QueueAddress queue();

  @Override
  default void open() {
    queue().resident().accept(this);
  }

  /**
   * Append a message.
   *
   * @param publisher who is told when it is accepted; null when nobody needs to know
   * @param sequence the publisher's number for it, 0 when it wants no confirm
   */
  record Publish(QueueAddress queue, Message message, @Nullable Publisher publisher, long sequence)
      implements QueueCommand {
    /**
     * What a message under way is charged with: its bytes in memory and a flat sum for bookkeeping.
     */
    public static long cost(Message message) {
      return message.sizeInMemory() + 128;
    }
  }

  /** One of a consumer's delivery batches was written out. */
  record FlushedToClient(Consumer consumer) implements QueueCommand {
    @Override
    public QueueAddress queue() {
      return consumer.queue();
    }
  }

  /** The rare ones: each has an answer, or ends something. */
  sealed interface Control extends QueueCommand {}

  /** Start a consumer. */
  record Subscribe(Consumer consumer, ReplyTo<SubscribeReply> reply) implements Control {
    @Override
    public QueueAddress queue() {
      return consumer.queue();
    }
  }

  /** Put a consumer under its channel's shared limit, or take it out. */
  record Limit(Consumer consumer, boolean limited) implements Control {
    @Override
    public QueueAddress queue() {
      return consumer.queue();
    }
  }

  /** Let a limited consumer take some more messages; what it cannot use comes back. */
  record Grant(Consumer consumer, int count) implements Control {
    @Override
    public QueueAddress queue() {
      return consumer.queue();
    }
  }

  /** Other settings hold from now on. */
  record Configure(QueueAddress queue, QueueSettings settings) implements Control {}

  /** How a subscription went. */
  enum SubscribeReply {
    OK,
    /** Another consumer is exclusive, or this one wants to be and is not alone. */
    EXCLUSIVE_USE,
    /** The queue is gone. */
    GONE
  }

  /**
   * The consumer's channel ends: it takes no more, and keeps its place until {@link Unsubscribe}.
   */
  record Stop(Consumer consumer) implements Control {
    @Override
    public QueueAddress queue() {
      return consumer.queue();
    }
  }

  /**
   * End a consumer; what it has not settled stays with its channel. One that was stopped leaves,
   * and is answered, once everything that was delivered to it is back: who comes after it finds the
   * queue in order.
   */
  record Unsubscribe(Consumer consumer, ReplyTo<Boolean> reply) implements Control {
    @Override
    public QueueAddress queue() {
      return consumer.queue();
    }
  }

  /** The node stops: the last thing a queue hears. */
  record Halt(QueueAddress queue) implements Control {}

  /** The end of a durable queue that was sealed is on disk. */
  record EndOnDisk(QueueAddress queue) implements Control {}

  /**
   * Leave this node without an end: from now on somebody else acts on what comes.
   *
   * @param next who also gets what waits for an answer
   */
  record Abdicate(QueueAddress queue, QueueAddress.Resident next) implements Control {}

  /** Take the front message, if there is one. */
  record Get(QueueAddress queue, boolean noAck, ReplyTo<GetReply> reply) implements Control {}

  /** The answer to {@link Get}. */
  sealed interface GetReply {
    /**
     * @param remaining ready messages left after this one
     */
    record Got(Message message, long position, boolean redelivered, long remaining)
        implements GetReply {}

    record Empty() implements GetReply {}

    record Gone() implements GetReply {}
  }

  /** Drop all ready messages; answers how many, or null when the queue is gone. */
  record Purge(QueueAddress queue, ReplyTo<@Nullable Long> reply) implements Control {}

  /** Ask for the counts; answers null when the queue is gone. */
  record Inspect(QueueAddress queue, ReplyTo<@Nullable QueueStatus> reply) implements Control {}

  /**
   * @param ready messages ready for delivery
   * @param consumers consumers subscribed
   */
  record QueueStatus(long ready, int consumers) {}

  /**
   * Ask what the queue holds; answers null when the queue is gone. This is no use of the queue:
   * whoever only looks keeps none alive.
   */
  record Count(QueueAddress queue, ReplyTo<@Nullable QueueLoad> reply) implements Control {}

  /**
   * The answer to {@link Count}.
   *
   * @param ready messages ready for delivery
   * @param unsettled messages delivered and not settled, or that wait to be delivered once more
   * @param consumers consumers subscribed
   */
  record QueueLoad(long ready, long unsettled, int consumers) {}

  /**
   * Ask how old messages are; answers null when the queue is gone. This is no use of the queue, and
   * keeps nothing of it in memory that was not there.
   *
   * @param sojourns whether to tell how long messages were here that left: that is kept from the
   *     first question on, until there was none for {@link QueueGauge#LEASE}
   */
  record Measure(QueueAddress queue, boolean sojourns, ReplyTo<@Nullable QueueAges> reply)
      implements Control {}

  /**
   * The answer to {@link Measure}. No message counts as younger than it is, or as older by more
   * than a tenth of a second and the length of a turn; but for a clock that was set back.
   *
   * @param oldestReady how long ago the oldest ready message came, in milliseconds; {@link
   *     #NONE_READY} for none
   * @param sojourns null unless asked for
   */
  record QueueAges(long oldestReady, @Nullable Sojourns sojourns) {
    public static final long NONE_READY = -1;
  }

  /**
   * How long messages were in the queue, of those that left lately, for whatever reason but a
   * purge: in milliseconds, to two digits. All are 0 when there are none.
   *
   * @param count how many
   */
  record Sojourns(long count, long median, long p95, long p99, long max) {}

  /**
   * End the queue's life, if it may go. From the moment it agrees it is gone for newcomers: its
   * consumers are cancelled, its messages dropped, and messages still under way to it are dropped
   * and accepted.
   */
  record Seal(QueueAddress queue, boolean ifUnused, boolean ifEmpty, ReplyTo<SealReply> reply)
      implements Control {}

  /** The answer to {@link Seal}. */
  sealed interface SealReply {
    /**
     * @param ready messages that were ready
     */
    record Sealed(long ready) implements SealReply {}

    record InUse() implements SealReply {}

    record NotEmpty() implements SealReply {}

    /** It was sealed before. */
    record Gone() implements SealReply {}
  }
}
