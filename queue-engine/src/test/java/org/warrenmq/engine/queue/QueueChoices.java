package org.warrenmq.engine.queue;

import java.util.SplittableRandom;
import org.warrenmq.codec.Content;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.codec.PropertyEdit;
import org.warrenmq.engine.message.HeaderMarks;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.MessageTraits;
import org.warrenmq.engine.message.Messages;

/**
 * What a seed chooses for a {@link QueueSimulation}: the queue, its settings, and the messages that
 * come. On the test's thread.
 */
final class QueueChoices {
  private final SplittableRandom random;
  private final QueueTraits traits;

  /** How many groups there are, if any. */
  private final int groupCount;

  private long published;

  QueueChoices(SplittableRandom random) {
    this.random = random;
    int maxPriority = random.nextBoolean() ? 0 : oneOf(1, 3, 10, 31, 255);
    int usual = random.nextInt(3) > 0 ? 0 : random.nextInt(maxPriority + 1);
    QueueTraits plain =
        new QueueTraits(
            false, false, random.nextInt(4) == 0, maxPriority, usual, false, false, null, null);
    this.traits = random.nextInt(3) > 0 ? plain : plain.withGroups("group");
    this.groupCount = oneOf(1, 2, 5, 20, 200);
  }

  QueueTraits traits() {
    return traits;
  }

  boolean hasGroups() {
    return traits.groupHeader() != null;
  }

  QueueSettings settings() {
    return random.nextBoolean()
        ? QueueSettings.NONE
        : new QueueSettings(
            oneOf(0L, 1L, 5L, 40L, QueueSettings.UNLIMITED, QueueSettings.UNLIMITED),
            oneOf(0L, 500L, 5000L, QueueSettings.UNLIMITED, QueueSettings.UNLIMITED),
            oneOf(QueueSettings.Overflow.values()),
            oneOf(0L, 1L, 20L, 300L, QueueSettings.UNLIMITED, QueueSettings.UNLIMITED),
            QueueSettings.UNLIMITED,
            random.nextBoolean() ? null : new DeadLetterTarget("x", null, false),
            oneOf(0L, 1L, 3L, QueueSettings.UNLIMITED, QueueSettings.UNLIMITED),
            random.nextBoolean() ? null : retry());
  }

  private RetryDelay retry() {
    return new RetryDelay(
        oneOf(RetryDelay.Cause.values()),
        oneOf(0L, 1L, 10L, 50L),
        oneOf(0L, 30L, 1000L),
        oneOf(RetryDelay.LINEAR, 1.0, 1.5, 4.0),
        oneOf(0.0, 0.0, 0.5, 1.0));
  }

  Message message(int size) {
    Message plain = Messages.lasting("m" + published++, size);
    long ttl = random.nextInt(3) > 0 ? MessageTraits.NO_TTL : oneOf(0L, 1L, 10L, 100L, 1000L);
    MessageTraits properties =
        new MessageTraits(
            true,
            HeaderMarks.NONE,
            ttl,
            random.nextInt(4) == 0
                ? MessageTraits.NO_PRIORITY
                : random.nextInt(3) * random.nextInt(4));
    Content content = plain.content();
    if (hasGroups() && random.nextInt(5) > 0) {
      FieldTable headers = FieldTable.of("group", FieldValue.of(random.nextInt(groupCount)));
      content =
          new Content(PropertyEdit.withHeaders(content.properties(), headers), content.body());
    }
    return new Message(plain.exchange(), plain.routingKey(), content, properties);
  }

  @SafeVarargs
  final <T> T oneOf(T... values) {
    return values[random.nextInt(values.length)];
  }
}
