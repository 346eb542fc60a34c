/**
 * What a broker keeps on its disk, filled, checked and timed by AMQP clients: the programs behind
 * {@code benchmarks/durable} and the durable lines of {@code benchmarks/check}.
 */
@NullMarked
package org.warrenmq.benchmarks.durable;

import org.jspecify.annotations.NullMarked;
