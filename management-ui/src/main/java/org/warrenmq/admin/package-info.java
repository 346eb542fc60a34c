/** The HTTP API: who administers a node talks to it. */
@NullMarked
package org.warrenmq.admin;

import org.jspecify.annotations.NullMarked;
