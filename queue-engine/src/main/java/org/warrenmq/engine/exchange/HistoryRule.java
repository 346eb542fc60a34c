package org.warrenmq.engine.exchange;

/**
 * What an exchange remembers of the messages that came last. Immutable.
 *
 * @param length how many
 * @param bytes how many octets they may take together, about; the last one stays whatever it takes
 */
public record HistoryRule(int length, long bytes) {}
