/** Who may log in, and how they prove it. */
@NullMarked
package org.warrenmq.broker.auth;

import org.jspecify.annotations.NullMarked;
