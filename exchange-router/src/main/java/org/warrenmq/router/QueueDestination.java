package org.warrenmq.router;

/**
 * The router's view of a queue, implemented by the broker's queue handle; may be read by any
 * thread.
 *
 * <p>Implementations keep the identity based {@code equals} and {@code hashCode} of {@link Object}:
 * two handles of the same name are two queues.
 */
public non-sealed interface QueueDestination extends Destination {
  /** The queue type it was declared as. */
  default String type() {
    return "classic";
  }
}
