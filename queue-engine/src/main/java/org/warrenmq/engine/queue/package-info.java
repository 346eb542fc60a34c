/**
 * Queues: the address, the dispatcher that decides, the log that holds, the ledger that takes down,
 * and the features that hang on them.
 */
@NullMarked
package org.warrenmq.engine.queue;

import org.jspecify.annotations.NullMarked;
