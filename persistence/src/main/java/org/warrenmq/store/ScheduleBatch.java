package org.warrenmq.store;

import java.util.List;

/**
 * One step through an owner's scheduled messages, handed to the reader's callback; immutable.
 *
 * @param messages by due time and id: all there are from where the read began to the last of these
 * @param atEnd there was nothing behind them when this was read
 */
public record ScheduleBatch(long queueId, List<ScheduledMessage> messages, boolean atEnd) {}
