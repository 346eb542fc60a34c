/** RabbitMQ's back end by HTTP: somebody else's server says who may log in, and do what. */
@NullMarked
package org.warrenmq.broker.auth.http;

import org.jspecify.annotations.NullMarked;
