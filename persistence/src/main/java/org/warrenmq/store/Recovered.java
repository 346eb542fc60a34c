package org.warrenmq.store;

import java.util.List;

/**
 * What a store held when it was opened: read once, on the caller's thread, in time that grows with
 * the number of definitions, queues and remembered keys, and not with that of messages.
 *
 * @param definitions ordered by key
 * @param queues one per queue that ever stored something, ordered by id
 * @param schedules one per owner that ever scheduled a message, ordered by id
 * @param windows one per owner that remembers keys, ordered by id; read whole
 */
public record Recovered(
    List<Definition> definitions,
    List<QueueState> queues,
    List<ScheduleState> schedules,
    List<WindowState> windows) {

  /** What a store held in which nothing was scheduled, or remembered. */
  public Recovered(List<Definition> definitions, List<QueueState> queues) {
    this(definitions, queues, List.of(), List.of());
  }

  /** A definition and its key. */
  public record Definition(DefinitionKey key, byte[] value) {}
}
