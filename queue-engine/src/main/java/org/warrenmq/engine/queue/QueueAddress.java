package org.warrenmq.engine.queue;

import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.message.Message;

/**
 * Where a queue is reached: what routes, consumers and channels hold of it, from its creation on
 * and for as long as they like. Immutable but for who lives there, which is the matter of the
 * queue's room alone: the queue, and after it whoever answers in its place.
 */
public final class QueueAddress {
  private final long id;
  private final LoopStore home;
  private @Nullable Resident resident;

  /** Who acts on what comes to an address, in its room. */
  public interface Resident {
    void accept(QueueCommand command);

    /**
     * A message, also without a command of its own.
     *
     * @param publisher who is told when it is accepted; null when nobody needs to know
     * @param sequence the publisher's number for it, 0 when it wants no confirm
     * @param cost what the publisher's gate is charged with until it is accepted
     */
    void publish(Message message, @Nullable Publisher publisher, long sequence, long cost);
  }

  /**
   * @param id never used for another queue
   * @param home where it lives
   */
  QueueAddress(long id, LoopStore home) {
    this.id = id;
    this.home = home;
  }

  public long id() {
    return id;
  }

  /** The room that opens its mail. */
  public RoomLoop loop() {
    return home.loop();
  }

  public LoopStore home() {
    return home;
  }

  /** From now on somebody else lives here. */
  void moveIn(Resident next) {
    resident = next;
  }

  Resident resident() {
    assert loop().inRoom();
    Resident present = resident;
    if (present == null) {
      throw new IllegalStateException("nobody lives at queue " + id);
    }
    return present;
  }
}
