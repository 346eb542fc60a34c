/**
 * The store: bytes on disk, kept by one writer thread in RocksDB. Knows queues as logs of chunks
 * with a cursor each, and nothing of AMQP.
 */
@NullMarked
package org.warrenmq.store;

import org.jspecify.annotations.NullMarked;
