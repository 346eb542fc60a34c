/**
 * JMH benchmarks of single rooms: the codec and the router. They run with {@code java -jar
 * benchmarks/target/benchmarks.jar}; whole brokers are measured by the scripts beside this module's
 * POM.
 */
@NullMarked
package org.warrenmq.benchmarks;

import org.jspecify.annotations.NullMarked;
