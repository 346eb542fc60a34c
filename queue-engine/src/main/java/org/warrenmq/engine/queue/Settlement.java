package org.warrenmq.engine.queue;

/** Why a delivered or ready message leaves its queue, or comes back to it. */
public enum Settlement {
  /** The consumer is done with it. */
  ACKED,
  /** The consumer refused it for good. */
  REJECTED,
  /** The consumer gave it back: ready again at its old position, redelivered. */
  REQUEUED,
  /** It never reached the client (the channel closed first): ready again, as if never delivered. */
  UNDELIVERED;

  boolean givesBack() {
    return this == REQUEUED || this == UNDELIVERED;
  }
}
