package org.warrenmq.engine.queue;

import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.Body;
import org.warrenmq.codec.Content;
import org.warrenmq.engine.message.HeaderMarks;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.MessageTraits;
import org.warrenmq.engine.message.Messages;
import org.warrenmq.engine.queue.QueueSettings.Overflow;

/**
 * What a seed chooses for a {@link SuccessionSimulation}: queues, their settings, and the messages
 * that come. On the test's thread.
 */
final class SuccessionChoices {
  /** All that ever came is remembered. */
  private static final DuplicateRule EVER =
      new DuplicateRule("k", 1 << 20, DuplicateRule.FOR_EVER, true);

  private final SplittableRandom random;
  private final boolean withLargeBodies;

  /** How many groups messages belong to; 0 where they belong to none. */
  private final int groupCount;

  /** Messages have keys, by which the queues know duplicates. */
  private final boolean withKeys;

  private final boolean withPriorities;
  private final boolean retries;
  private long lastMessage;

  SuccessionChoices(SplittableRandom random) {
    this.random = random;
    this.withLargeBodies = random.nextInt(3) == 0;
    this.retries = random.nextInt(3) == 0;
    this.groupCount = random.nextInt(3) > 0 ? 0 : 1 << random.nextInt(8);
    this.withKeys = groupCount == 0 && random.nextInt(3) == 0;
    this.withPriorities = random.nextBoolean();
  }

  boolean withLargeBodies() {
    return withLargeBodies;
  }

  boolean withKeys() {
    return withKeys;
  }

  boolean largeBody() {
    return withLargeBodies && random.nextInt(8) == 0;
  }

  QueueTraits traits() {
    boolean singleActive = random.nextInt(4) == 0;
    int maxPriority = withPriorities && random.nextBoolean() ? random.nextInt(1, 10) : 0;
    QueueTraits plain =
        new QueueTraits(true, false, singleActive, maxPriority, 0, false, false, null, null);
    QueueTraits grouped = groupCount > 0 && random.nextBoolean() ? plain.withGroups("g") : plain;
    return withKeys ? grouped.withDuplicates(EVER) : grouped;
  }

  /** In a run in which messages wait that came back, they always do. */
  QueueSettings settings() {
    QueueSettings limits = limits();
    return retries
        ? limits.withRetry(
            new RetryDelay(
                oneOf(RetryDelay.Cause.values()),
                random.nextInt(20),
                random.nextInt(200),
                random.nextInt(3),
                random.nextInt(2) / 2.0))
        : limits;
  }

  private QueueSettings limits() {
    if (random.nextBoolean()) {
      return QueueSettings.NONE;
    }
    Overflow overflow = withKeys ? Overflow.DROP_HEAD : oneOf(Overflow.values());
    return QueueSettings.NONE
        .withMaxLength(oneOf(0L, 1L, 5L, 40L, QueueSettings.UNLIMITED), overflow)
        .withMessageTtl(oneOf(0L, 1L, 20L, 300L, QueueSettings.UNLIMITED))
        .withDeliveryLimit(random.nextInt(3) == 0 ? random.nextInt(3) : QueueSettings.UNLIMITED);
  }

  private byte[] properties(long number) {
    if (withKeys) {
      return Messages.grouped("k", (int) number, number);
    }
    return groupCount == 0 || random.nextInt(5) == 0
        ? new byte[] {0, (byte) number, (byte) (number >> 8)}
        : Messages.grouped("g", random.nextInt(groupCount), number);
  }

  /**
   * @param uploader who has brought its body; null for one that comes with it
   */
  Message message(@Nullable SuccessionChannel uploader, int size) {
    long number = ++lastMessage;
    byte[] properties = properties(number);
    Body body = uploader == null ? new Body.Inline(new byte[size]) : uploader.bodies().upload(true);
    long ttl = random.nextInt(8) > 0 ? MessageTraits.NO_TTL : random.nextInt(400);
    int priority = withPriorities ? random.nextInt(4) * random.nextInt(4) : 0;
    MessageTraits traits = new MessageTraits(true, HeaderMarks.NONE, ttl, priority);
    return new Message("x", "m" + number, new Content(properties, body), traits);
  }

  @SafeVarargs
  private <T> T oneOf(T... values) {
    return values[random.nextInt(values.length)];
  }
}
