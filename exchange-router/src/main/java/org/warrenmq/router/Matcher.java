package org.warrenmq.router;

import java.util.Collection;

/**
 * One exchange's index of bindings: {@link #add} and {@link #remove} are called by the topology
 * room alone, {@link #match} by any number of event loops at the same time, without locks.
 *
 * <p>The exchange table calls {@code add} once for each binding that is not yet there and {@code
 * remove} once for each one that is, so an index needs no check for duplicates. Two bindings may
 * still share key and destination and differ in their arguments. A {@code match} that runs while
 * the index changes may report the state before or after, but never misses a binding that is
 * untouched.
 */
public interface Matcher {
  void add(Binding binding);

  void remove(Binding binding);

  /**
   * Removes all bindings to a destination that goes. Called where they are a good part of those in
   * the index, so that going through it once may cost less than looking each of them up.
   *
   * @param bindings all there are to this destination
   */
  default void removeAll(Destination destination, Collection<Binding> bindings) {
    bindings.forEach(this::remove);
  }

  /**
   * Reports every destination that the key and the properties select; allocates nothing if it can.
   */
  void match(String routingKey, MessageProperties properties, Sink sink);

  /** Whether the result depends on bindings and routing key alone, which makes it cacheable. */
  boolean keyOnly();

  /**
   * Whether a message goes one way however many keys it has: those in CC and BCC are then not
   * asked.
   */
  default boolean firstKeyOnly() {
    return false;
  }

  /** Whether not even the routing key matters: one cached result then serves all keys. */
  default boolean keyless() {
    return false;
  }

  /**
   * Receives what a match finds, on the event loop that routes. The same destination may be
   * reported several times: the router keeps one.
   */
  @FunctionalInterface
  interface Sink {
    void accept(Destination destination);
  }
}
