/**
 * AMQP 0-9-1 on the wire: bytes to and from frames, methods, field tables and message content.
 *
 * <p>Nothing here knows a broker, a socket or a thread pool. Decoders belong to the event loop of
 * their connection; everything they produce is immutable and may be shared freely.
 */
@NullMarked
package org.warrenmq.codec;

import org.jspecify.annotations.NullMarked;
