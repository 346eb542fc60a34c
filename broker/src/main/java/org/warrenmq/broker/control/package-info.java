/** How a command line on the same machine talks to a running broker. */
@NullMarked
package org.warrenmq.broker.control;

import org.jspecify.annotations.NullMarked;
