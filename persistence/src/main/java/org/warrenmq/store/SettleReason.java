package org.warrenmq.store;

/**
 * Why messages left their queue. The store does the same whatever the reason: it is for those who
 * count what happens to messages.
 */
public enum SettleReason {
  /** The consumer acknowledged them. */
  ACKED,
  /** They were delivered to somebody who acknowledges nothing. */
  TAKEN,
  /** The consumer refused them for good. */
  REJECTED,
  /** Their time was over. */
  EXPIRED,
  /** The queue was fuller than it may be. */
  DROPPED,
  /** They came back oftener than their queue allows. */
  DELIVERY_LIMIT
}
