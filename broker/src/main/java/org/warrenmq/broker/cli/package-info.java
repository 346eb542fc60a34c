/** rabbitmqctl and rabbitmq-diagnostics: their verbs, over the socket in the data folder. */
@NullMarked
package org.warrenmq.broker.cli;

import org.jspecify.annotations.NullMarked;
