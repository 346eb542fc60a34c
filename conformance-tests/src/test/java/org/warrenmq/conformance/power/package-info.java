/**
 * Power cuts. A broker works on a file system on a disk whose every write and flush is logged; the
 * disk is built again as a cut at some moment would have left it, and a broker that is started on
 * it is asked for all that had been answered before. In the profile {@code power} only.
 */
@NullMarked
package org.warrenmq.conformance.power;

import org.jspecify.annotations.NullMarked;
