/** When memory or disk run short, and who is told. */
@NullMarked
package org.warrenmq.broker.alarms;

import org.jspecify.annotations.NullMarked;
