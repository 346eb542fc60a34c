/**
 * Queues that do more than keep messages, loaded by AMQP clients: the programs behind the lines of
 * {@code benchmarks/check} about times, limits, priorities and dead letters.
 */
@NullMarked
package org.warrenmq.benchmarks.features;

import org.jspecify.annotations.NullMarked;
