package org.warrenmq.engine.queue;

import org.jspecify.annotations.Nullable;

/**
 * Where the dead letters of a queue go. Immutable.
 *
 * @param exchange to which they are published; the empty name for the default exchange
 * @param routingKey with which they are; null for that which each of them has
 * @param insistent whether a letter that no queue takes stays until one does
 */
public record DeadLetterTarget(String exchange, @Nullable String routingKey, boolean insistent) {}
