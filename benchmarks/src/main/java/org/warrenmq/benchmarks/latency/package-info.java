/**
 * When clients are to do something, and how long the broker then took: for programs that measure.
 */
@NullMarked
package org.warrenmq.benchmarks.latency;

import org.jspecify.annotations.NullMarked;
