/** What becomes of messages that no publisher sends: dead letters, and where they go. */
@NullMarked
package org.warrenmq.broker.routing;

import org.jspecify.annotations.NullMarked;
