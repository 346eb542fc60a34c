package org.warrenmq.broker.amqp;

import org.warrenmq.admin.node.Facts;
import org.warrenmq.broker.auth.Peer;
import org.warrenmq.broker.topology.VirtualHost;
import org.warrenmq.codec.AmqpError;

/** An open connection, as those see it who look after all of a loop. On that loop. */
interface OpenConnection {
  /** Whether its client works there. */
  boolean isIn(VirtualHost vhost);

  /** Whether its client is that user. */
  boolean isOf(String user);

  /** What it holds, and whether it is read. */
  ReadGate gate();

  /** Whether its socket takes more. */
  boolean isWritable();

  /** The broker stops, or an operator closes the connection. */
  void force(String reason);

  /** Closes the connection for an error. */
  void fail(AmqpError error);

  /** Closes the socket without a word. */
  void drop();

  /** The alarm has ended: publishes that waited go on. */
  void unblock();

  /** Forgets what is remembered for speed only: names, routes, properties. */
  void forgetRemembered();

  /**
   * Memory is short: gives up what is remembered for speed, and what waits for a client that does
   * not read goes back to its queues.
   */
  void giveUp();

  Peer peer();

  /** What the administration shows of it. */
  Facts.Connection facts();
}
