/** AMQP connections: sockets, handshake, channels, and the way of a message through them. */
@NullMarked
package org.warrenmq.broker.amqp;

import org.jspecify.annotations.NullMarked;
