/**
 * Exchange types, bindings and routing.
 *
 * <p>Threads: one writer, the topology room, calls everything that changes an {@link
 * org.warrenmq.router.ExchangeTable}; any number of event loops route through the same objects at
 * the same time without locks. Each class says which of the two sides may call it.
 */
@NullMarked
package org.warrenmq.router;

import org.jspecify.annotations.NullMarked;
