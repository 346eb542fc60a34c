package org.warrenmq.store;

import java.util.List;

/**
 * What a store held when it was opened: read once, on the caller's thread, in time that grows with
 * the number of definitions and queues and not with that of messages.
 *
 * @param definitions ordered by key
 * @param queues one per queue that ever stored something, ordered by id
 * @param schedules one per owner that ever scheduled a message, ordered by id
 */
public record Recovered(
    List<Definition> definitions, List<QueueState> queues, List<ScheduleState> schedules) {

  /** What a store held in which nothing was scheduled. */
  public Recovered(List<Definition> definitions, List<QueueState> queues) {
    this(definitions, queues, List.of());
  }

  /** A definition and its key. */
  public record Definition(DefinitionKey key, byte[] value) {}
}
