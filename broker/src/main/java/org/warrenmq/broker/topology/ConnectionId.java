package org.warrenmq.broker.topology;

/**
 * Who asks for a change, and to whom an exclusive queue belongs: a connection of this node.
 *
 * @param loop the event loop it lives on, counted from 0; where its queues live, too
 * @param number never given to another connection of that loop; from 1
 */
public record ConnectionId(int loop, long number) {
  /** No connection: an operator. */
  public static final ConnectionId NONE = new ConnectionId(0, 0);
}
