/** The endpoints of the HTTP API. */
@NullMarked
package org.warrenmq.admin.api;

import org.jspecify.annotations.NullMarked;
