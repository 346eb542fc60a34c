package org.warrenmq.engine.message;

import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.PropertyView;

/**
 * What the properties of a message mean to the queues it comes to: read once, when it is published.
 * Immutable, and shared by many messages.
 *
 * @param persistent delivery-mode 2
 * @param marks what its headers do not say themselves
 * @param ttl milliseconds that it may be ready in a queue, 0 for not at all unless somebody waits
 *     for it; {@link #NO_TTL} for any time
 * @param priority 0 to 255; {@link #NO_PRIORITY} if it names none
 */
public record MessageTraits(boolean persistent, HeaderMarks marks, long ttl, int priority) {
  public static final long NO_TTL = Long.MAX_VALUE;
  public static final int NO_PRIORITY = -1;

  /** Of most messages. */
  public static final MessageTraits TRANSIENT =
      new MessageTraits(false, HeaderMarks.NONE, NO_TTL, NO_PRIORITY);

  /** Of most others. */
  public static final MessageTraits PERSISTENT =
      new MessageTraits(true, HeaderMarks.NONE, NO_TTL, NO_PRIORITY);

  /** Those without a time to live and a priority. */
  public static MessageTraits of(boolean persistent, HeaderMarks marks) {
    if (marks.equals(HeaderMarks.NONE)) {
      return persistent ? PERSISTENT : TRANSIENT;
    }
    return new MessageTraits(persistent, marks, NO_TTL, NO_PRIORITY);
  }

  /**
   * Those of a message that is published.
   *
   * @param properties whose expiration, if any, is a decimal number without a minus
   */
  public static MessageTraits of(PropertyView properties, HeaderMarks marks) {
    String expiration = properties.expiration();
    int priority = properties.priority();
    return expiration == null && priority == NO_PRIORITY
        ? of(properties.persistent(), marks)
        : new MessageTraits(properties.persistent(), marks, ttl(expiration), priority);
  }

  private static long ttl(@Nullable String expiration) {
    if (expiration == null) {
      return NO_TTL;
    }
    try {
      return Long.parseLong(expiration);
    } catch (NumberFormatException e) {
      // More milliseconds than there will ever be.
      return NO_TTL;
    }
  }

  /** Whether it has to leave a queue some time though nobody takes it. */
  public boolean expires() {
    return ttl != NO_TTL;
  }
}
