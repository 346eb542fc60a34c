package org.warrenmq.engine.queue;

/** Why a delivered or ready message leaves its queue, or comes back to it. */
public enum Settlement {
  /** The consumer is done with it. */
  ACKED,
  /** The consumer refused it for good. */
  REJECTED,
  /** The consumer failed, or is gone: ready again at its old position, redelivered. */
  REQUEUED,
  /** The consumer gave it back without having failed: as before, but for {@link RetryDelay}. */
  RETURNED,
  /** It never reached the client (the channel closed first): ready again, as if never delivered. */
  UNDELIVERED;

  /** Whether it comes back, and that counts as a delivery that failed. */
  boolean isCounted() {
    return this == REQUEUED || this == RETURNED;
  }

  boolean givesBack() {
    return isCounted() || this == UNDELIVERED;
  }
}
