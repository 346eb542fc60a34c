/** Tools of the build itself: nothing here is part of a running broker. */
@NullMarked
package org.warrenmq.build;

import org.jspecify.annotations.NullMarked;
