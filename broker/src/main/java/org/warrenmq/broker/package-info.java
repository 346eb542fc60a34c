/** The broker as a whole: its configuration, assembly, start and stop. */
@NullMarked
package org.warrenmq.broker;

import org.jspecify.annotations.NullMarked;
