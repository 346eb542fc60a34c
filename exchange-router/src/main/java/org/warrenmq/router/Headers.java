package org.warrenmq.router;

import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.FieldTable;

/**
 * A message's headers, decoded only when an exchange on its way asks; used by the routing event
 * loop for the length of one call.
 */
@FunctionalInterface
public interface Headers {
  /** A message without a headers table. */
  Headers NONE = () -> null;

  @Nullable FieldTable get();
}
