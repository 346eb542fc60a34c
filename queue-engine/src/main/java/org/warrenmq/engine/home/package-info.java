/**
 * A loop's dealings with the message store, for the queues that live there: what is written, what
 * stays in memory, and what publishers hear.
 */
@NullMarked
package org.warrenmq.engine.home;

import org.jspecify.annotations.NullMarked;
