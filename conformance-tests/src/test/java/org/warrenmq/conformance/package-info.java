/**
 * What RabbitMQ's clients rely on, line by line, proved over the wire.
 *
 * <p>The same tests run against the broker of this project (started in this process) and, with
 * {@code -Dbroker.uri=amqp://user:password@host:port/vhost}, against any other broker.
 */
@NullMarked
package org.warrenmq.conformance;

import org.jspecify.annotations.NullMarked;
