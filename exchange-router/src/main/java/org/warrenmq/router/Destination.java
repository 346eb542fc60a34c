package org.warrenmq.router;

/**
 * Where a binding leads: a queue or another exchange; may be read by any thread.
 *
 * <p>Destinations are compared by identity, so that one deleted and declared again under the same
 * name is another destination.
 */
public sealed interface Destination permits Exchange, QueueDestination {
  String name();
}
