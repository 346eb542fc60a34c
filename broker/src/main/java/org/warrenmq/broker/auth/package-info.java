/** Who may log in, how they prove it, and what they may do then. */
@NullMarked
package org.warrenmq.broker.auth;

import org.jspecify.annotations.NullMarked;
