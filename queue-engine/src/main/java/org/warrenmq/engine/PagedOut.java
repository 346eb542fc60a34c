package org.warrenmq.engine;

/** A message of which only this is in memory. */
record PagedOut(long size, boolean persistent) implements Entry {}
