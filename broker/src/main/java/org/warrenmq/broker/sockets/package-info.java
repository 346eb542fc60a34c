/** How event loops see their sockets. */
@NullMarked
package org.warrenmq.broker.sockets;

import org.jspecify.annotations.NullMarked;
