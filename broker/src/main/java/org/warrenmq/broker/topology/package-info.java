/**
 * The control room: virtual hosts, exchanges, bindings, queues, and the one path that changes them.
 */
@NullMarked
package org.warrenmq.broker.topology;

import org.jspecify.annotations.NullMarked;
