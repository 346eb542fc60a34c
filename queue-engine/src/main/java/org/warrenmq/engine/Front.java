package org.warrenmq.engine;

/**
 * The message of a queue that leaves next.
 *
 * @param redelivered whether it was delivered before
 */
record Front(long position, Message message, boolean redelivered) {}
