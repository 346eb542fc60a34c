/** Messages, in memory and as the store keeps them. */
@NullMarked
package org.warrenmq.engine.message;

import org.jspecify.annotations.NullMarked;
