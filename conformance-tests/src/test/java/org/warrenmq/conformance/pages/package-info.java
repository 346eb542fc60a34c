/** The examples on the pages below {@code docs}: each runs, and prints what its page says. */
@NullMarked
package org.warrenmq.conformance.pages;

import org.jspecify.annotations.NullMarked;
