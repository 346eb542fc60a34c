/** What can be set, and what the broker says of itself: read by every part, knows none of them. */
@NullMarked
package org.warrenmq.broker.config;

import org.jspecify.annotations.NullMarked;
