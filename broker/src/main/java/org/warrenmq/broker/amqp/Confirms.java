package org.warrenmq.broker.amqp;

import io.netty.buffer.ByteBuf;
import org.warrenmq.engine.home.AcceptedBatch;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.loop.RoomLoop;

/**
 * The publisher of a channel in confirm mode: takes what queues say of its publishes, and tells the
 * client at the end of the turn. Runs on the connection's loop.
 */
final class Confirms implements Publisher, TurnOutput.Confirming {
  private final Session session;
  private final Replies channel;
  private final ConfirmTracker tracker;

  Confirms(Session session, Replies channel) {
    this.session = session;
    this.channel = channel;
    tracker = new ConfirmTracker(channel::grow);
  }

  /**
   * Numbers a publish.
   *
   * @param queues how many queues must accept it; none for an unroutable one, which is confirmed
   */
  long published(int queues) {
    return tracker.published(queues);
  }

  @Override
  public RoomLoop loop() {
    return session.loop();
  }

  @Override
  public void accepted(AcceptedBatch batch) {
    session.gate().release(batch.cost());
    if (channel.isOpen()) {
      for (int i = 0; i < batch.count(); i++) {
        if (batch.isRejected(i)) {
          tracker.rejected(batch.sequence(i));
        } else {
          tracker.accepted(batch.sequence(i));
        }
      }
      writeAtTurnEnd();
    }
  }

  void writeAtTurnEnd() {
    session.output().confirmAtTurnEnd(this);
  }

  /** Writes what there is now. */
  void write() {
    session.output().writeConfirms(this);
  }

  @Override
  public void writeConfirms(ByteBuf out) {
    if (channel.isOpen()) {
      tracker.writeAcks(out, channel.number());
    }
  }
}
