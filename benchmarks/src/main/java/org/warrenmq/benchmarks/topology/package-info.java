/**
 * What changes of the topology cost a running broker, seen from AMQP clients: the programs behind
 * {@code benchmarks/topology}.
 */
@NullMarked
package org.warrenmq.benchmarks.topology;

import org.jspecify.annotations.NullMarked;
