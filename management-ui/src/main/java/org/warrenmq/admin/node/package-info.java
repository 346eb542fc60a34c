/**
 * What the administration shows of a node and asks of it: ports that the broker implements, and
 * their values.
 */
@NullMarked
package org.warrenmq.admin.node;

import org.jspecify.annotations.NullMarked;
