/**
 * Queues and the rooms they live in: turns, mail, the dispatcher that decides and the log that
 * records.
 */
@NullMarked
package org.warrenmq.engine;

import org.jspecify.annotations.NullMarked;
