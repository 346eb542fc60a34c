package org.warrenmq.store;

import java.util.List;

/**
 * One step through a queue's log, handed to the reader's callback; immutable.
 *
 * @param messages unsettled ones, by position, without duplicates
 * @param resumeAt where the next read goes on
 * @param atEnd nothing was written beyond {@code resumeAt} when this was read
 */
public record MessageBatch(
    long queueId, List<StoredMessage> messages, long resumeAt, boolean atEnd) {}
