/**
 * Whether anything that some clients have a broker do holds up the answers to others: the program
 * behind the lines {@code turns-…} of {@code benchmarks/check}.
 */
@NullMarked
package org.warrenmq.benchmarks.turns;

import org.jspecify.annotations.NullMarked;
