/** Messages that wait for their time, in a room of their own for each exchange that delays. */
@NullMarked
package org.warrenmq.engine.delay;

import org.jspecify.annotations.NullMarked;
