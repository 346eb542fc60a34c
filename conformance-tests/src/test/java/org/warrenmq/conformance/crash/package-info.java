/**
 * What a broker process owes its clients when it is killed, frozen, let down by its disk, or fails
 * by itself: the tests here keep books of every message and compare them with what the next start
 * brings.
 */
@NullMarked
package org.warrenmq.conformance.crash;

import org.jspecify.annotations.NullMarked;
