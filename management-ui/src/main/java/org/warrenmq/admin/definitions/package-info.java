/** Documents of definitions, as RabbitMQ exports and imports them. */
@NullMarked
package org.warrenmq.admin.definitions;

import org.jspecify.annotations.NullMarked;
