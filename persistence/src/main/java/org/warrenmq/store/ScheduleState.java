package org.warrenmq.store;

/**
 * What recovery knows of an owner's scheduled messages without reading them; immutable.
 *
 * @param count persistent ones it has, exactly
 * @param lastId the largest id any of them ever had; the next ones get larger ones
 */
public record ScheduleState(long queueId, long count, long lastId) {}
