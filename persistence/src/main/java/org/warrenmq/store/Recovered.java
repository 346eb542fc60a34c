package org.warrenmq.store;

import java.util.List;

/**
 * What a store held when it was opened: read once, on the caller's thread, in time that grows with
 * the number of definitions and queues and not with that of messages.
 *
 * @param definitions ordered by key
 * @param queues one per queue that ever stored something, ordered by id
 */
public record Recovered(List<Definition> definitions, List<QueueState> queues) {

  /** A definition and its key. */
  public record Definition(DefinitionKey key, byte[] value) {}
}
