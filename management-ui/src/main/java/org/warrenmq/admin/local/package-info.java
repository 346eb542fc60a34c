/** The other end of the socket in the data folder: for the command line. */
@NullMarked
package org.warrenmq.admin.local;

import org.jspecify.annotations.NullMarked;
