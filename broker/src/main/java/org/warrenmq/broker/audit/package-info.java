/** The audit log: who came in and who did not, and who changed what. */
@NullMarked
package org.warrenmq.broker.audit;

import org.jspecify.annotations.NullMarked;
