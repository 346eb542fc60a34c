package org.warrenmq.broker.amqp;

import org.warrenmq.codec.Body;
import org.warrenmq.codec.LargeBodies;
import org.warrenmq.codec.PropertyView;
import org.warrenmq.engine.StoredBodies;

/**
 * Large bodies that one connection's client is sending: each goes to the message store piece by
 * piece as it comes. Runs on the connection's loop.
 */
final class Uploads implements LargeBodies {
  private final AmqpConnection connection;

  Uploads(AmqpConnection connection) {
    this.connection = connection;
  }

  @Override
  public Upload begin(byte[] properties, long size) {
    return new Incoming(size, new PropertyView(properties).persistent());
  }

  /** One body. It is held from its first piece on; whoever gets it takes that over. */
  private final class Incoming implements Upload {
    private final StoredBodies bodies = connection.loop().bodies();
    private final long id = bodies.newBody();
    private final long size;
    private final boolean persistent;
    private int pieces;

    Incoming(long size, boolean persistent) {
      this.size = size;
      this.persistent = persistent;
    }

    @Override
    public void piece(byte[] bytes) {
      bodies.put(id, pieces++, bytes, persistent);
      connection.noteStoreUse();
      if (connection.publishesWait()) {
        // What has not come yet would fill the disk, or the memory, further.
        connection.gate().uploadWaits(true);
      }
    }

    @Override
    public Body complete() {
      return new Body.Stored(id, size, persistent);
    }

    @Override
    public void abandon() {
      if (pieces > 0) {
        bodies.release(id);
      }
    }
  }
}
