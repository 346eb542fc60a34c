package org.warrenmq.engine.queue;

import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.message.Entry;

/**
 * What a queue is from its declaration to its end; what may change is in its {@link QueueSettings}.
 * Immutable.
 *
 * @param durable whether its persistent messages outlive the process
 * @param autoDelete whether it ends when its last consumer does
 * @param singleActiveConsumer whether one consumer at a time gets everything, the others waiting
 * @param maxPriority the highest priority that it knows, 0 to 255; higher ones count as this
 * @param usualPriority that of a message which names none
 * @param countsDeliveries whether consumers are told, in a header, how often a message came back
 * @param expiresAtFrontOnly whether a message that is due stays as long as others are before it
 * @param groupHeader the header whose value names a message's group: those of one group go to one
 *     consumer at a time; null where messages have none. Not for a queue with priorities
 * @param duplicates which messages it drops that came before; null when it does not look
 */
public record QueueTraits(
    boolean durable,
    boolean autoDelete,
    boolean singleActiveConsumer,
    int maxPriority,
    int usualPriority,
    boolean countsDeliveries,
    boolean expiresAtFrontOnly,
    @Nullable String groupHeader,
    @Nullable DuplicateRule duplicates) {
  /** A plain queue. */
  public static final QueueTraits PLAIN = new QueueTraits(false, false, false);

  /** One without priorities. */
  public QueueTraits(boolean durable, boolean autoDelete, boolean singleActiveConsumer) {
    this(durable, autoDelete, singleActiveConsumer, 0, 0, false, false, null, null);
  }

  /** The same, and what is due stays behind others. */
  public QueueTraits withExpiryAtFront() {
    return new QueueTraits(
        durable,
        autoDelete,
        singleActiveConsumer,
        maxPriority,
        usualPriority,
        countsDeliveries,
        true,
        groupHeader,
        duplicates);
  }

  /** The same, and messages with the same value of a header go to one consumer at a time. */
  public QueueTraits withGroups(String header) {
    return new QueueTraits(
        durable,
        autoDelete,
        singleActiveConsumer,
        0,
        0,
        countsDeliveries,
        expiresAtFrontOnly,
        header,
        duplicates);
  }

  /** The same, and what came before is dropped. */
  public QueueTraits withDuplicates(DuplicateRule rule) {
    return new QueueTraits(
        durable,
        autoDelete,
        singleActiveConsumer,
        maxPriority,
        usualPriority,
        countsDeliveries,
        expiresAtFrontOnly,
        groupHeader,
        rule);
  }

  /** True for a message that must outlive the process. */
  boolean keeps(Entry message) {
    return durable && message.persistent();
  }
}
