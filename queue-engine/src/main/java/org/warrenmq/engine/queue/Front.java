package org.warrenmq.engine.queue;

import org.warrenmq.engine.message.Message;

/**
 * The message of a queue that a get takes.
 *
 * @param redelivered whether it was delivered before
 */
record Front(long position, Message message, boolean redelivered) {}
