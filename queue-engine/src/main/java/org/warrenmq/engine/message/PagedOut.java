package org.warrenmq.engine.message;

/** A message of which only this is in memory. */
public record PagedOut(long size, boolean persistent) implements Entry {}
