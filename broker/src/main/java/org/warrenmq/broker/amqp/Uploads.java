package org.warrenmq.broker.amqp;

import org.warrenmq.codec.Body;
import org.warrenmq.codec.LargeBodies;
import org.warrenmq.codec.PropertyView;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.home.StoredBodies;

/**
 * Bodies that one connection's client is sending and that are not whole yet: a large one goes to
 * the message store piece by piece as it comes. Runs on the connection's loop.
 *
 * <p>During an alarm what has not come would fill the memory, or the disk, further: then reading
 * stops when much of them is here.
 */
final class Uploads implements LargeBodies {
  /** What may be here of unfinished bodies during an alarm, in bytes: as much as may be parked. */
  private static final long MAX_DURING_ALARM = 1L << 20;

  private final LoopStore store;
  private final Blocking blocking;
  private final ReadGate gate;
  private final Input input;
  private long arrived;

  Uploads(LoopStore store, Blocking blocking, ReadGate gate, Input input) {
    this.store = store;
    this.blocking = blocking;
    this.gate = gate;
    this.input = input;
  }

  /** So much more of an unfinished body is here, or, when negative, so much is in one no longer. */
  void arrived(long octets) {
    arrived += octets;
    if (octets > 0 && arrived >= MAX_DURING_ALARM && blocking.publishesWait()) {
      gate.uploadWaits(true);
    }
  }

  @Override
  public Upload begin(byte[] properties, long size) {
    return new Incoming(size, new PropertyView(properties).persistent());
  }

  /** One body. It is held from its first piece on; whoever gets it takes that over. */
  private final class Incoming implements Upload {
    private final StoredBodies bodies = store.bodies();
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
      input.usesStore();
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
