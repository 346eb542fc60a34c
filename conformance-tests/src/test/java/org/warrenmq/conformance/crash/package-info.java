/**
 * What a broker process owes its clients when it is killed, frozen, or let down by its disk: the
 * tests here keep books of every message and compare them with what the next start brings.
 */
@NullMarked
package org.warrenmq.conformance.crash;

import org.jspecify.annotations.NullMarked;
