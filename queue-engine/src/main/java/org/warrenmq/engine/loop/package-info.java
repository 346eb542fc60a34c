/** Rooms: the turns of a loop, the mail between rooms, time, and the account of what they hold. */
@NullMarked
package org.warrenmq.engine.loop;

import org.jspecify.annotations.NullMarked;
