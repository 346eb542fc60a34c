/** Exchanges with state: each keeps it in a room of its own, at an address as a queue has. */
@NullMarked
package org.warrenmq.engine.exchange;

import org.jspecify.annotations.NullMarked;
